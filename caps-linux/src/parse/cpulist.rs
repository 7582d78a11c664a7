//! Lists of CPU numbers: `0-3,8,^2`.

use super::int::leading_decimal;
use super::line::trim_start;
use super::mask::{IdMask, MAX_IDS};

/// A list: items `N`, `N-M` or `^N` (which takes N out), comma separated, blanks around them; a comma may end it.
///
/// `None` where it is empty or malformed, or names a CPU that no host has ([`MAX_IDS`]).
pub fn cpulist(text: &[u8]) -> Option<IdMask> {
    let mut mask = IdMask::default();
    let mut rest = trim_start(text);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        rest = match trim_start(item(&mut mask, rest)?) {
            [] => &[],
            [b',', following @ ..] => trim_start(following),
            _ => return None,
        };
    }
    Some(mask)
}

/// Reads one item and returns what follows it.
fn item<'t>(mask: &mut IdMask, text: &'t [u8]) -> Option<&'t [u8]> {
    let (on, text) = text.strip_prefix(b"^").map_or((true, text), |text| (false, text));
    let (first, rest) = number(text)?;
    let Some(behind_dash) = trim_start(rest).strip_prefix(b"-") else {
        mask.set(first, on)?;
        return Some(rest);
    };
    let (last, rest) = number(trim_start(behind_dash))?;
    if !on || last < first {
        return None;
    }
    (first..=last).try_for_each(|cpu| mask.set(cpu, true))?;
    Some(rest)
}

fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = leading_decimal(text)?;
    Some((u32::try_from(number).ok().filter(|&number| number < MAX_IDS)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::String, vec::Vec};

    fn cpus(text: &[u8]) -> Option<Vec<u32>> {
        cpulist(text).map(|mask| mask.iter().collect())
    }

    #[test]
    fn lists_are_read() {
        assert_eq!(cpus(b"0-2,8"), Some([0, 1, 2, 8].into()));
        assert_eq!(cpus(b" 8 , 0 - 2 ,"), Some([0, 1, 2, 8].into()));
        assert_eq!(cpus(b"0-3,^2"), Some([0, 1, 3].into()));
        assert_eq!(cpus(b"^2"), Some([].into()));
        assert_eq!(cpus(b"^2,2"), Some([2].into()));
    }

    #[test]
    fn malformed_lists_are_none() {
        for text in [
            "",
            " ",
            ",",
            "1,,2",
            "3-1",
            "^1-2",
            "-1",
            "1-",
            "a",
            "1 2",
            "1;",
            "16384",
            "0-99999999999",
        ] {
            assert_eq!(cpus(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_list_reads_back(cpus in proptest::collection::btree_set(0..MAX_IDS, 1..40)) {
            let mut mask = IdMask::default();
            cpus.iter().for_each(|&cpu| mask.set(cpu, true).unwrap());
            let items: Vec<String> = mask.runs().map(|run| format!("{}-{}", run.first, run.last)).collect();
            prop_assert!(cpulist(items.join(",").as_bytes()).unwrap().iter().eq(cpus));
        }

        #[test]
        fn any_bytes_are_a_list_or_none(bytes in "[-0-9,^ ]*|.*") {
            let _ = cpulist(bytes.as_bytes());
        }
    }
}
