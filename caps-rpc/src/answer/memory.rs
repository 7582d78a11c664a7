//! Memory of the host and of its cells.

use crate::fault::{Code, Domain, Fault, What, Why};
use crate::node::{MemoryStats, Node};
use crate::xdr::{Words, Writer};
use core::ops::RangeInclusive;

/// Most cells that are asked for at once.
const MAX_CELLS: i32 = 1024;
/// Most parameters that are asked for at once.
const MAX_PARAMS: i32 = 16;

pub(super) fn free<'a>(node: &mut dyn Node, writer: &mut Writer<'_>) -> Result<(), Fault<'a>> {
    writer.u64(node.free_bytes()?);
    Ok(())
}

pub(super) fn cells<'a>(
    node: &mut dyn Node,
    start: i32,
    most: i32,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    const FUNCTION: &str = "virNodeGetCellsFreeMemory";
    let refuse = |argument, words| Fault::argument(Domain::DOM, FUNCTION, argument, Why::Is(words));
    match (start, most) {
        (_, ..0) => return Err(Fault::rpc(What::Fixed("maxcells must be non-negative"))),
        (_, most) if most > MAX_CELLS => {
            return Err(Fault::rpc(What::Fixed("maxcells > REMOTE_NODE_MAX_CELLS")));
        }
        (_, 0) => return Err(refuse("maxCells", "must be greater than zero")),
        (..0, _) => return Err(refuse("startCell", "must be zero or greater")),
        _ => {}
    }
    let cells = range(node, start, most.unsigned_abs())?;
    writer.u32(cells.end() - cells.start() + 1);
    for cell in cells {
        writer.u64(node.cell_free_bytes(cell)?);
    }
    Ok(())
}

/// The cells that are meant: `most` from `start` on, as far as there are some.
fn range<'a>(node: &mut dyn Node, start: i32, most: u32) -> Result<RangeInclusive<u32>, Fault<'a>> {
    let last = node.last_cell()?;
    let Some(first) = u32::try_from(start).ok().filter(|&first| first <= last) else {
        let what = What::Cell { start, last };
        return Err(Fault { code: Code::INTERNAL, domain: Domain::NONE, what });
    };
    Ok(first..=last.min(first.saturating_add(most.saturating_sub(1))))
}

pub(super) fn stats<'a>(
    node: &mut dyn Node,
    params: i32,
    cell: i32,
    flags: u32,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    Fault::check_flags(Domain::NONE, "virHostMemGetStats", flags, 0)?;
    check_params(params)?;
    let function = "virHostMemGetStats";
    let cell = match cell {
        -1 => None,
        ..0 => {
            let words = Why::Is("only accepts -1 as a negative value");
            return Err(Fault::argument(Domain::DOM, "virNodeGetMemoryStats", "cellNum", words));
        }
        cell => Some(cell.unsigned_abs()),
    };
    let last = node.last_cell()?;
    if cell.is_some_and(|cell| cell > last) {
        let why = Why::MustBe("less than or equal to ", last);
        return Err(Fault::argument(Domain::NONE, function, "cellNum", why));
    }
    let MemoryStats { total_kib, free_kib, buffers_kib, cached_kib } = node.memory_stats(cell)?;
    let all = [
        ("total", total_kib),
        ("free", free_kib),
        ("buffers", buffers_kib),
        ("cached", cached_kib),
    ];
    let told = if cell.is_some() { all.get(..2) } else { None }.unwrap_or(&all);
    parameters(params, told, writer, |count| {
        let why = Why::MustBe("", count);
        Fault::argument(Domain::NONE, "virHostMemGetStatsLinux", "nparams", why)
    })
}

pub(super) fn check_params<'a>(params: i32) -> Result<(), Fault<'a>> {
    match params {
        ..0 => Err(Fault::state("nparams must be non-negative")),
        0..=MAX_PARAMS => Ok(()),
        _ => Err(Fault::state("nparams too large")),
    }
}

/// Named values. Asked for none, their number is told; asked for another number, none.
pub(super) fn parameters<'a>(
    asked: i32,
    told: &[(&str, u64)],
    writer: &mut Writer<'_>,
    refuse: impl FnOnce(u32) -> Fault<'a>,
) -> Result<(), Fault<'a>> {
    let count = u32::try_from(told.len()).unwrap_or(u32::MAX);
    if asked == 0 {
        writer.u32(0);
        writer.u32(count);
        return Ok(());
    }
    if asked.unsigned_abs() != count {
        return Err(refuse(count));
    }
    writer.u32(count);
    for (name, value) in told {
        writer.text(name.as_bytes());
        writer.u64(*value);
    }
    // Their number is told only where no values are.
    writer.u32(0);
    Ok(())
}

pub(super) fn pages<'a>(
    node: &mut dyn Node,
    sizes_kib: Words<'a>,
    start: i32,
    cells: u32,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    const FUNCTION: &str = "virNodeGetFreePages";
    let zero =
        |argument| Fault::argument(Domain::DOM, FUNCTION, argument, Why::Is("must not be zero"));
    if sizes_kib.is_empty() {
        return Err(zero("npages"));
    }
    if cells == 0 {
        return Err(zero("cellCount"));
    }
    // -1 is where the first cell is, too.
    let cells = range(node, if start == -1 { 0 } else { start }, cells)?;
    let cell_count = u64::from(cells.end() - cells.start() + 1);
    let count = cell_count.saturating_mul(sizes_kib.len() as u64);
    // As many numbers as the protocol's array takes, which also bounds the time of a call.
    let Some(count) = u32::try_from(count).ok().filter(|count| *count <= MAX_CELLS as u32) else {
        return Err(Fault::rpc(What::Fixed("Unable to encode message payload")));
    };
    writer.u32(count);
    for cell in cells {
        let mut read = Pools::default();
        for size_kib in sizes_kib.iter() {
            writer.u64(free_pages(node, cell, size_kib, &mut read)?);
        }
    }
    Ok(())
}

/// Sizes of pages in KiB that were read of one cell, and how many are free: no machine has more sizes.
type Pools = [Option<(u32, u64)>; 8];

/// The free pages of a size. A size that comes again is not read again.
fn free_pages<'a>(
    node: &mut dyn Node,
    cell: u32,
    size_kib: u32,
    read: &mut Pools,
) -> Result<u64, Fault<'a>> {
    if let Some((_, pages)) = read.iter().flatten().find(|(size, _)| *size == size_kib) {
        return Ok(*pages);
    }
    let Some(pages) = node.free_pages(cell, size_kib)? else {
        let what = What::PageSize { size_kib, cell };
        return Err(Fault { code: Code::OPERATION_FAILED, domain: Domain::NONE, what });
    };
    if let Some(free) = read.iter_mut().find(|pool| pool.is_none()) {
        *free = Some((size_kib, pages));
    }
    Ok(pages)
}
