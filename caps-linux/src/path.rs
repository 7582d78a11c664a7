//! Paths of the host, made piece by piece.

use core::ffi::CStr;

/// Room for a path and its zero: several times the longest of sysfs. A longer one counts as one that cannot be opened.
const PATH_BYTES: usize = 512;

/// An absolute path of the host, under whatever root it is probed.
#[derive(Clone, Debug)]
pub struct Path {
    /// Zeros behind the text, at least one.
    text: [u8; PATH_BYTES],
    len: usize,
    too_long: bool,
}

impl Path {
    /// The path that `pieces` make one behind the other.
    pub fn new(pieces: &[&dyn Piece]) -> Self {
        let mut path = Self { text: [0; PATH_BYTES], len: 0, too_long: false };
        pieces.iter().for_each(|piece| piece.append_to(&mut path));
        path
    }

    /// For the kernel. `None` where it does not fit or holds a zero.
    pub fn as_c_str(&self) -> Option<&CStr> {
        CStr::from_bytes_until_nul(&self.text).ok().filter(|_| !self.too_long)
    }

    /// The path as it was made, as far as it fits. A fact that is no file goes by its name, without a `/`.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or(&[])
    }

    fn append(&mut self, bytes: &[u8]) {
        let (room, _end) = self.text.split_at_mut(PATH_BYTES - 1);
        let room = room.get_mut(self.len..).and_then(|rest| rest.get_mut(..bytes.len()));
        match room.filter(|_| !bytes.contains(&0)) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.too_long = true,
        }
    }
}

/// A piece of a [`Path`]: text, bytes, or a number in decimal.
pub trait Piece {
    /// Appends the piece.
    fn append_to(&self, path: &mut Path);
}

impl Piece for &str {
    fn append_to(&self, path: &mut Path) {
        path.append(self.as_bytes());
    }
}

impl Piece for &[u8] {
    fn append_to(&self, path: &mut Path) {
        path.append(self);
    }
}

impl Piece for Path {
    fn append_to(&self, path: &mut Path) {
        path.too_long |= self.too_long;
        path.append(self.as_bytes());
    }
}

impl Piece for u32 {
    fn append_to(&self, path: &mut Path) {
        u64::from(*self).append_to(path);
    }
}

impl Piece for u64 {
    fn append_to(&self, path: &mut Path) {
        let (mut digits, mut rest, mut count) = ([0; 20], *self, 0);
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        path.append(digits.get(digits.len() - count..).unwrap_or(&[]));
    }
}

/// A [`Path`] of its pieces: `at!("/sys/devices/system/cpu/cpu", cpu, "/online")`.
macro_rules! at {
    ($($piece:expr),+ $(,)?) => { $crate::path::Path::new(&[$(&$piece),+]) };
}
pub(crate) use at;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_a_path() {
        let path = at!("/sys/cpu", 4_294_967_295_u32, "/", b"online".as_slice());
        assert_eq!(path.as_c_str(), Some(c"/sys/cpu4294967295/online"));
        assert_eq!(at!(path, 0_u32).as_bytes(), b"/sys/cpu4294967295/online0");
    }

    #[test]
    fn a_path_that_does_not_fit_is_none() {
        let long = [b'a'; PATH_BYTES];
        assert_eq!(at!(long.as_slice()).as_c_str(), None);
        assert_eq!(at!(at!(long.as_slice()), "b").as_c_str(), None);
        assert_eq!(at!("a\0b").as_c_str(), None);
    }
}
