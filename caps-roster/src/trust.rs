//! Which files of a cache are believed: the one rule, for whoever writes them and whoever reads them.

use core::fmt;

/// Reason not to use a file of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// It is a directory, a link, a FIFO or a device.
    NotRegular,
    /// It belongs to neither this user nor root.
    Foreign {
        /// The number of the user that it belongs to.
        owner: u32,
    },
    /// Its mode lets its group or everybody write it.
    Writable,
}

const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Checks that nobody but root and `user` can have written a file that has this `mode`, with the bits of its type, and this
/// `owner`.
///
/// # Errors
/// Returns the reason not to use the file.
pub const fn verify_owner(mode: u32, owner: u32, user: u32) -> Result<(), Untrusted> {
    if mode & TYPE != REGULAR {
        return Err(Untrusted::NotRegular);
    }
    if owner != 0 && owner != user {
        return Err(Untrusted::Foreign { owner });
    }
    if mode & WRITABLE_BY_OTHERS != 0 {
        return Err(Untrusted::Writable);
    }
    Ok(())
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRegular => f.write_str("not a regular file"),
            Self::Foreign { owner } => write!(f, "it belongs to the user {owner}"),
            Self::Writable => f.write_str("others may write it"),
        }
    }
}

impl core::error::Error for Untrusted {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_root_and_of_the_user_are_trusted() {
        assert_eq!(verify_owner(0o100_644, 0, 7), Ok(()));
        assert_eq!(verify_owner(0o100_600, 7, 7), Ok(()));
        assert_eq!(verify_owner(0o100_644, 7, 0), Err(Untrusted::Foreign { owner: 7 }));
        assert_eq!(verify_owner(0o100_644, 8, 7), Err(Untrusted::Foreign { owner: 8 }));
        for writable in [0o100_620, 0o100_602] {
            assert_eq!(verify_owner(writable, 0, 0), Err(Untrusted::Writable));
        }
        for other in [0o010_600, 0o040_700, 0o120_600, 0o140_600, 0o020_600] {
            assert_eq!(verify_owner(other, 0, 0), Err(Untrusted::NotRegular));
        }
    }
}
