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
    let at = writer.len();
    writer.u32(0);
    let mut count = 0;
    for cell in cells {
        for size_kib in sizes_kib.iter() {
            let Some(pages) = node.free_pages(cell, size_kib)? else {
                let what = What::PageSize { size_kib, cell };
                return Err(Fault { code: Code::OPERATION_FAILED, domain: Domain::NONE, what });
            };
            writer.u64(pages);
            count += 1;
        }
    }
    writer.patch(at, count);
    Ok(())
}
