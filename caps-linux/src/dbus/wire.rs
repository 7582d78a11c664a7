//! What all parts share: byte order, alignment, and keeping the beginning of a run of bytes.

/// Byte order of a message, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

impl Endian {
    /// `l` or `B`; nothing else is a D-Bus message.
    pub(super) const fn new(mark: u8) -> Option<Self> {
        match mark {
            b'l' => Some(Self::Little),
            b'B' => Some(Self::Big),
            _ => None,
        }
    }

    pub(super) const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// Bytes between `pos` and the next multiple of `align`, which is a power of two.
pub(super) const fn padding(pos: usize, align: usize) -> usize {
    pos.wrapping_neg() & align.saturating_sub(1)
}

/// Takes up to `n` bytes off the front of `input`.
pub(super) fn take<'a>(input: &mut &'a [u8], n: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at_checked(n).unwrap_or((*input, &[]));
    *input = rest;
    taken
}

/// The first `N` bytes of a run, and how long the whole run is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Gathered<N> {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    pub(super) fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = byte;
        }
        self.len = self.len.saturating_add(1);
    }

    pub(super) fn extend(&mut self, bytes: impl IntoIterator<Item = u8>) {
        bytes.into_iter().for_each(|byte| self.push(byte));
    }

    pub(super) const fn clear(&mut self) {
        self.len = 0;
    }

    /// Bytes pushed, kept or not.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// What is kept: the whole run or its first `N` bytes.
    pub(super) fn kept(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }

    /// Whether the whole run equals `bytes`.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        self.len <= N && self.kept() == bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endian() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(Endian::new(b'l').unwrap().u32(bytes), 0x0403_0201);
        assert_eq!(Endian::new(b'B').unwrap().u32(bytes), 0x0102_0304);
        assert_eq!(Endian::new(b'b'), None);
    }

    #[test]
    fn padding_reaches_the_next_multiple() {
        let to_eight = |pos| padding(pos, 8);
        assert_eq!([0, 1, 7, 8, 9, usize::MAX].map(to_eight), [0, 7, 1, 0, 7, 1]);
        assert_eq!(padding(5, 1), 0);
    }

    #[test]
    fn take_gives_what_there_is() {
        let mut input: &[u8] = b"abc";
        assert_eq!(take(&mut input, 2), b"ab");
        assert_eq!(take(&mut input, 2), b"c");
        assert_eq!(take(&mut input, 2), b"");
    }

    #[test]
    fn a_long_run_is_counted_and_cut() {
        let mut run = Gathered::<3>::new();
        run.extend(*b"abc");
        assert!(run.is(b"abc"));
        run.push(b'd');
        assert_eq!((run.kept(), run.len()), (&b"abc"[..], 4));
        assert!(!run.is(b"abc"));
        run.clear();
        assert!(run.is(b""));
    }
}
