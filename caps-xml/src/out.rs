//! Bytes on their way to a sink: gathered in a small buffer, numbers and sets formatted without `core::fmt`.
//!
//! Most of a document is short pieces, so they are copied by a few moves in place instead of by calls, and how full the buffer
//! is stays in a register from the first piece of a line to its last.

use caps_core::{CpuSet, Sink};

/// Bytes that are gathered before the sink is called.
const BUFFER_BYTES: usize = 2048;

/// A sink with a buffer in front. The first error ends all writing; [`finish`](Self::finish) reports it.
pub(crate) struct Out<'k, S: Sink> {
    tray: Tray<'k, S>,
    len: usize,
}

/// The buffer and what lies behind it. How many bytes of it count is handed from piece to piece.
pub(crate) struct Tray<'k, S: Sink> {
    sink: &'k mut S,
    buffer: [u8; BUFFER_BYTES],
    error: Option<S::Error>,
}

impl<'k, S: Sink> Out<'k, S> {
    pub(crate) const fn new(sink: &'k mut S) -> Self {
        Self { tray: Tray { sink, buffer: [0; BUFFER_BYTES], error: None }, len: 0 }
    }

    /// Puts pieces behind what there is; each is given the bytes that count and returns how many do then.
    #[inline]
    pub(crate) fn add(&mut self, put: impl FnOnce(&mut Tray<'k, S>, usize) -> usize) {
        self.len = put(&mut self.tray, self.len);
    }

    /// Lets `write` go past the buffer: what others write lands where it belongs.
    pub(crate) fn through(&mut self, write: impl FnOnce(&mut S) -> Result<(), S::Error>) {
        self.add(Tray::flush);
        self.tray.send(write);
    }

    /// Hands the rest to the sink.
    pub(crate) fn finish(mut self) -> Result<(), S::Error> {
        self.add(Tray::flush);
        self.tray.error.map_or(Ok(()), Err)
    }
}

impl<S: Sink> Tray<'_, S> {
    /// Copies `bytes` as they are.
    #[inline]
    pub(crate) fn raw(&mut self, len: usize, bytes: &[u8]) -> usize {
        match self.buffer.get_mut(len..).and_then(|rest| rest.get_mut(..bytes.len())) {
            Some(room) => {
                copy(room, bytes);
                len + bytes.len()
            }
            None => self.raw_slow(len, bytes),
        }
    }

    /// Copies the whole of `decimal`, of which only the digits count.
    #[inline]
    fn decimal(&mut self, len: usize, decimal: Decimal) -> usize {
        match self.buffer.get_mut(len..).and_then(|rest| rest.first_chunk_mut()) {
            Some(room) => {
                *room = decimal;
                len + digits(&decimal)
            }
            None => self.decimal_slow(len, decimal),
        }
    }

    #[cold]
    #[inline(never)]
    fn decimal_slow(&mut self, len: usize, decimal: Decimal) -> usize {
        self.raw_slow(len, decimal.get(..digits(&decimal)).unwrap_or(&decimal))
    }

    /// Makes room first.
    #[cold]
    #[inline(never)]
    fn raw_slow(&mut self, len: usize, bytes: &[u8]) -> usize {
        let empty = self.flush(len);
        if let Some(room) = self.buffer.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
            return bytes.len();
        }
        self.send(|sink| sink.write(bytes));
        empty
    }

    /// Hands all to the sink; what counts then is nothing.
    fn flush(&mut self, len: usize) -> usize {
        if self.error.is_none() {
            self.error = self.sink.write(self.buffer.get(..len).unwrap_or(&self.buffer)).err();
        }
        0
    }

    fn send(&mut self, write: impl FnOnce(&mut S) -> Result<(), S::Error>) {
        if self.error.is_none() {
            self.error = write(self.sink).err();
        }
    }
}

/// Copies bytes to a place of their length. Short ones take two moves that overlap.
#[inline]
fn copy(room: &mut [u8], bytes: &[u8]) {
    match bytes.len() {
        8..=16 => copy_ends::<8>(room, bytes),
        17..=32 => copy_ends::<16>(room, bytes),
        4..=7 => copy_ends::<4>(room, bytes),
        _ => room.copy_from_slice(bytes),
    }
}

/// Copies the first and the last `N` bytes.
#[inline]
fn copy_ends<const N: usize>(room: &mut [u8], bytes: &[u8]) {
    if let (Some(to), Some(from)) = (room.first_chunk_mut::<N>(), bytes.first_chunk::<N>()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (room.last_chunk_mut::<N>(), bytes.last_chunk::<N>()) {
        *to = *from;
    }
}

/// Something that can stand in a document.
pub(crate) trait Piece {
    /// Puts the piece behind the first `len` bytes and returns how many count then.
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize;
}

impl Piece for str {
    #[inline]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
        tray.raw(len, self.as_bytes())
    }
}

impl Piece for [u8] {
    #[inline]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
        tray.raw(len, self)
    }
}

impl<P: Piece + ?Sized> Piece for &P {
    #[inline]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
        (**self).put(tray, len)
    }
}

/// One behind the other.
impl<A: Piece, B: Piece> Piece for (A, B) {
    #[inline]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
        let len = self.0.put(tray, len);
        self.1.put(tray, len)
    }
}

/// One behind the other.
impl<A: Piece, B: Piece, C: Piece> Piece for (A, B, C) {
    #[inline]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
        let len = self.0.put(tray, len);
        let len = self.1.put(tray, len);
        self.2.put(tray, len)
    }
}

/// Decimal, without padding.
impl Piece for u64 {
    #[inline]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
        match short_decimal(*self) {
            Some(decimal) => tray.decimal(len, decimal),
            None => put_long(*self, tray, len),
        }
    }
}

/// The digits of a number below 1000 from the first byte on, and in the last byte how many there are.
type Decimal = [u8; 4];

#[inline]
const fn digits(&[.., count]: &Decimal) -> usize {
    count as usize
}

/// Numbers below this have a short decimal: nearly all of a document.
const SHORT: usize = 1000;

/// The decimal of a number below [`SHORT`], from a table.
#[cfg(not(feature = "small"))]
#[inline]
fn short_decimal(number: u64) -> Option<Decimal> {
    static DECIMALS: [Decimal; SHORT] = decimals();
    DECIMALS.get(number as usize).copied().filter(|_| number < SHORT as u64)
}

/// The decimal of a number below [`SHORT`], computed: without 4 KB of table.
#[cfg(feature = "small")]
#[inline(never)]
fn short_decimal(number: u64) -> Option<Decimal> {
    (number < SHORT as u64).then(|| decimal(number as u16))
}

#[cfg(not(feature = "small"))]
#[expect(clippy::indexing_slicing, reason = "while compiling")]
const fn decimals() -> [Decimal; SHORT] {
    let mut table = [[0; 4]; SHORT];
    let mut number = 0;
    while number < table.len() {
        table[number] = decimal(number as u16);
        number += 1;
    }
    table
}

const fn decimal(number: u16) -> Decimal {
    let [hundreds, tens, ones] = [number / 100, number / 10 % 10, number % 10];
    let [hundreds, tens, ones] = [b'0' + hundreds as u8, b'0' + tens as u8, b'0' + ones as u8];
    match number {
        ..10 => [ones, 0, 0, 1],
        10..100 => [tens, ones, 0, 2],
        100.. => [hundreds, tens, ones, 3],
    }
}

/// Decimal of 1000 and more: three digits behind the rest.
#[inline(never)]
fn put_long<S: Sink>(number: u64, tray: &mut Tray<'_, S>, len: usize) -> usize {
    let len = (number / 1000).put(tray, len);
    let last = (number % 1000) as u16;
    tray.raw(len, &[last / 100, last / 10 % 10, last % 10].map(|digit| b'0' + digit as u8))
}

/// Numbers that are printed as wider ones are.
macro_rules! widened {
    ($($number:ty),+) => {$(
        impl Piece for $number {
            #[inline]
            fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, len: usize) -> usize {
                u64::from(*self).put(tray, len)
            }
        }
    )+};
}
widened!(u8, u16, u32);

/// A 32-bit number that libvirt prints as signed.
pub(crate) struct Signed(pub(crate) u32);

impl Piece for Signed {
    #[inline]
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, mut len: usize) -> usize {
        let number = self.0 as i32;
        if number < 0 {
            len = tray.raw(len, b"-");
            return number.unsigned_abs().put(tray, len);
        }
        self.0.put(tray, len)
    }
}

/// The list format: `0-3,8`.
impl Piece for CpuSet<'_> {
    fn put<S: Sink>(&self, tray: &mut Tray<'_, S>, mut len: usize) -> usize {
        for (at, run) in self.runs().enumerate() {
            if at > 0 {
                len = tray.raw(len, b",");
            }
            len = run.first.put(tray, len);
            if run.last > run.first {
                len = tray.raw(len, b"-");
                len = run.last.put(tray, len);
            }
        }
        len
    }
}

/// Puts pieces one behind the other: `put!(out, "<cpu id='", cpu.id, "'/>\n")`.
macro_rules! put {
    ($out:expr, $($piece:expr),+ $(,)?) => {
        $out.add(|tray, mut len| {
            $(len = $crate::out::Piece::put(&$piece, tray, len);)+
            len
        })
    };
}
pub(crate) use put;

#[cfg(test)]
mod tests {
    use super::*;
    use caps_core::sink::SliceSink;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    /// What pieces make, with `before` bytes in front, so that they meet the end of the buffer anywhere.
    fn written(before: usize, put: impl FnOnce(&mut Out<'_, SliceSink<'_>>)) -> Vec<u8> {
        let mut room = [0; 8 * BUFFER_BYTES];
        let mut sink = SliceSink::new(&mut room);
        let mut out = Out::new(&mut sink);
        out.add(|tray, len| tray.raw(len, &[b' '; BUFFER_BYTES][..before]));
        put(&mut out);
        out.finish().unwrap();
        sink.written()[before..].to_vec()
    }

    #[test]
    fn every_short_number_is_itself() {
        for number in 0..=10_000_u32 {
            assert_eq!(written(0, |out| put!(out, number)), number.to_string().as_bytes());
        }
    }

    proptest! {
        #[test]
        fn numbers_are_decimal(number: u64, shift in 0..64_u32, before in 2020..=BUFFER_BYTES) {
            let number = number >> shift;
            let actual = written(before, |out| put!(out, number));
            prop_assert_eq!(actual, number.to_string().into_bytes());
            let actual = written(before, |out| put!(out, Signed(number as u32)));
            prop_assert_eq!(actual, (number as i32).to_string().into_bytes());
        }

        #[test]
        fn texts_are_themselves(len in 0..80_usize, long in 0..5000_usize, before in 1960..=BUFFER_BYTES) {
            for len in [len, long] {
                let text: Vec<u8> = (0..len).map(|at| at as u8).collect();
                let expected = [text.as_slice(), b"<", &text].concat();
                prop_assert_eq!(written(before, |out| put!(out, text[..], "<", text[..])), expected);
            }
        }
    }
}
