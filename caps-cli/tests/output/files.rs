//! Files, and what is none.

use super::{BASELINE, Writing, is_root};
use crate::support::Run;
use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The user `nobody`, or whoever; it owns nothing else here.
const SOMEBODY: u32 = 65_534;

#[track_caller]
fn run(command: &mut Command) -> Run {
    Run::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

#[track_caller]
fn written(writing: &Writing, name: &str) {
    assert_eq!(run(&mut writing.command(name)).output(), "");
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_link_stays_and_its_target_is_written() {
    let writing = Writing::new();
    let old = writing.scratch.file("old", "longer than what is written ".repeat(99).as_str());
    let inode = fs::metadata(&old).unwrap().ino();
    for (link, target) in [("link", "old"), ("second", "link"), ("dangling", "new")] {
        let link = writing.scratch.path(link);
        symlink(target, &link).unwrap();
        written(&writing, link.rsplit('/').next().unwrap());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read(&link), BASELINE);
    }
    assert_eq!(fs::metadata(&old).unwrap().ino(), inode);
    assert_eq!(writing.names(), ["dangling", "link", "new", "old", "second"]);
}

#[test]
fn a_link_to_a_descriptor_reaches_it() {
    let writing = Writing::new();
    symlink("/proc/self/fd/1", writing.scratch.path("out")).unwrap();
    assert_eq!(run(&mut writing.command("out")).output(), BASELINE);
    assert!(fs::symlink_metadata(writing.scratch.path("out")).unwrap().is_symlink());
}

#[test]
fn a_pipe_waits_for_its_reader() {
    let writing = Writing::new();
    let pipe = writing.scratch.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut writer = writing.command("pipe").spawn().unwrap();
    thread::sleep(Duration::from_millis(50));
    assert!(writer.try_wait().unwrap().is_none(), "nobody reads yet");
    let mut text = String::new();
    File::open(&pipe).unwrap().read_to_string(&mut text).unwrap();
    assert!(writer.wait().unwrap().success());
    assert_eq!(text, BASELINE);
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn what_cannot_be_written_stays_and_is_named() {
    let writing = Writing::new();
    let _listener = UnixListener::bind(writing.scratch.path("socket")).unwrap();
    fs::create_dir(writing.scratch.path("directory")).unwrap();
    symlink("loop", writing.scratch.path("loop")).unwrap();
    let refused = ["socket", "directory", "directory/.", "loop", "missing/x.xml", "new/", "new/."];
    for name in refused {
        let failure = run(&mut writing.command(name)).failure();
        assert!(writing.scratch.plain(&failure).starts_with(&format!("{name}: ")), "{failure}");
    }
    assert_eq!(writing.names(), ["directory", "loop", "socket"]);
    let socket = fs::symlink_metadata(writing.scratch.path("socket")).unwrap();
    assert!(socket.file_type().is_socket());
}

#[test]
fn a_replaced_file_keeps_its_mode_and_attributes() {
    let writing = Writing::new();
    let file = writing.scratch.file("file", "old");
    let inode = fs::metadata(&file).unwrap().ino();
    fs::set_permissions(&file, Permissions::from_mode(0o751)).unwrap();
    let has_attributes = xattr::set(&file, "user.note", b"kept").is_ok();
    let _held = File::open(&file).unwrap();
    written(&writing, "file");
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!((read(&file).as_str(), metadata.mode() & 0o7777), (BASELINE, 0o751));
    assert_ne!(metadata.ino(), inode, "it was not replaced as a whole");
    if has_attributes {
        assert_eq!(xattr::get(&file, "user.note").unwrap().as_deref(), Some(b"kept".as_slice()));
    }
    assert_eq!(writing.names(), ["file"]);
}

#[test]
fn a_new_file_has_the_mode_that_the_umask_leaves() {
    let writing = Writing::new();
    let words = writing.words("file");
    let script = "umask 027; exec \"$0\" \"$@\"";
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_caps")]).args(words);
    assert_eq!(run(&mut shell).output(), "");
    let file = writing.scratch.path("file");
    assert_eq!((read(&file).as_str(), fs::metadata(&file).unwrap().mode()), (BASELINE, 0o100_640));
}

#[test]
fn all_names_of_a_file_have_the_new_text() {
    let writing = Writing::new();
    let file = writing.scratch.file("file", "old");
    fs::hard_link(&file, writing.scratch.path("other")).unwrap();
    written(&writing, "file");
    assert_eq!(
        (read(&file), read(&writing.scratch.path("other"))),
        (BASELINE.into(), BASELINE.into())
    );
}

#[test]
fn a_replaced_file_keeps_its_owner() {
    if !is_root() {
        return eprintln!("skipped: only root can write files of others");
    }
    let writing = Writing::new();
    let file = writing.scratch.file("file", "old");
    chown(&file, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o4640)).unwrap();
    written(&writing, "file");
    let metadata = fs::metadata(&file).unwrap();
    let owner = (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777);
    assert_eq!((owner, read(&file).as_str()), ((SOMEBODY, SOMEBODY, 0o4640), BASELINE));
}

/// Neither the file's owner nor the directory's lets a new file take its place.
#[test]
fn what_cannot_be_replaced_is_written_in_place() {
    if !is_root() {
        return eprintln!("skipped: only root can run the program as somebody else");
    }
    let writing = Writing::new();
    let file = writing.scratch.file("file", "old");
    let inode = fs::metadata(&file).unwrap().ino();
    let directory = writing.scratch.path("");
    let input = writing.input.path("");
    fs::set_permissions(input, Permissions::from_mode(0o755)).unwrap();
    // Of the file's mode, the directory's, and whether it can be written.
    for (of_file, of_directory, can) in
        [(0o666, 0o777, true), (0o666, 0o755, true), (0o666, 0o1777, true), (0o644, 0o777, false)]
    {
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(of_file)).unwrap();
        fs::set_permissions(&directory, Permissions::from_mode(of_directory)).unwrap();
        let run = run(writing.command("file").uid(SOMEBODY).gid(SOMEBODY));
        assert_eq!(run.status, i32::from(!can), "{of_file:o} in {of_directory:o}: {}", run.stderr);
        let metadata = fs::metadata(&file).unwrap();
        let whose = (metadata.uid(), metadata.mode() & 0o7777, metadata.ino());
        assert_eq!(whose, (0, of_file, inode), "{of_file:o} in {of_directory:o}");
        assert_eq!(read(&file), if can { BASELINE } else { "old" });
        assert_eq!(writing.names(), ["file"]);
    }
}
