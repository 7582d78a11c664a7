//! The programs themselves, of which one system call fails: the same bytes, or an error that is told; nothing in between.

use caps_tests::agent;
use caps_tests::caps;
use caps_tests::inject::{Program, contents, warm};
use caps_tests::place::has_program;
use std::path::{Path, PathBuf};

fn program() -> PathBuf {
    caps!().get_program().into()
}

fn nothing(_: &Path) -> Vec<u8> {
    Vec::new()
}

#[test]
fn any_call_of_the_host_part_may_fail() {
    let arguments = &["--no-guests", "--no-cache"];
    assert_same_or_error(&program(), arguments, None, &nothing, usize::MAX);
}

#[test]
fn any_call_of_writing_a_file_may_fail() {
    let arguments = &["--no-guests", "--no-cache", "-o", "{}"];
    assert_same_or_error(&program(), arguments, None, &contents, usize::MAX);
}

/// What can be made of the record is compared: it holds when files were changed, and a random UUID.
#[test]
fn any_call_of_recording_may_fail() {
    let made_again = |record: &Path| {
        let mut again = caps!();
        again.arg("--root").arg(record).arg("--no-guests").output().unwrap().stdout
    };
    let arguments = &["--no-guests", "--no-cache", "record", "{}"];
    assert_same_or_error(&program(), arguments, None, &made_again, 250);
}

#[test]
fn any_call_with_emulators_that_are_known_may_fail() {
    if has_program("strace") {
        let arguments = &["--cache-dir", "{}"];
        let (_kept, known) = warm(&program(), arguments);
        assert_same_or_error(&program(), arguments, Some(&known), &nothing, 250);
    }
}

#[test]
fn any_call_of_the_agent_may_fail() {
    let arguments = &["--no-guests", "--once"];
    assert_same_or_error(agent::program(), arguments, None, &nothing, usize::MAX);
}

fn assert_same_or_error(
    path: &Path,
    arguments: &[&str],
    directory: Option<&Path>,
    written: &(dyn Fn(&Path) -> Vec<u8> + Sync),
    runs: usize,
) {
    if has_program("strace") {
        Program { path, arguments, directory, written, runs }.assert_same_or_error();
    }
}
