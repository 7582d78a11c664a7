//! PPTT: the tree of processors and the caches of each.

use super::Table;
use super::header::HEADER_BYTES;
use super::record::{Record, Records};
use crate::bytes::{u8_at, u16_at, u32_at};
use crate::error::Fault;
use caps_core::CacheKind;

const PROCESSOR: u8 = 0;
const CACHE: u8 = 1;
/// Bytes of a processor before the list of its caches.
const PROCESSOR_BYTES: usize = 20;
/// Bytes of a cache of revision 1 and 2; later ones have an id.
const CACHE_BYTES: usize = 24;

/// The table of processor properties. References in it are offsets; each goes to a node of the right kind.
#[derive(Clone, Debug)]
pub struct Pptt<'t> {
    bytes: &'t [u8],
    records: Records<'t>,
}

/// A node of the tree: a package, something between, or a CPU.
#[derive(Clone, Copy, Debug)]
pub struct PpttNode<'t> {
    /// Where it stands in the table: what others refer to it by.
    pub offset: u32,
    /// Whether it is a package.
    pub package: bool,
    /// The node above.
    pub parent: Option<u32>,
    /// The id that the MADT has too, if it is valid.
    pub acpi_id: Option<u32>,
    caches: &'t [u8],
}

/// A cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PpttCache {
    /// The cache behind it.
    pub next: Option<u32>,
    /// Size in bytes, if it is valid.
    pub size_bytes: Option<u32>,
    /// What it holds, if that is valid.
    #[cfg_attr(feature = "defmt", defmt(Debug2Format))]
    pub kind: Option<CacheKind>,
    /// Bytes of a line, if they are valid.
    pub line_bytes: Option<u16>,
}

impl<'t> Pptt<'t> {
    /// Of a table `PPTT`.
    ///
    /// # Errors
    /// [`Fault::Signature`], [`Fault::Record`]; [`Fault::Value`] where a reference goes to no node of its kind, or where
    /// parents or caches go round in a circle.
    pub fn parse(table: Table<'t>) -> Result<Self, Fault> {
        let bytes = table.called(b"PPTT")?.bytes();
        let least = |kind| match kind {
            PROCESSOR => PROCESSOR_BYTES,
            CACHE => CACHE_BYTES,
            _ => 2,
        };
        let records = Records::checked(bytes, HEADER_BYTES, least)?;
        let pptt = Self { bytes, records };
        for record in pptt.records.clone() {
            if !pptt.refers_well(record) {
                return Err(Fault::Value(record.offset));
            }
        }
        Ok(pptt)
    }

    /// The nodes, in the firmware's order.
    pub fn nodes(&self) -> impl Iterator<Item = PpttNode<'t>> + Clone {
        self.records.clone().filter_map(node)
    }

    /// The nodes above `node`, the nearest first.
    pub fn ancestors(&self, node: PpttNode<'t>) -> impl Iterator<Item = PpttNode<'t>> + '_ {
        core::iter::successors(Some(node), |node| self.node(node.parent?)).skip(1)
    }

    /// The caches of `node` itself, each with those behind it.
    pub fn caches(&self, node: PpttNode<'t>) -> impl Iterator<Item = PpttCache> + '_ {
        let first = node.caches.as_chunks().0.iter().map(|offset| u32::from_le_bytes(*offset));
        first.flat_map(|offset| {
            core::iter::successors(self.cache(offset), |cache| self.cache(cache.next?))
        })
    }

    fn node(&self, offset: u32) -> Option<PpttNode<'t>> {
        node(self.record(offset)?)
    }

    fn cache(&self, offset: u32) -> Option<PpttCache> {
        cache(self.record(offset)?)
    }

    /// The record that begins at `offset`.
    fn record(&self, offset: u32) -> Option<Record<'t>> {
        (offset as usize >= HEADER_BYTES).then_some(())?;
        Records::new(self.bytes, offset as usize).next()
    }

    fn refers_well(&self, record: Record<'t>) -> bool {
        match record.kind {
            PROCESSOR => node(record).is_some_and(|node| {
                let parents = |node: &PpttNode<'t>| node.parent.map(|at| self.node(at));
                let mut caches = node.caches.as_chunks().0.iter();
                ends(node, parents)
                    && caches.all(|at| self.cache(u32::from_le_bytes(*at)).is_some())
            }),
            CACHE => cache(record)
                .is_some_and(|cache| ends(cache, |cache| cache.next.map(|at| self.cache(at)))),
            _ => true,
        }
    }
}

/// The deepest tree that is believed.
const DEPTH: usize = 64;

/// Whether a chain ends well within [`DEPTH`] steps; `next` says `None` at the end, `Some(None)` where it breaks.
fn ends<T>(first: T, next: impl Fn(&T) -> Option<Option<T>>) -> bool {
    let mut at = first;
    for _ in 0..DEPTH {
        match next(&at) {
            None => return true,
            Some(None) => return false,
            Some(Some(following)) => at = following,
        }
    }
    false
}

fn node(Record { kind, offset, bytes }: Record<'_>) -> Option<PpttNode<'_>> {
    (kind == PROCESSOR).then_some(())?;
    let (flags, parent) = (u32_at(bytes, 4)?, u32_at(bytes, 8)?);
    let count = u32_at(bytes, 16)? as usize;
    let end = count.checked_mul(4)?.checked_add(PROCESSOR_BYTES)?;
    Some(PpttNode {
        offset,
        package: flags & 1 != 0,
        parent: Some(parent).filter(|&parent| parent != 0),
        acpi_id: u32_at(bytes, 12).filter(|_| flags & 2 != 0),
        caches: bytes.get(PROCESSOR_BYTES..end)?,
    })
}

fn cache(Record { kind, bytes, .. }: Record<'_>) -> Option<PpttCache> {
    (kind == CACHE).then_some(())?;
    let flags = u32_at(bytes, 4)?;
    let valid = |bit: u32| flags >> bit & 1 != 0;
    let kind = match u8_at(bytes, 21)? >> 2 & 3 {
        0 => CacheKind::Data,
        1 => CacheKind::Code,
        _ => CacheKind::Both,
    };
    Some(PpttCache {
        next: u32_at(bytes, 8).filter(|&next| next != 0),
        size_bytes: u32_at(bytes, 12).filter(|_| valid(0)),
        kind: valid(4).then_some(kind),
        line_bytes: u16_at(bytes, 22).filter(|_| valid(6)),
    })
}
