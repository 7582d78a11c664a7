//! This machine's document, compared with the libvirt that is installed: the host part, and then all of it.
//!
//! A libvirtd of its own is started in namespaces of its own: it sees a configuration with a host UUID, and a `/dev/kvm` that
//! everybody may open; its state goes to memory, and nothing of it is left. What is known to differ between versions is masked.

use caps_tests::caps;
use caps_tests::difference::assert_same;
use caps_tests::place::has_program;
use caps_tests::program::run;
use std::fs;
use std::process::Command;
use std::time::Duration;

/// Asking a machine full of emulators takes libvirt ten seconds, where it has the machine for itself.
const LIMIT: Duration = Duration::from_secs(600);

/// Prints both documents to `$1`; `$2` is the program, with the arguments behind `$3`, which is the daemon's `PATH`. Both see
/// the same files, and the system bus if there is one.
const BOTH: &str = r#"
set -e
place="$1" program="$2" daemon_path="$3"
shift 3
mkdir "$place/bus"
if [ -d /run/dbus ]; then mount --bind /run/dbus "$place/bus"; fi
mount -t tmpfs tmpfs /run
mkdir /run/dbus /run/libvirt /run/conf
mount --bind "$place/bus" /run/dbus
for state in /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
  if [ -d $state ]; then mount -t tmpfs tmpfs $state; fi
done
if [ -f /etc/libvirt/qemu.conf ]; then cp /etc/libvirt/qemu.conf /run/conf; fi
printf '%s\n' 'host_uuid = "00112233-4455-6677-8899-aabbccddeeff"' 'auth_unix_rw = "none"' \
  'unix_sock_group = "root"' > /run/conf/libvirtd.conf
mount --bind /run/conf /etc/libvirt
if mknod /run/kvm c 10 232 && : 2> /dev/null < /run/kvm; then
  chmod 666 /run/kvm
  mount --bind /run/kvm /dev/kvm
fi
libvirtd=$(command -v libvirtd)
PATH="$daemon_path" "$libvirtd" -t 10 > "$place/log" 2>&1 &
for attempt in $(seq 100); do
  if timeout 300 virsh -q -c qemu:///system capabilities > "$place/theirs.xml" 2>> "$place/log"; then break; fi
  sleep 0.1
done
"$program" "$@" > "$place/ours.xml"
"#;

/// The documents of libvirt, which looks for emulators along `path`, and of the program. `None` where there is no libvirt, or
/// where it cannot be started.
fn both(path: &str, arguments: &[&str]) -> Option<[String; 2]> {
    let programs = ["libvirtd", "virsh", "unshare", "mount", "timeout"];
    if !programs.into_iter().all(has_program) {
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    command.args(["--propagation", "private", "sh", "-c", BOTH, "live"]);
    command.arg(directory.path()).arg(caps!().get_program()).arg(path).args(arguments);
    let ended = run(&mut command, LIMIT);
    let said = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap_or_default();
    let theirs = said("theirs.xml");
    if !theirs.contains("</host>") {
        eprintln!("skipped: libvirtd does not start here: {}{}", ended.stderr, said("log"));
        return None;
    }
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    Some([theirs, said("ours.xml")])
}

#[test]
fn the_host_part_is_the_installed_libvirts() {
    let Some([theirs, ours]) = both("/nowhere", &["--no-guests"]) else { return };
    assert!(ours.contains("<uuid>00112233-4455-6677-8899-aabbccddeeff</uuid>"), "{ours}");
    assert_same("this host", masked(&theirs).as_bytes(), masked(&ours).as_bytes());
}

#[test]
fn the_document_is_the_installed_libvirts() {
    let path = std::env::var("PATH").unwrap();
    let Some([theirs, ours]) = both(&path, &["--no-cache"]) else { return };
    let documents = [&theirs, &ours].map(|document| masked(document) + &guests(document));
    assert_same("this host and its guests", documents[0].as_bytes(), documents[1].as_bytes());
    println!("{} guests are the same", guests(&ours).matches("  <guest>\n").count());
}

/// Architectures whose machines libvirt 9.0 puts another one in front of.
const OTHER_MACHINE_FIRST: [&str; 6] =
    ["armv6l", "armv7l", "armv7b", "aarch64", "riscv32", "riscv64"];

/// The guests without what depends on the version: those of loongarch64, which 9.0 does not know, external snapshots, and for
/// some which of the machines comes first.
fn guests(document: &str) -> String {
    let (_, guests) = document.split_once("  </host>\n").unwrap();
    let blocks = guests.split_inclusive("  </guest>\n");
    let blocks = blocks.filter(|block| !block.contains("<arch name='loongarch64'>"));
    blocks.map(masked_guest).collect::<String>().trim_end().to_owned()
}

fn masked_guest(block: &str) -> String {
    let lines = block.split_inclusive('\n').filter(|line| !line.contains("<externalSnapshot/>"));
    let mut lines: Vec<_> = lines.collect();
    let is_machine = |line: &&str| line.starts_with("      <machine");
    let arch = |arch: &&str| block.contains(&format!("<arch name='{arch}'>"));
    if OTHER_MACHINE_FIRST.iter().any(arch) {
        let first = lines.iter().position(is_machine).unwrap_or(0);
        let count = lines[first..].iter().take_while(|line| is_machine(line)).count();
        lines[first..first + count].sort_unstable();
    }
    lines.concat()
}

/// The host part without what depends on the version.
fn masked(document: &str) -> String {
    let host = document.split_inclusive("  </host>\n").next().unwrap_or_default();
    let host = without_blocks(host, "      <bank ", "level='2'", "      </bank>\n");
    let host = without_blocks(&host, "    <energy>", "", "    </energy>\n");
    let lines = host.split_inclusive('\n').filter(|line| !is_of_the_cpu_tables(line));
    lines.map(without_clusters).collect()
}

/// Model and features come from tables that differ.
fn is_of_the_cpu_tables(line: &str) -> bool {
    line.starts_with("      <model>") || line.starts_with("      <feature name='")
}

fn without_clusters(line: &str) -> String {
    let cut = |line: &str, name: &str| match line.split_once(name) {
        Some((before, rest)) => {
            before.to_owned() + rest.split_once('\'').map_or("", |(_, after)| after)
        }
        None => line.to_owned(),
    };
    cut(&cut(line, " clusters='"), " cluster_id='")
}

/// Without the elements whose first line begins with `start` and has `mark`, as far as `end` where they are not empty.
fn without_blocks(text: &str, start: &str, mark: &str, end: &str) -> String {
    let (mut kept, mut skipping) = (String::new(), false);
    for line in text.split_inclusive('\n') {
        let begins = line.starts_with(start) && line.contains(mark);
        if !begins && !skipping {
            kept.push_str(line);
        }
        skipping = (skipping || begins && !line.ends_with("/>\n")) && line != end;
    }
    kept
}

#[test]
fn masks_take_what_they_say() {
    let text = "      <bank id='0' level='2' cpus='0'/>\n      <bank level='3'/>\n      <bank level='2'>\n        \
                <control/>\n      </bank>\n    <energy>\n      x\n    </energy>\n      <topology dies='1' \
                clusters='1' cores='2'/>\n  </host>\n\n</capabilities>\n";
    assert_eq!(
        masked(text),
        "      <bank level='3'/>\n      <topology dies='1' cores='2'/>\n  </host>\n"
    );
}
