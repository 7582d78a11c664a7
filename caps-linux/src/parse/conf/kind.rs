//! The kinds of value that settings have.

use core::fmt;

/// The kind of value that libvirt accepts for a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Kind {
    /// 0 or 1.
    Flag,
    /// A number without `-`.
    Unsigned,
    /// Any number.
    Number,
    /// A string.
    Text,
    /// A list of strings.
    List,
    /// A string or a list of strings.
    TextOrList,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "0 or 1",
            Self::Unsigned => "a number that is not negative",
            Self::Number => "a number",
            Self::Text => "a string in quotes",
            Self::List => "a list of strings",
            Self::TextOrList => "a string or a list of strings",
        })
    }
}

/// A value as far as its kind depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Number { negative: bool, value: u64 },
    List { of_strings: bool },
}

impl Kind {
    pub(super) const fn admits(self, shape: Shape) -> bool {
        match (self, shape) {
            (Self::Flag, Shape::Number { negative: false, value }) => value <= 1,
            (Self::Unsigned, Shape::Number { negative, .. }) => !negative,
            (Self::Number, Shape::Number { .. }) | (Self::Text | Self::TextOrList, Shape::Text) => {
                true
            }
            (Self::List | Self::TextOrList, Shape::List { of_strings }) => of_strings,
            _ => false,
        }
    }
}

/// Settings by kind, with a blank between their names.
pub(super) type Kinds = [(Kind, &'static str)];

/// Settings of `libvirtd.conf` that the document depends on.
pub(super) const DAEMON: &Kinds = &[(Kind::Text, "host_uuid host_uuid_source")];

/// Settings of `qemu.conf`, each of which has to be of its kind for the driver to start.
pub(super) const QEMU: &Kinds = &[
    (Kind::TextOrList, "security_driver hugetlbfs_mount"),
    (Kind::Text, TEXTS),
    (Kind::Flag, FLAGS),
    (Kind::List, LISTS),
    (Kind::Number, "keepalive_interval seccomp_sandbox"),
    (Kind::Unsigned, UNSIGNED),
];

const TEXTS: &str = "\
    user group default_tls_x509_cert_dir default_tls_x509_secret_uuid vnc_listen \
    vnc_tls_x509_cert_dir vnc_tls_x509_secret_uuid vnc_password vnc_sasl_dir spice_listen \
    spice_tls_x509_cert_dir spice_password spice_sasl_dir chardev_tls_x509_cert_dir \
    chardev_tls_x509_secret_uuid nbd_tls_x509_cert_dir nbd_tls_x509_secret_uuid \
    migrate_tls_x509_cert_dir migrate_tls_x509_secret_uuid backup_tls_x509_cert_dir \
    backup_tls_x509_secret_uuid save_image_format dump_image_format snapshot_image_format \
    auto_dump_path bridge_helper lock_manager migration_address migration_host stdio_handler \
    memory_backing_dir pr_helper dbus_daemon swtpm_user swtpm_group deprecation_behavior sched_core";

const LISTS: &str = "cgroup_controllers cgroup_device_acl nvram namespaces capability_filters";

const FLAGS: &str = "\
    security_default_confined security_require_confined default_tls_x509_verify vnc_auto_unix_socket \
    vnc_tls vnc_tls_x509_verify vnc_sasl vnc_allow_host_audio spice_tls spice_auto_unix_socket \
    spice_sasl chardev_tls chardev_tls_x509_verify nbd_tls migrate_tls_x509_verify migrate_tls_force \
    backup_tls_x509_verify nographics_allow_host_audio dynamic_ownership remember_owner \
    auto_dump_bypass_cache auto_start_bypass_cache set_process_name dump_guest_core mac_filter \
    relaxed_acs_check log_timestamp virtiofsd_debug";

const UNSIGNED: &str = "\
    remote_display_port_min remote_display_port_max remote_websocket_port_min \
    remote_websocket_port_max max_processes max_files max_threads_per_process max_queued \
    keepalive_count migration_port_min migration_port_max gluster_debug_level";
