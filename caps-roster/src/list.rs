//! Records one behind the other.

use crate::file::Unreadable;
use core::fmt;
use core::marker::PhantomData;
use serde::Deserialize;

/// Records of a roster, read again each time they are asked for. All of them were read once: each makes sense.
pub struct List<'a, T> {
    bytes: &'a [u8],
    len: usize,
    record: PhantomData<fn() -> T>,
}

impl<'a, T: Deserialize<'a>> List<'a, T> {
    /// The list at the beginning of `bytes`, and what follows it.
    pub(crate) fn take(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Unreadable> {
        let (len, records) = take::<u32>(bytes)?;
        let mut rest = records;
        for _ in 0..len {
            (_, rest) = take::<T>(rest)?;
        }
        Ok((Self { bytes: records, len: len as usize, record: PhantomData }, rest))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The records, in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        let mut list = *self;
        core::iter::from_fn(move || {
            let (first, rest) = list.split_first()?;
            list = rest;
            Some(first)
        })
    }

    /// The first record, and the others.
    pub(crate) fn split_first(&self) -> Option<(T, Self)> {
        let len = self.len.checked_sub(1)?;
        let (first, bytes) = take(self.bytes).ok()?;
        Some((first, Self { bytes, len, record: PhantomData }))
    }
}

/// The record at the beginning of `bytes`, and what follows it.
pub(crate) fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Unreadable> {
    postcard::take_from_bytes(bytes).map_err(|_| Unreadable::Malformed)
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self { bytes: &[], len: 0, record: PhantomData }
    }
}

impl<T> Copy for List<'_, T> {}

impl<'a, T: Deserialize<'a> + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
