//! Bytes on their way to a sink: gathered in a small buffer, numbers and sets formatted without `core::fmt`.

use caps_core::{CpuSet, Sink};

/// Bytes that are gathered before the sink is called.
const BUFFER_BYTES: usize = 2048;

/// A sink with a buffer in front. The first error ends all writing; [`finish`](Self::finish) reports it.
#[derive(Debug)]
pub(crate) struct Out<'k, S: Sink> {
    sink: &'k mut S,
    buffer: [u8; BUFFER_BYTES],
    len: usize,
    error: Option<S::Error>,
}

impl<'k, S: Sink> Out<'k, S> {
    pub(crate) const fn new(sink: &'k mut S) -> Self {
        Self { sink, buffer: [0; BUFFER_BYTES], len: 0, error: None }
    }

    /// Hands the rest to the sink.
    pub(crate) fn finish(mut self) -> Result<(), S::Error> {
        self.flush();
        self.error.map_or(Ok(()), Err)
    }

    /// Copies `bytes` as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        if let Some(room) = self.buffer.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        } else {
            self.flush();
            self.raw_slow(bytes);
        }
    }

    /// With an empty buffer.
    #[cold]
    fn raw_slow(&mut self, bytes: &[u8]) {
        if let Some(room) = self.buffer.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
            self.len = bytes.len();
        } else {
            self.send(|sink| sink.write(bytes));
        }
    }

    /// Lets `write` go past the buffer: what others write lands where it belongs.
    pub(crate) fn through(&mut self, write: impl FnOnce(&mut S) -> Result<(), S::Error>) {
        self.flush();
        self.send(write);
    }

    fn flush(&mut self) {
        let len = core::mem::take(&mut self.len);
        if self.error.is_none() {
            self.error = self.sink.write(self.buffer.get(..len).unwrap_or(&self.buffer)).err();
        }
    }

    fn send(&mut self, write: impl FnOnce(&mut S) -> Result<(), S::Error>) {
        if self.error.is_none() {
            self.error = write(self.sink).err();
        }
    }
}

/// Something that can stand in a document.
pub(crate) trait Piece {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>);
}

impl Piece for str {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        out.raw(self.as_bytes());
    }
}

impl Piece for [u8] {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        out.raw(self);
    }
}

impl<P: Piece + ?Sized> Piece for &P {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        (**self).put(out);
    }
}

/// Decimal, without padding.
impl Piece for u64 {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        let mut digits = [0; 20];
        let mut rest = *self;
        let mut count = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        out.raw(digits.get(digits.len() - count..).unwrap_or(&digits));
    }
}

impl Piece for u32 {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        u64::from(*self).put(out);
    }
}

impl Piece for u16 {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        u64::from(*self).put(out);
    }
}

impl Piece for u8 {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        u64::from(*self).put(out);
    }
}

/// A 32-bit number that libvirt prints as signed.
pub(crate) struct Signed(pub(crate) u32);

impl Piece for Signed {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        let number = self.0 as i32;
        if number < 0 {
            out.raw(b"-");
        }
        number.unsigned_abs().put(out);
    }
}

/// The list format: `0-3,8`.
impl Piece for CpuSet<'_> {
    fn put<S: Sink>(&self, out: &mut Out<'_, S>) {
        for (at, run) in self.runs().enumerate() {
            if at > 0 {
                out.raw(b",");
            }
            run.first.put(out);
            if run.last > run.first {
                out.raw(b"-");
                run.last.put(out);
            }
        }
    }
}

/// Puts pieces one behind the other: `put!(out, "<cpu id='", cpu.id, "'/>\n")`.
macro_rules! put {
    ($out:expr, $($piece:expr),+ $(,)?) => {{ $($crate::out::Piece::put(&$piece, $out);)+ }};
}
pub(crate) use put;
