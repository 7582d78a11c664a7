//! `caps guest`: blocks from recorded replies, and the reasons where there are none.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{Scratch, caps};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/guests");

const GOOD: &str = r#"
{"probe":"first","execute":"query-version","return":{"qemu":{"major":11,"minor":1,"micro":0}}}
{"probe":"first","execute":"query-target","return":{"arch":"sh4"}}
{"probe":"first","execute":"query-kvm","return":{"present":false,"enabled":false}}
{"probe":"first","execute":"qom-list-types","return":[{"name":"tcg-accel"}]}
{"probe":"first","execute":"query-machines","return":[{"name":"r2d","cpu-max":1,"deprecated":true}]}
"#;

/// The guest that [`GOOD`] makes.
fn sh4(path: &str) -> String {
    format!(
        "  <guest>
    <os_type>hvm</os_type>
    <arch name='sh4'>
      <wordsize>32</wordsize>
      <emulator>{path}</emulator>
      <machine maxCpus='1' deprecated='yes'>r2d</machine>
      <domain type='qemu'/>
    </arch>
    <features>
      <cpuselection/>
      <deviceboot/>
      <disksnapshot default='on' toggle='no'/>
      <externalSnapshot/>
    </features>
  </guest>

"
    )
}

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

/// An emulator of sh4 that is a script; it keeps its descriptors in the file `open`.
fn script() -> Scratch {
    let scratch = Scratch::new();
    let answers = GOOD.lines().filter_map(|line| {
        let (_, line) = line.split_once("\"execute\":")?;
        let (id, rest) = line.split_once(',')?;
        Some(format!("echo '{{\"id\":{id},{rest}'\n"))
    });
    let open = scratch.file("open", "");
    let properties = r#"echo '{"id":"qom-list-properties","return":[]}'"#;
    let accelerators = r#"echo '{"id":"query-accelerators","error":{}}'"#;
    let text: String = answers.collect();
    let body = format!("#!/bin/sh\nls /proc/$$/fd > {open}\n{properties}\n{accelerators}\n{text}");
    let path = scratch.file("qemu-system-sh4", &body);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    scratch
}

/// Emulators on `PATH`, asked for real.
#[test]
fn emulators_of_this_host_are_asked() {
    let scratch = script();
    let open = scratch.file("other", "");
    let directory = Path::new(&open).parent().unwrap();
    let run = |arguments: &str| {
        let command = format!("exec {} {arguments} 5<{open}", env!("CARGO_BIN_EXE_caps"));
        let path = format!("{}:/usr/bin:/bin", directory.display());
        let output = Command::new("/bin/sh")
            .args(["-c", &command])
            .env("PATH", path)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let guest = sh4(&format!("{}/qemu-system-sh4", directory.display()));
    assert!(run("guest").contains(&guest));
    let descriptors = fs::read_to_string(directory.join("open")).unwrap();
    let shell_s_own = ["10", "11"];
    let others = descriptors.lines().filter(|number| !shell_s_own.contains(number));
    assert_eq!(others.collect::<Vec<_>>(), ["0", "1", "2"]);
    let document = run("--guests qmp");
    assert!(document.starts_with("<capabilities>\n") && document.contains(&guest));
    let record = directory.join("record");
    run(&format!("record --guests qmp {}", record.display()));
    let replayed = caps(["--guests", "qmp", "--root", record.to_str().unwrap()]).output();
    // Before them is the UUID, which may be random.
    let guests = |document: &str| document.split_once("</host>").unwrap().1.to_owned();
    assert!(guests(&replayed) == guests(&document));
    assert!(run("explain --guests qmp").contains("/qemu-system-sh4"));
}

/// It costs its own guests and one line.
#[test]
fn a_broken_emulator_is_reported() {
    let scratch = script();
    let broken = scratch.file("qemu-system-alpha", "#!/bin/sh\nexit 3\n");
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o755)).unwrap();
    let directory = Path::new(&broken).parent().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caps"));
        command.args(arguments).env("PATH", directory).output().unwrap()
    };
    let reason = "it ended before it had answered: exit status: 3";
    let line = format!("caps: {broken} is left out: {reason}\n");
    for arguments in [["guest", "--guests", "qmp"], ["xml", "--guests", "qmp"]] {
        let output = run(&arguments);
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), line);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("/qemu-system-sh4") && !text.contains("alpha"));
    }
}

#[test]
fn a_recorded_host_starts_nothing() {
    let root = tempfile::tempdir().unwrap();
    let document = || caps(["--guests", "qmp", "--root", root.path().to_str().unwrap()]).output();
    fs::write(root.path().join("facts"), "machine x86_64\npath /opt\n").unwrap();
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
    fs::write(root.path().join("facts"), "machine x86_64\n").unwrap();
    fs::create_dir(root.path().join("qmp")).unwrap();
    let link = root.path().join("qmp/usr%bin%qemu-system-sh4.jsonl");
    std::os::unix::fs::symlink(outside, link).unwrap();
    let run = caps(["--guests", "qmp", "--root", root.path().to_str().unwrap()]);
    assert!(run.failure().contains("/qmp/usr%bin%qemu-system-sh4.jsonl: "));
}
