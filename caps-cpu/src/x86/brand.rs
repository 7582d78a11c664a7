//! The name that the maker gave the processor, for people.
use crate::source::CpuidSource;
use crate::x86::walk::EXTENDED;

const LEAVES: u32 = 3;
const BYTES: usize = 48;

/// The brand string of leaves 0x80000002 to 0x80000004. libvirt does not use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brand([u8; BYTES]);

impl Brand {
    /// The brand of `source`; `None` where it has not these leaves or says nothing there.
    pub fn read<S: CpuidSource + ?Sized>(source: &S) -> Option<Self> {
        let first = EXTENDED + 2;
        if source.cpuid(EXTENDED, 0).eax < first + LEAVES - 1 {
            return None;
        }
        let mut brand = Self([0; BYTES]);
        for (leaf, bytes) in (first..).zip(brand.0.chunks_exact_mut(BYTES / LEAVES as usize)) {
            let registers = source.cpuid(leaf, 0);
            let words = [registers.eax, registers.ebx, registers.ecx, registers.edx];
            for (four, word) in bytes.chunks_exact_mut(4).zip(words) {
                four.copy_from_slice(&word.to_le_bytes());
            }
        }
        Some(brand).filter(|brand| !brand.name().is_empty())
    }

    /// Its text: what stands before the first byte that is not printable ASCII, without blanks around it.
    #[must_use]
    pub fn name(&self) -> &str {
        let printable = self.0.iter().take_while(|byte| matches!(byte, b' '..=b'~')).count();
        let text = self.0.get(..printable).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default().trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Registers;

    fn brand(max: u32, text: &[u8; BYTES]) -> Option<Brand> {
        let word = |at: usize| u32::from_le_bytes(text[at..at + 4].try_into().unwrap());
        let source = |leaf: u32, _| match (leaf - EXTENDED) as usize {
            0 => Registers { eax: max, ..Registers::default() },
            nth => {
                let at = (nth - 2) * 16;
                Registers {
                    eax: word(at),
                    ebx: word(at + 4),
                    ecx: word(at + 8),
                    edx: word(at + 12),
                }
            }
        };
        Brand::read(&source)
    }

    #[test]
    fn blanks_and_zeros_around_it_are_no_part_of_it() {
        let text = b"      Intel(R) Xeon(R) CPU @ 3.00GHz\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(text.len(), BYTES);
        let brand = |max| brand(max, text);
        assert_eq!(brand(0x8000_0008).unwrap().name(), "Intel(R) Xeon(R) CPU @ 3.00GHz");
        assert_eq!(brand(0x8000_0003), None);
    }

    #[test]
    fn nothing_printable_is_no_brand() {
        assert_eq!(brand(u32::MAX, &[0; BYTES]), None);
        assert_eq!(brand(u32::MAX, &[0xff; BYTES]), None);
    }
}
