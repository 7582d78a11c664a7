//! Where bytes go: a slice, a counter, a hash, or whatever the caller has.

use core::convert::Infallible;

/// A destination of bytes.
pub trait Sink {
    /// Why writing failed.
    type Error;

    /// Takes all of `bytes`, or fails.
    ///
    /// # Errors
    /// Whatever the destination says. What was written before stays written.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

impl<S: Sink + ?Sized> Sink for &mut S {
    type Error = S::Error;

    fn write(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        (**self).write(bytes)
    }
}

/// The slice ended before the bytes did: this many more would have been needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SliceFull {
    /// Bytes missing for the write that failed.
    pub missing: usize,
}

/// Fills a slice from its beginning.
#[derive(Debug)]
pub struct SliceSink<'b> {
    slice: &'b mut [u8],
    len: usize,
}

impl<'b> SliceSink<'b> {
    /// A sink over `slice`, empty.
    pub const fn new(slice: &'b mut [u8]) -> Self {
        Self { slice, len: 0 }
    }

    /// What was written.
    pub fn written(&self) -> &[u8] {
        self.slice.get(..self.len).unwrap_or(&[])
    }
}

impl Sink for SliceSink<'_> {
    type Error = SliceFull;

    fn write(&mut self, bytes: &[u8]) -> Result<(), SliceFull> {
        let end = self.len.saturating_add(bytes.len());
        let missing = SliceFull { missing: end.saturating_sub(self.slice.len()) };
        let room = self.slice.get_mut(self.len..).and_then(|rest| rest.get_mut(..bytes.len()));
        room.ok_or(missing)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }
}

/// Counts bytes: the length of a document before it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountSink {
    /// Bytes so far.
    pub bytes: usize,
}

impl Sink for CountSink {
    type Error = Infallible;

    fn write(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        Ok(())
    }
}

/// Hashes bytes (FNV-1a, 64 bits): tells cheaply whether a document changed. Not for security.
#[derive(Clone, Copy, Debug)]
pub struct HashSink {
    /// The hash so far.
    pub hash: u64,
}

impl Default for HashSink {
    fn default() -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325 }
    }
}

impl Sink for HashSink {
    type Error = Infallible;

    fn write(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        for &byte in bytes {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
