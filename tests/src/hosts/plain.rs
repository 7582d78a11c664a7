//! Hosts without a CPU, for what depends on none: UUID and security models.

use super::OwnHost;
use crate::sketch::Sketch;

pub(super) const HOSTS: &[OwnHost] = &[
    OwnHost { name: "selinux", rule: SELINUX, draw: selinux },
    OwnHost { name: "apparmor", rule: APPARMOR, draw: apparmor },
    OwnHost { name: "security-list", rule: SECURITY_LIST, draw: security_list },
    OwnHost { name: "uuid-machine-id", rule: UUID_MACHINE_ID, draw: uuid_machine_id },
    OwnHost { name: "uuid-configured", rule: UUID_CONFIGURED, draw: uuid_configured },
    OwnHost { name: "uuid-partial", rule: UUID_PARTIAL, draw: uuid_partial },
    OwnHost { name: "uuid-zero", rule: UUID_ZERO, draw: uuid_zero },
    OwnHost { name: "uuid-random", rule: UUID_RANDOM, draw: uuid_random },
];

/// What libvirt's package puts into `virtual_domain_context`.
const CONTEXTS: &str = "system_u:system_r:svirt_t:s0\nsystem_u:system_r:svirt_tcg_t:s0\n";

const SELINUX: &str = "\
SELinux is on and its policy is `targeted`: the first line of its contexts is for kvm, the second for qemu. dac follows, in
a privileged daemon; without an account of an emulator it is root's. AppArmor is not looked for: one driver is enough.
";

fn selinux(host: &mut Sketch) {
    host.facts("privileged yes\n")
        .line("sys/fs/selinux/enforce", 1)
        .file("etc/selinux/config", "# policy\nSELINUX=enforcing\nSELINUXTYPE=targeted\n")
        .file("etc/selinux/targeted/contexts/virtual_domain_context", CONTEXTS)
        .file("sys/kernel/security/apparmor/profiles", "libvirtd (enforce)\n");
}

const APPARMOR: &str = "\
A profile names the daemon: complaining is enough. AppArmor has no base labels. The daemon is not privileged: no dac.
";

fn apparmor(host: &mut Sketch) {
    host.facts("").file(
        "sys/kernel/security/apparmor/profiles",
        "snap.curl (enforce)\n/usr/sbin/libvirtd (complain)\nlibvirtd-helper (enforce)\n",
    );
}

const SECURITY_LIST: &str = "\
The list of qemu.conf is the stack, in its order: none, then selinux, whose contexts have one line, which serves for both
labels. The accounts are those of the configuration: a number for the user, a name for the group.
";

fn security_list(host: &mut Sketch) {
    host.facts("privileged yes\n")
        .file(
            "etc/libvirt/qemu.conf",
            "security_driver = [ \"none\",\n  \"selinux\" ] # both\nuser = \"+107\"\ngroup = \"kvm\"\n",
        )
        .file("etc/group", "root:x:0:\nkvm:x:78:somebody\n")
        .line("sys/fs/selinux/enforce", 0)
        .file("etc/selinux/config", "SELINUXTYPE=mls\n")
        .file("etc/selinux/mls/contexts/virtual_domain_context", "system_u:object_r:virt_t:s0\n");
}

const UUID_MACHINE_ID: &str = "\
The configuration asks for the machine id, which has no dashes and a newline. The firmware's is not looked at.
";

fn uuid_machine_id(host: &mut Sketch) {
    host.facts("")
        .file("etc/libvirt/libvirtd.conf", "host_uuid_source = \"machine-id\"\n")
        .line("etc/machine-id", "0123456789abcdef0123456789ABCDEF")
        .line("sys/devices/virtual/dmi/id/product_uuid", "4C4C4544-0051-3610-8052-B4C04F4E3132");
}

const UUID_CONFIGURED: &str = "\
`host_uuid` goes before its source, which may then be anything.
";

fn uuid_configured(host: &mut Sketch) {
    host.facts("").file(
        "etc/libvirt/libvirtd.conf",
        "host_uuid_source = \"nowhere\"\nhost_uuid = \"00112233-4455-6677-8899-aabbccddeeff\"\n",
    );
}

const UUID_PARTIAL: &str = "\
The firmware's UUID ends in a letter that is no digit: what was read before stays, and the half byte with it. It is found
under its second name.
";

fn uuid_partial(host: &mut Sketch) {
    host.facts("random_uuid 0a1220a1-db10-4b09-b5cd-3fbc69fb9c96\n")
        .line("sys/class/dmi/id/product_uuid", "4C4C4544-0051-3610-8052-B4C04F4E313x");
}

const UUID_ZERO: &str = "\
A firmware's UUID of zeros is taken, is none that is printed, and is not replaced by a random one.
";

fn uuid_zero(host: &mut Sketch) {
    host.facts("random_uuid 0a1220a1-db10-4b09-b5cd-3fbc69fb9c96\n")
        .line("sys/devices/virtual/dmi/id/product_uuid", "00000000-0000-0000-0000-000000000000");
}

const UUID_RANDOM: &str = "\
The firmware's UUID has 34 characters: neither file gives 36, and the UUID is a random one.
";

fn uuid_random(host: &mut Sketch) {
    host.facts("random_uuid 0a1220a1-db10-4b09-b5cd-3fbc69fb9c96\n")
        .line("sys/devices/virtual/dmi/id/product_uuid", "4C4C4544-0051-3610-8052-B4C04F4E31");
}
