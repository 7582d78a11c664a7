//! A libvirtd of its own, in namespaces of its own.
//!
//! It sees a configuration with a host UUID, and a `/dev/kvm` that everybody may open; its state goes to memory, its sockets to a
//! directory of the test's, and nothing of it is left.

use crate::place::has_program;
use std::path::Path;
use std::process::Command;

/// Prepares the namespaces; `$1` is a directory for the test, `$2` the daemon's `PATH`. The daemon and what follows see the
/// same files, and the system bus if there is one. Its socket is `$theirs`.
const PREPARE: &str = r#"
set -e
place="$1" daemon_path="$2"
shift 2
mkdir "$place/bus" "$place/libvirtd"
if [ -d /run/dbus ]; then mount --bind /run/dbus "$place/bus"; fi
mount -t tmpfs tmpfs /run
mkdir /run/dbus /run/libvirt /run/conf
mount --bind "$place/bus" /run/dbus
for state in /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
  if [ -d $state ]; then mount -t tmpfs tmpfs $state; fi
done
if [ -f /etc/libvirt/qemu.conf ]; then cp /etc/libvirt/qemu.conf /run/conf; fi
printf '%s\n' 'host_uuid = "00112233-4455-6677-8899-aabbccddeeff"' 'auth_unix_rw = "none"' \
  'auth_unix_ro = "none"' 'unix_sock_group = "root"' "unix_sock_dir = \"$place/libvirtd\"" \
  > /run/conf/libvirtd.conf
mount --bind /run/conf /etc/libvirt
if mknod /run/kvm c 10 232 && : 2> /dev/null < /run/kvm; then
  chmod 666 /run/kvm
  mount --bind /run/kvm /dev/kvm
fi
theirs="qemu+unix:///system?socket=$place/libvirtd/libvirt-sock"
libvirtd=$(command -v libvirtd)
PATH="$daemon_path" "$libvirtd" -t 10 > "$place/log" 2>&1 &
for attempt in $(seq 100); do
  if timeout 300 virsh -q -c "$theirs" capabilities > "$place/theirs.xml" 2>> "$place/log"; then break; fi
  sleep 0.1
done
"#;

/// A command that runs `script` beside a libvirtd which looks for emulators along `path`. The script finds its own arguments in
/// `$@`, and the daemon's document in `$place/theirs.xml`; `$place` is `place`. `None` where there is no libvirt.
pub fn beside(script: &str, place: &Path, path: &str) -> Option<Command> {
    let programs = ["libvirtd", "virsh", "unshare", "mount", "timeout"];
    if !programs.into_iter().all(has_program) {
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    command.args(["--propagation", "private", "sh", "-c", &[PREPARE, script].concat(), "libvirtd"]);
    command.arg(place).arg(path);
    Some(command)
}
