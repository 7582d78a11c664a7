//! `<distances>`

use super::{Restart, Walk};
use crate::parse::int::c_number;
use crate::parse::line::c_lines;
use crate::path::at;
use crate::probe::Probe;
use crate::report::{Outcome, Topic};
use caps_core::{CellBuilder, Distance};

/// Bytes of a row: more than a thousand nodes.
const ROW_BYTES: usize = 8192;

/// What earlier nodes mean for the rows of later ones, as libnuma reads the table: node 0 upwards, until a row is empty.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DistanceTable {
    /// A row was missing.
    missing: bool,
    /// A row was empty: there is none from there on.
    ended: bool,
    /// It was empty before any was missing: then there is none at all, and the walk has to begin again.
    restart: bool,
}

impl DistanceTable {
    /// The table that has no row.
    pub(super) const fn void() -> Self {
        Self { missing: true, ended: true, restart: false }
    }

    pub(super) const fn restart(self) -> Result<(), Restart> {
        if self.restart { Err(Restart) } else { Ok(()) }
    }
}

impl Probe<'_> {
    /// The k-th number of the row belongs to the k-th node.
    pub(super) fn distances(
        &mut self,
        cell: &mut CellBuilder<'_, '_>,
        walk: &mut Walk<'_>,
        node: u32,
    ) {
        if walk.distances.ended {
            return;
        }
        let path = at!("/sys/devices/system/node/node", node, "/distance");
        let mut buffer = [0; ROW_BYTES];
        let Ok(Some(text)) = self.contents(Topic::Numa, &path, &mut buffer) else {
            walk.distances.missing = true;
            return;
        };
        self.note(Topic::Numa, &path, if text.is_empty() { Outcome::Odd } else { Outcome::Filled });
        if text.is_empty() {
            walk.distances.ended = true;
            walk.distances.restart = !walk.distances.missing;
        }
        for (id, value) in walk.nodes.numbers.iter().zip(row(text)) {
            cell.distance(Distance { id, value });
        }
    }
}

/// The numbers of the first line, up to what is none.
fn row(text: &[u8]) -> impl Iterator<Item = u32> {
    let mut rest = c_lines(text).next().unwrap_or(&[]);
    core::iter::from_fn(move || {
        let (value, behind) = c_number(rest)?;
        rest = behind;
        u32::try_from(value).ok()
    })
}
