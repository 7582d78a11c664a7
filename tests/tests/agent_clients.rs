//! libvirt's own clients, unchanged, asked the same of capsd and of a libvirtd on the same machine.
//!
//! capsd sits at the default sockets, where clients look on their own; the daemon at sockets of the test's.

use caps_tests::agent::program;
use caps_tests::caps;
use caps_tests::difference::assert_same;
use caps_tests::libvirtd::beside;
use caps_tests::masks::{guests, masked};
use caps_tests::program::run;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(600);

/// Starts capsd, with its cache filled, and asks each line of `$place/questions` of both, with virsh and then as a whole with
/// Python. `$1` is capsd, `$2` caps. Answers lie in `$place/N.theirs` and `$place/N.ours`, with the exit status behind.
const ASK: &str = r#"
capsd="$1" caps="$2"
"$caps" --cache-dir "$place/cache" > "$place/caps.xml"
"$capsd" --cache "$place/cache" --caps "$caps" 2> "$place/capsd.log" &
agent=$!
for attempt in $(seq 200); do
  if [ -S /run/libvirt/virtqemud-sock-ro ]; then break; fi
  sleep 0.05
done
cd "$place"
ask() {
  for who in theirs ours; do
    uri=qemu:///system
    if [ $who = theirs ]; then uri="$theirs"; fi
    { timeout 100 virsh $3 -c "$uri" $2; echo "status $?"; } > "$1.$who" 2>&1 < /dev/null || true
  done
}
number=0
while read -r question; do
  ask $number "$question" ""
  ask $number-ro "$question" "-r"
  number=$((number + 1))
done < questions
printf '%s\n' hostname nodecpumap 'list --all' quit | virsh -q -c qemu:///system > interactive 2>&1
virsh -q -c 'qemu+unix:///system?socket=/run/libvirt/virtqemud-sock' capabilities > virtqemud 2>&1
if /usr/bin/python3 -c 'import libvirt' 2> /dev/null; then
  for who in theirs ours; do
    uri=qemu:///system
    if [ $who = theirs ]; then uri="$theirs"; fi
    timeout 100 /usr/bin/python3 python "$uri" > "python.$who" 2>&1 || true
  done
fi
kill -TERM $agent
status=0
wait $agent || status=$?
echo $status > ended
ls /run/libvirt > left
"#;

const PYTHON: &str = r#"
import libvirt, sys
for open in (libvirt.open, libvirt.openReadOnly):
    c = open(sys.argv[1])
    print(c.getCapabilities(), end="=====\n")
    info = c.getInfo()
    print(info[:1] + info[2:], c.isAlive(), c.isSecure(), c.isEncrypted(), c.getType(), c.getHostname())
    print(c.getCPUMap(), c.getSecurityModel(), c.listAllDomains(), c.numOfDomains())
    c.close()
"#;

/// A CPU that any host has more than.
const CPU: &str = "<cpu><model>qemu32</model><feature name='fpu'/></cpu>";
/// One that none has.
const NO_CPU: &str = "<cpu><model>qemu32</model><feature name='svm'/><feature name='vmx'/></cpu>";
const HOSTS: &str = "<cpu><arch>x86_64</arch><model>Opteron_G1</model><vendor>AMD</vendor></cpu>";

/// Questions, and how their answers relate.
const QUESTIONS: [(&str, Relation); 26] = [
    ("nodecpumap", Relation::Same),
    ("hostname", Relation::Same),
    ("list --all", Relation::Same),
    ("list", Relation::Same),
    ("version", Relation::Same),
    ("cpu-compare cpu.xml", Relation::Same),
    ("cpu-compare no-cpu.xml", Relation::Same),
    ("cpu-compare no-cpu.xml --error", Relation::Same),
    ("cpu-compare broken.xml", Relation::Refused),
    ("cpu-compare cache.xml", Relation::Refused),
    ("cpu-compare topology.xml", Relation::Refused),
    ("cpu-baseline cpu.xml", Relation::Refused),
    ("cpu-baseline arm.xml", Relation::Same),
    ("cpu-baseline power.xml --features", Relation::Same),
    ("cpu-baseline hosts.xml", Relation::Same),
    ("cpu-baseline hosts.xml --features", Relation::Same),
    ("freecell", Relation::Near),
    ("freecell --all", Relation::Near),
    ("freepages --all", Relation::Near),
    ("nodeinfo", Relation::Near),
    ("nodememstats", Relation::Near),
    ("nodememstats 0", Relation::Near),
    ("nodecpustats", Relation::Near),
    ("dominfo nothing", Relation::Refused),
    ("freecell 99", Relation::Refused),
    ("sysinfo", Relation::Refused),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    /// Every byte.
    Same,
    /// The same words, and numbers that differ as those of a machine at work do.
    Near,
    /// Neither answers.
    Refused,
}

/// Runs all questions; `None` where there is no libvirt that starts.
fn answers() -> Option<TempDir> {
    let directory = tempfile::tempdir().unwrap();
    let questions: String = QUESTIONS.iter().map(|(question, _)| format!("{question}\n")).collect();
    let files = [
        ("questions", &*(questions + "capabilities\nuri\ncpu-models x86_64\n")),
        ("python", PYTHON),
        ("cpu.xml", CPU),
        ("no-cpu.xml", NO_CPU),
        ("broken.xml", "<cpu><model>qemu32</cpu>"),
        ("cache.xml", "<cpu><model>qemu32</model><cache mode='half'/></cpu>"),
        ("topology.xml", "<cpu><model>qemu32</model><topology sockets='0'/></cpu>"),
        ("arm.xml", "<cpu><arch>aarch64</arch><model>a64fx</model></cpu>"),
        ("power.xml", "<cpu><arch>ppc64le</arch><model>POWER9</model></cpu>"),
        ("hosts.xml", HOSTS),
    ];
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    let mut command = beside(ASK, directory.path(), &path)?;
    let ended = run(command.arg(program()).arg(caps!().get_program()), LIMIT);
    if !said(directory.path(), "theirs.xml").contains("</host>") {
        eprintln!("skipped: libvirtd does not start here: {}", ended.stderr);
        return None;
    }
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    Some(directory)
}

fn said(place: &Path, name: &str) -> String {
    fs::read_to_string(place.join(name)).unwrap_or_default()
}

#[test]
fn clients_get_what_libvirtd_says() {
    let Some(directory) = answers() else { return };
    let place = directory.path();
    for (number, (question, relation)) in QUESTIONS.into_iter().enumerate() {
        for mode in ["", "-ro"] {
            let [theirs, ours] =
                ["theirs", "ours"].map(|who| said(place, &format!("{number}{mode}.{who}")));
            related(&format!("{question}{mode}"), relation, &theirs, &ours);
        }
    }
    the_document_is_theirs(place);
    models_are_more_than_theirs(place);
    python_is_told_the_same(place);
    let at = |offset: usize, who: &str| said(place, &format!("{}.{who}", QUESTIONS.len() + offset));
    assert_eq!(at(1, "ours").trim(), "qemu:///system\n\nstatus 0");
    let interactive = said(place, "interactive");
    assert!(interactive.contains("CPUs online:"), "{interactive}");
    assert_eq!(said(place, "ended"), "0\n");
    assert!(!said(place, "left").contains("virtqemud-sock"), "its sockets are gone");
    assert!(said(place, "capsd.log").contains("client: pid "), "who connects is logged");
}

#[track_caller]
fn related(question: &str, relation: Relation, theirs: &str, ours: &str) {
    match relation {
        Relation::Same => assert_same(question, theirs.as_bytes(), ours.as_bytes()),
        Relation::Near => {
            assert!(theirs.ends_with("status 0\n"), "{question}: {theirs}");
            assert!(is_near(theirs, ours), "{question}: {theirs}{ours}");
        }
        Relation::Refused => {
            let both = [theirs, ours].map(|answer| answer.ends_with("status 1\n"));
            assert_eq!(both, [true; 2], "{question}: {theirs} {ours}");
        }
    }
}

/// Runs of digits, and what stands between them. Column widths depend on the numbers.
fn parts(text: &str) -> (Vec<String>, Vec<f64>) {
    let is_digit = |byte: char| byte.is_ascii_digit();
    let words = text.split(is_digit).filter(|word| !word.trim().is_empty());
    let numbers = text.split(|byte| !is_digit(byte)).filter(|digits| !digits.is_empty());
    let words = words.map(|word| word.split_whitespace().collect::<Vec<_>>().join(" "));
    (words.collect(), numbers.map(|digits| digits.parse().unwrap()).collect())
}

/// The same words, and numbers within a half of each other, or within 64 MiB in KiB.
fn is_near(theirs: &str, ours: &str) -> bool {
    let ((their_words, their_numbers), (our_words, our_numbers)) = (parts(theirs), parts(ours));
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 65536.0 || (a / b - 1.0).abs() < 0.5;
    their_words == our_words
        && their_numbers.len() == our_numbers.len()
        && their_numbers.iter().zip(&our_numbers).all(close)
}

fn the_document_is_theirs(place: &Path) {
    let number = QUESTIONS.len();
    let theirs = said(place, "theirs.xml");
    for ours in [format!("{number}.ours"), format!("{number}-ro.ours"), "virtqemud".into()] {
        let ours = said(place, &ours);
        let document = ours.split_once("status ").map_or(&*ours, |(document, _)| document);
        let documents = [&theirs, document].map(|text| masked(text) + &guests(text));
        assert_same("capabilities", documents[0].as_bytes(), documents[1].as_bytes());
    }
    let ours = said(place, &format!("{number}.ours"));
    assert_same(
        "caps",
        said(place, "caps.xml").as_bytes(),
        &ours.as_bytes()[..said(place, "caps.xml").len()],
    );
}

/// Every model that 9.0 names has kept its name.
fn models_are_more_than_theirs(place: &Path) {
    let number = QUESTIONS.len() + 2;
    let [theirs, ours] = ["theirs", "ours"].map(|who| said(place, &format!("{number}.{who}")));
    let ours: Vec<&str> = ours.lines().collect();
    let lost: Vec<&str> = theirs.lines().filter(|model| !ours.contains(model)).collect();
    assert!(theirs.lines().count() > 40 && lost.is_empty(), "{lost:?}");
}

fn python_is_told_the_same(place: &Path) {
    let [theirs, ours] = ["theirs", "ours"].map(|who| said(place, &format!("python.{who}")));
    if theirs.is_empty() && ours.is_empty() {
        return eprintln!("skipped: no python3-libvirt on this machine");
    }
    assert_eq!(ours.matches("=====").count(), 2, "{ours}");
    let outside = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with('[') || line.starts_with('('));
        lines.map(String::from).collect()
    };
    assert_eq!(outside(&theirs).len(), 4, "{theirs}");
    assert_eq!(outside(&theirs), outside(&ours));
    let document = ours.split_once("=====").unwrap().0;
    assert_same("Python", said(place, "caps.xml").as_bytes(), document.as_bytes());
}

#[test]
fn near_is_not_anything() {
    assert!(is_near("a 1000000 b 7\nstatus 0\n", "a 1200000  b 9\nstatus 0\n"));
    for other in ["a 9000000 b 7\nstatus 0\n", "a 1000000 c 7\nstatus 0\n", "a 1000000\n"] {
        assert!(!is_near("a 1000000 b 7\nstatus 0\n", other), "{other}");
    }
}
