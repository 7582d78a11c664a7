//! `/proc/stat`: the time that CPUs spent.

use super::int::leading_decimal;
use super::line::{c_string, trim_start};

/// Time of a CPU, or of all together, in ticks of a hundredth of a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTicks {
    /// `user` and `nice`.
    pub user: u64,
    /// `system`, `irq` and `softirq`.
    pub kernel: u64,
    /// `idle`
    pub idle: u64,
    /// `iowait`
    pub iowait: u64,
}

/// The times on this line, if it is that of `cpu`; without a number, of all CPUs together.
pub fn cpu_ticks(line: &[u8], cpu: Option<u32>) -> Option<CpuTicks> {
    let rest = c_string(line).strip_prefix(b"cpu")?;
    let mut rest = match (leading_decimal(rest), cpu) {
        (None, None) => rest,
        (Some((number, rest)), Some(cpu)) if number == cpu.into() => rest,
        _ => return None,
    };
    let mut ticks = [0; 7];
    for tick in &mut ticks {
        (*tick, rest) = leading_decimal(trim_start(rest))?;
    }
    let [user, nice, system, idle, iowait, irq, softirq] = ticks;
    let sum = |parts: &[u64]| parts.iter().fold(0, |sum: u64, part| sum.saturating_add(*part));
    Some(CpuTicks { user: sum(&[user, nice]), kernel: sum(&[system, irq, softirq]), idle, iowait })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn a_line_is_of_one_cpu_or_of_all() {
        let all = b"cpu  118897 28147 40517 285311 1451 1 254 115 0 0";
        let ticks = CpuTicks { user: 147_044, kernel: 40_772, idle: 285_311, iowait: 1451 };
        assert_eq!(cpu_ticks(all, None), Some(ticks));
        assert_eq!(cpu_ticks(all, Some(0)), None);
        let first = b"cpu10 1 2 3 4 5 6 7 8 9 10";
        let ticks = CpuTicks { user: 3, kernel: 16, idle: 4, iowait: 5 };
        assert_eq!(cpu_ticks(first, Some(10)), Some(ticks));
        assert_eq!((cpu_ticks(first, Some(1)), cpu_ticks(first, None)), (None, None));
        assert_eq!((cpu_ticks(b"cpu 1 2 3", None), cpu_ticks(b"intr 1", None)), (None, None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_times_or_none(bytes: Vec<u8>) {
            let line = [b"cpu".as_slice(), &bytes].concat();
            let _ = (cpu_ticks(&line, None), cpu_ticks(&line, Some(1)), cpu_ticks(&bytes, None));
        }
    }
}
