//! Storage for a document: plain bytes that belong to the caller.

/// `BYTES` bytes, all zero: as a `static` it lies in `.bss` and costs nothing in the file.
///
/// Any `&mut [u8]` serves as well: a part of a stack frame, a linker section, a memory map.
///
/// ```
/// use caps_core::{Builder, Storage, storage};
/// let mut storage = Storage::<{ storage::TINY }>::new();
/// let caps = Builder::new(storage.bytes_mut()).finish().unwrap();
/// assert_eq!(caps.cells().count(), 0);
/// ```
#[derive(Debug)]
pub struct Storage<const BYTES: usize>([u8; BYTES]);

/// Holds 4 CPUs, their caches and a handful of guests: 4 KiB.
pub const TINY: usize = 4 << 10;
/// Holds a server of 256 CPUs and 8 cells with all its guests: 128 KiB.
pub const NODE: usize = 128 << 10;
/// Holds 8192 CPUs in 1024 cells: 4 MiB. Keep it out of the stack.
pub const MAX: usize = 4 << 20;

impl<const BYTES: usize> Storage<BYTES> {
    /// Zeroed storage.
    #[expect(
        clippy::new_without_default,
        reason = "a Default would return large storage by value at run time"
    )]
    pub const fn new() -> Self {
        Self([0; BYTES])
    }

    /// The bytes to build in.
    pub const fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
