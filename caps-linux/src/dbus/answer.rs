//! What logind answers.
use core::fmt;

/// What logind answered to the three questions, in the order in which they are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// `CanSuspend`, for `<suspend_mem/>`.
    pub suspend: Answer,
    /// `CanHibernate`, for `<suspend_disk/>`.
    pub hibernate: Answer,
    /// `CanHybridSleep`, for `<suspend_hybrid/>`.
    pub hybrid_sleep: Answer,
}

/// The word that logind answered: `yes`, `no`, `challenge`, `na`, `inhibited`, or one that came later.
///
/// Up to [`Answer::MAX_LEN`] bytes of ASCII letters, digits, `-` and `_`. Of a longer word the beginning is kept, and any
/// other byte is a `?`, so an answer is one plain word wherever it is written. The default is the empty word.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Answer {
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl Answer {
    /// Most bytes that are kept. The longest word of systemd 257 is `challenge-inhibitor-blocked`, 27 bytes.
    pub const MAX_LEN: usize = 32;

    /// Takes a word as logind sends it.
    ///
    /// ```
    /// use caps_linux::dbus::Answer;
    ///
    /// assert!(Answer::new(b"challenge").is_supported());
    /// assert!(!Answer::new(b"inhibited").is_supported());
    /// assert_eq!(Answer::new(b"not now").as_str(), "not?now");
    /// ```
    pub fn new(word: &[u8]) -> Self {
        let mut answer = Self::default();
        for (slot, byte) in answer.bytes.iter_mut().zip(word) {
            *slot = if matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_') {
                *byte
            } else {
                b'?'
            };
            answer.len += 1;
        }
        answer
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        let word = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(word).unwrap_or_default()
    }

    /// Whether the element is printed: `yes` and `challenge` only.
    pub fn is_supported(&self) -> bool {
        matches!(self.as_str(), "yes" | "challenge")
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({:?})", self.as_str())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn only_yes_and_challenge_count() {
        let supported = |word: &str| Answer::new(word.as_bytes()).is_supported();
        assert!(supported("yes") && supported("challenge"));
        for word in
            ["", "no", "na", "inhibited", "challenge-inhibitor-blocked", "Yes", "yes ", "yesterday"]
        {
            assert!(!supported(word), "{word}");
        }
    }

    #[test]
    fn the_word_is_kept() {
        for word in ["", "na", "challenge-inhibitor-blocked", "a_word-of-thirty-two-bytes-012345"] {
            assert_eq!(Answer::new(word.as_bytes()).as_str(), &word[..word.len().min(32)]);
        }
    }

    #[test]
    fn any_byte_makes_a_plain_word() {
        assert_eq!(Answer::new(b"a b\n#\0\xff=").as_str(), "a?b?????");
    }
}
