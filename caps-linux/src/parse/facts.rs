//! The `facts` file of a recorded host.

use super::int::decimal;
use super::line::{c_lines, trim};
use crate::dbus::{Answer, Answers};
use crate::facts::Facts;
use crate::sys::TscFacts;

/// A line of a facts file, from 1, whose value is not of its name's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FactsError {
    /// The line, from 1.
    pub line: u32,
}

/// Reads a facts file: `name value` lines. `#` begins a comment; unknown names are ignored.
///
/// # Errors
/// [`FactsError`] for the first line that cannot be read.
pub fn facts(text: &[u8]) -> Result<Facts<'_>, FactsError> {
    let mut reader = Reader::default();
    for (line, number) in c_lines(text).zip(1..) {
        reader.line(trim(line)).ok_or(FactsError { line: number })?;
    }
    Ok(reader.facts())
}

#[derive(Default)]
struct Reader<'a> {
    facts: Facts<'a>,
    phys_pages: u64,
    kvm: Option<bool>,
    tsc_khz: Option<u64>,
    tsc_control: u64,
    logind: Option<Answers>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a [u8]) -> Option<()> {
        if line.is_empty() || line.starts_with(b"#") {
            return Some(());
        }
        let name = line.iter().take_while(|byte| !matches!(byte, b' ' | b'\t')).count();
        let (name, value) = line.split_at_checked(name)?;
        self.fact(name, trim(value))
    }

    fn fact(&mut self, name: &[u8], value: &'a [u8]) -> Option<()> {
        match name {
            b"machine" => self.facts.machine = core::str::from_utf8(value).ok()?,
            b"page_size" => self.facts.page_bytes = decimal(value)?,
            b"phys_pages" => self.phys_pages = decimal(value)?,
            b"numa" => self.facts.numa = yes_or_no(value)?,
            b"kvm_tsc_khz" => self.tsc_khz = Some(decimal(value)?),
            b"kvm_tsc_control" => self.tsc_control = decimal(value)?,
            b"hwcap" => self.facts.hwcap = Some(decimal(value)?),
            b"kvm" => self.kvm = Some(yes_or_no(value)?),
            b"logind_suspend" => self.logind().suspend = Answer::new(value),
            b"logind_hibernate" => self.logind().hibernate = Answer::new(value),
            b"logind_hybrid_sleep" => self.logind().hybrid_sleep = Answer::new(value),
            b"privileged" => self.facts.privileged = yes_or_no(value)?,
            b"path" => self.facts.path = value,
            b"random_uuid" => self.facts.random_uuid = Some(super::uuid::uuid(value).ok()?),
            b"config_dir" => self.facts.config_dir = value,
            _ => {}
        }
        Some(())
    }

    fn logind(&mut self) -> &mut Answers {
        self.logind.get_or_insert_default()
    }

    fn facts(self) -> Facts<'a> {
        let tsc = self.tsc_khz.map(|khz| TscFacts { khz, control: self.tsc_control });
        let physical_bytes = self.phys_pages.saturating_mul(self.facts.page_bytes);
        Facts {
            tsc,
            kvm: self.kvm.unwrap_or(tsc.is_some()),
            physical_bytes,
            logind: self.logind,
            ..self.facts
        }
    }
}

fn yes_or_no(value: &[u8]) -> Option<bool> {
    match value {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn facts_are_read() {
        let text = b"# a host\nmachine x86_64\npage_size 4096\nphys_pages 3\nnuma yes\nkvm_tsc_khz 7\nnew thing\npath /bin\n";
        let facts = facts(text).unwrap();
        assert_eq!(
            (facts.machine, facts.page_bytes, facts.physical_bytes),
            ("x86_64", 4096, 12288)
        );
        assert_eq!(
            (facts.tsc, facts.kvm, facts.numa),
            (Some(TscFacts { khz: 7, control: 0 }), true, true)
        );
        assert_eq!((facts.path, facts.privileged, facts.logind), (b"/bin".as_slice(), false, None));
    }

    #[test]
    fn kvm_can_be_said() {
        assert!(!facts(b"kvm_tsc_khz 7\nkvm no\n").unwrap().kvm);
        assert!(facts(b"kvm yes\n").unwrap().kvm);
    }

    #[test]
    fn padding_is_no_fact() {
        assert!(facts(b"numa yes\n\0\0\0").unwrap().numa);
        assert!(facts(b"numa yes\0").unwrap().numa);
    }

    #[test]
    fn a_bad_line_is_named() {
        assert_eq!(facts(b"numa yes\nnuma maybe\n").unwrap_err(), FactsError { line: 2 });
        assert_eq!(facts(b"page_size many").unwrap_err(), FactsError { line: 1 });
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let _ = facts(&bytes).is_ok();
        }
    }
}
