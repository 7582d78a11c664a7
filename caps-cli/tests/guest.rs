//! `caps guest`: blocks from recorded replies, and the reasons where there are none.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::doubles::{Doubles, GOOD, sh4};
use support::{Run, Scratch, caps};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/guests");

fn cases() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(CASES) else {
        eprintln!("skipped: no ../shared/cases/guests beside the project");
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn recordings(case: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "jsonl")).collect()
}

#[track_caller]
fn check(case: &Path, arguments: &[&str]) {
    let expected = fs::read_to_string(case.join("expect.xml")).unwrap();
    let run = caps(arguments);
    if expected.is_empty() {
        assert!(run.failure().contains(" is left out: "));
    } else {
        assert!(run.output() == expected, "{}", case.display());
    }
}

#[test]
fn every_shared_case() {
    for case in cases() {
        check(&case, &["guest", "--qmp", case.to_str().unwrap()]);
        if let [file] = recordings(&case).as_slice() {
            let file = file.to_str().unwrap();
            check(&case, &["guest", "--qmp", file]);
            let name = Path::new(file).file_stem().unwrap().to_str().unwrap();
            let binary = format!("/{}", name.replace('%', "/"));
            check(&case, &["guest", "--qmp", file, "--binary", &binary]);
        }
    }
}

#[test]
fn one_recording() {
    let scratch = Scratch::new();
    let file = scratch.file("said", GOOD);
    let guest = |binary: &str| caps(["guest", "--qmp", &file, "--binary", binary]);
    let path = "/opt/q/qemu-system-sh4";
    assert_eq!(guest(path).output(), sh4(path));
    assert_eq!(guest("/opt/./q//x/../qemu-system-sh4").output(), sh4(path));
    let none = "libvirt looks for no emulator of these: /usr/bin/qemu-system-avr";
    assert_eq!(guest("/usr/bin/qemu-system-avr").failure(), none);
    assert_eq!(guest("qemu-system-sh4").failure(), "--binary is no absolute path");
    assert!(caps(["guest", "--qmp", &file]).failure().contains("say --binary PATH"));
    let missing = caps(["guest", "--qmp", "/nowhere/usr%bin%x.jsonl"]).failure();
    assert!(missing.contains("usr%bin%x.jsonl: No such file"), "{missing}");
}

#[test]
fn what_is_rejected_is_reported() {
    let scratch = Scratch::new();
    scratch.file("usr%bin%qemu-system-alpha.jsonl", "silence");
    let directory = scratch.file("README", "");
    let directory = Path::new(&directory).parent().unwrap().to_str().unwrap();
    let alpha = "/usr/bin/qemu-system-alpha is left out: line 1 of what it said is no JSON object";
    assert_eq!(caps(["guest", "--qmp", directory]).failure(), alpha);
    scratch.file("usr%bin%qemu-system-sh4.jsonl", GOOD);
    let run = caps(["guest", "--qmp", directory]);
    assert_eq!((run.status, run.stderr), (0, format!("caps: {alpha}\n")));
    assert_eq!(run.stdout, sh4("/usr/bin/qemu-system-sh4"));
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    assert_eq!(caps(["guest", "--qmp", empty]).failure(), format!("{empty}: no recordings"));
}

#[test]
fn libexec_serves_the_host_alone() {
    let scratch = Scratch::new();
    let file = scratch.file("usr%libexec%qemu-kvm.jsonl", GOOD);
    let on = |arch| caps(["guest", "--qmp", &file, "--host-arch", arch]);
    assert_eq!(on("sh4").output(), sh4("/usr/libexec/qemu-kvm"));
    assert_eq!(on("amd64").output().matches("<guest>").count(), 2);
    assert_eq!(on("vax").status, 2);
}

/// Emulators on `PATH`, asked for real.
#[test]
fn emulators_of_this_host_are_asked() {
    let doubles = Doubles::new();
    let guest = sh4(&doubles.good("qemu-system-sh4"));
    let run = |arguments: &[&str]| doubles.run(arguments).output();
    assert!(run(&["guest", "--no-cache"]).contains(&guest));
    let document = run(&["--no-cache"]);
    assert!(document.starts_with("<capabilities>\n") && document.contains(&guest));
    let record = doubles.path("record");
    run(&["record", &record]);
    let replayed = caps(["--root", &record]).output();
    // Before them is the UUID, which may be random.
    let guests = |document: &str| document.split_once("</host>").unwrap().1.to_owned();
    assert!(guests(&replayed) == guests(&document));
}

/// It is started with standard input and output alone, whatever this process was given.
#[test]
fn descriptors_are_kept() {
    let doubles = Doubles::new();
    doubles.script("qemu-system-sh4", "ls /proc/$$/fd > $mark");
    let caps = env!("CARGO_BIN_EXE_caps");
    let command = format!("exec 5</dev/null; exec {caps} guest --no-cache");
    let mut shell = Command::new("/bin/sh");
    assert_eq!(doubles.prepared(shell.args(["-c", &command])).status().unwrap().code(), Some(1));
    let shell_s_own = ["10", "11"];
    let descriptors = doubles.mark();
    let others = descriptors.lines().filter(|number| !shell_s_own.contains(number));
    assert_eq!(others.collect::<Vec<_>>(), ["0", "1", "2"]);
}

/// It costs its own guests and one line.
#[test]
fn a_broken_emulator_is_reported() {
    let doubles = Doubles::new();
    doubles.good("qemu-system-sh4");
    let broken = doubles.script("qemu-system-alpha", "exit 3");
    let reason = "is left out: it ended before it had answered: exit status: 3";
    let line = format!("caps: {broken} {reason}\n");
    for command in ["guest", "xml"] {
        let run = doubles.run(&[command, "--no-cache"]);
        assert_eq!((run.status, run.stderr), (0, line.clone()));
        assert!(run.stdout.contains("/qemu-system-sh4") && !run.stdout.contains("alpha"));
    }
    let explained = doubles.run(&["explain", "--no-cache"]).output();
    assert!(explained.contains(&format!("odd      1 {broken} {reason}\n")), "{explained}");
    assert!(explained.contains("qemu-system-sh4\n"));
}

/// Not even what leaves its group and its session.
#[test]
fn nothing_is_left_of_it() {
    let doubles = Doubles::new();
    doubles.script(
        "qemu-system-sh4",
        "setsid sh -c 'echo $$ > $1; exec sleep 600' sh $mark & sleep 1",
    );
    doubles.run(&["guest", "--no-cache"]).failure();
    let pid = doubles.mark();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "{pid} is still there");
}

#[test]
fn a_recorded_host_starts_nothing() {
    let root = tempfile::tempdir().unwrap();
    let document = || caps(["--root", root.path().to_str().unwrap()]).output();
    fs::write(
        root.path().join("facts"),
        "machine x86_64\npage_size 4096\nnuma yes\nprivileged no\npath /opt\n",
    )
    .unwrap();
    let none = document();
    assert!(!none.contains("<guest>"));
    fs::create_dir(root.path().join("qmp")).unwrap();
    fs::write(root.path().join("qmp/opt%qemu-system-sh4.jsonl"), GOOD).unwrap();
    let guest = sh4("/opt/qemu-system-sh4");
    let end = "</capabilities>\n";
    assert_eq!(document(), none.replace(end, &format!("{guest}{end}")));
}

/// Nothing outside of the record is read.
#[test]
fn a_recording_that_leads_out_is_not_followed() {
    let scratch = Scratch::new();
    let outside = scratch.file("outside", GOOD);
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("facts"),
        "machine x86_64\npage_size 4096\nnuma yes\nprivileged no\n",
    )
    .unwrap();
    fs::create_dir(root.path().join("qmp")).unwrap();
    let link = root.path().join("qmp/usr%bin%qemu-system-sh4.jsonl");
    std::os::unix::fs::symlink(outside, link).unwrap();
    let run = caps(["--root", root.path().to_str().unwrap()]);
    assert!(run.failure().contains("/qmp/usr%bin%qemu-system-sh4.jsonl: "));
}

#[test]
fn relative_places_of_the_path_are_searched() {
    let doubles = Doubles::new();
    doubles.good("qemu-system-sh4");
    let guest = sh4(&doubles.path("qemu-system-sh4"));
    let inner = Scratch::new();
    for (place, directory) in
        [(".", doubles.path(".")), ("", doubles.path(".")), ("/nowhere:", doubles.path("."))]
    {
        let mut command = doubles.command(&["guest", "--no-cache"]);
        let run = Run::of(command.env("PATH", place).current_dir(directory).spawn().unwrap());
        assert_eq!(run.output(), guest, "{place}");
    }
    let mut command = doubles.command(&["guest", "--no-cache"]);
    command.env("PATH", ".").current_dir(inner.path(""));
    assert!(!Run::of(command.spawn().unwrap()).stdout.contains("<guest>"), "there is none");
}

/// A record has no working directory, so its `PATH` has none of its relative places.
#[test]
fn a_record_has_absolute_places() {
    let doubles = Doubles::new();
    doubles.good("qemu-system-sh4");
    let (record, here) = (doubles.path("record"), doubles.path(""));
    let mut command = doubles.command(&["record", &record]);
    command.env("PATH", "./:/bin").current_dir(&here);
    assert_eq!(Run::of(command.spawn().unwrap()).status, 0);
    let facts = fs::read_to_string(format!("{record}/facts")).unwrap();
    let here = here.trim_end_matches('/');
    assert!(facts.contains(&format!("\npath {here}:/bin\n")), "{facts}");
    assert!(caps(["--root", &record]).output().contains("/qemu-system-sh4</emulator>"));
}
