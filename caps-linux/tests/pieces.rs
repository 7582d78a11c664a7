//! Files that a kernel hands out piece by piece.
#![allow(clippy::unwrap_used)]

use caps_linux::{Path, Root, Tree};
use core::ops::ControlFlow;
use std::fs;

/// The kernel returns about a page of it at each read.
const IN_PIECES: &str = "/proc/kallsyms";

#[test]
fn a_read_fills_the_buffer_where_there_is_as_much() {
    let Ok(whole) = fs::read(IN_PIECES) else { return eprintln!("skipped: no {IN_PIECES}") };
    let mut buffer = [0; 64 << 10];
    let read = Root::live().read(&Path::new(&[&IN_PIECES]), &mut buffer).unwrap();
    assert_eq!(read.len(), whole.len().min(64 << 10));
}

#[test]
fn a_stream_ends_where_the_file_does() {
    let Ok(whole) = fs::read(IN_PIECES) else { return eprintln!("skipped: no {IN_PIECES}") };
    let mut len = 0;
    let read = Root::live().stream(&Path::new(&[&IN_PIECES]), &mut [0; 64 << 10], &mut |chunk| {
        len += chunk.len();
        ControlFlow::Continue(())
    });
    assert_eq!((read, len), (Ok(()), whole.len()));
}

/// The end of a directory is seen without another call on sysfs, and nowhere else.
#[test]
fn a_directory_is_listed_to_its_end() {
    for directory in
        ["/sys/devices/system/cpu", "/sys/kernel", "/sys/class", "/proc/sys/vm", "/usr/bin"]
    {
        let Ok(entries) = fs::read_dir(directory) else { continue };
        let mut names = 0;
        let listed = Root::live().list(&Path::new(&[&directory]), &mut |_| {
            names += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((listed, names), (Ok(()), entries.count()), "{directory}");
    }
}
