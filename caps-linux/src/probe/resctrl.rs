//! What resctrl says can be allocated and monitored: `<control>`s and `<monitor>`s

use super::Probe;
use super::read::{Bad, TEXT_BYTES, required};
use crate::parse::int::leading_decimal;
use crate::path::{Path, at};
use crate::report::Topic;
use caps_core::{BandwidthControl, CacheBuilder, CacheControl, CacheKind};
use core::ops::ControlFlow;

/// The text of a `mon_features` file.
type Features = heapless::Vec<u8, TEXT_BYTES, u16>;

impl Probe<'_> {
    /// Everything of resctrl. Without its directory there is nothing, and that is no error.
    pub(super) fn resctrl(&mut self, cache: &mut CacheBuilder<'_, '_>) -> Result<(), Bad> {
        let info = at!("/sys/fs/resctrl/info");
        let mut controls = Ok(());
        let mut kinds = heapless::Vec::<CacheControl, MAX_CONTROLS, u8>::new();
        let listed = self.list(Topic::Resctrl, &info, &mut |probe, name| {
            if let Some((level, kind)) = level_and_kind(name) {
                let control = probe.control(&at!(info, "/", name), level, kind);
                controls = control.and_then(|control| kinds.push(control).map_err(|_| Bad));
            }
            if controls.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if listed.is_none() {
            return Ok(());
        }
        controls?;
        cache.bandwidth_control(self.bandwidth_control(&info)?);
        for control in &kinds {
            // The same kind twice: the names differ by a leading zero.
            if !cache.control(control) {
                return Err(Bad);
            }
        }
        self.l3_monitors(cache, &info)?;
        self.energy_monitor(cache, &info)
    }

    fn bandwidth_control(&mut self, info: &Path) -> Result<Option<BandwidthControl>, Bad> {
        let Some(granularity) = self.u32(Topic::Resctrl, &at!(*info, "/MB/bandwidth_gran"))? else {
            return Ok(None);
        };
        let min = required(self.u32(Topic::Resctrl, &at!(*info, "/MB/min_bandwidth")))?;
        let max_allocs = required(self.u32(Topic::Resctrl, &at!(*info, "/MB/num_closids")))?;
        Ok(Some(BandwidthControl { granularity, min, max_allocs }))
    }

    fn control(
        &mut self,
        directory: &Path,
        level: u32,
        kind: CacheKind,
    ) -> Result<CacheControl, Bad> {
        let max_allocs = self.u32(Topic::Resctrl, &at!(*directory, "/num_closids"))?.unwrap_or(0);
        let portions = required(self.value::<{ TEXT_BYTES + 1 }, _>(
            Topic::Resctrl,
            &at!(*directory, "/cbm_mask"),
            set_bits,
        ))?;
        let min_portions = required(self.u32(Topic::Resctrl, &at!(*directory, "/min_cbm_bits")))?;
        Ok(CacheControl { level, kind, max_allocs, portions, min_portions, bank_bytes: 0 })
    }

    fn l3_monitors(&mut self, cache: &mut CacheBuilder<'_, '_>, info: &Path) -> Result<(), Bad> {
        let Some(max) = self.u32(Topic::Resctrl, &at!(*info, "/L3_MON/num_rmids"))? else {
            return Ok(());
        };
        let reuse =
            self.u32(Topic::Resctrl, &at!(*info, "/L3_MON/max_threshold_occupancy"))?.unwrap_or(0);
        let features = required(self.features(&at!(*info, "/L3_MON/mon_features")))?;
        if features.is_empty() {
            return Err(Bad);
        }
        let named =
            |prefix: &'static [u8]| names(&features).filter(move |name| name.starts_with(prefix));
        cache.cache_monitor(max, reuse, named(b"llc_"));
        cache.bandwidth_monitor(max, named(b"mbm_"));
        Ok(())
    }

    fn energy_monitor(&mut self, cache: &mut CacheBuilder<'_, '_>, info: &Path) -> Result<(), Bad> {
        let Some(max) = self.u32(Topic::Resctrl, &at!(*info, "/PERF_PKG_MON/num_rmids"))? else {
            return Ok(());
        };
        let features = required(self.features(&at!(*info, "/PERF_PKG_MON/mon_features")))?;
        let known = |name: &&[u8]| matches!(*name, b"core_energy" | b"activity");
        cache.energy_monitor(max, names(&features).filter(known));
        Ok(())
    }

    fn features(&mut self, path: &Path) -> super::read::Value<Features> {
        self.value::<{ TEXT_BYTES + 1 }, _>(Topic::Resctrl, path, |text| {
            Features::from_slice(text).ok()
        })
    }
}

/// Kinds of cache that resctrl can have: three each of a few levels.
const MAX_CONTROLS: usize = 32;

fn names(features: &[u8]) -> impl Iterator<Item = &[u8]> {
    features.split(|&byte| byte == b'\n')
}

/// `L3` is both, `L3CODE` and `L3DATA` are halves; other names are none.
fn level_and_kind(name: &[u8]) -> Option<(u32, CacheKind)> {
    let (level, rest) = leading_decimal(name.strip_prefix(b"L")?)?;
    let kind = match rest {
        b"" => CacheKind::Both,
        b"CODE" => CacheKind::Code,
        b"DATA" => CacheKind::Data,
        _ => return None,
    };
    Some((u32::try_from(level).ok()?, kind))
}

/// Bits that are set in a number of hexadecimal digits.
fn set_bits(text: &[u8]) -> Option<u32> {
    let digits = text.iter().map(|&byte| char::from(byte).to_digit(16));
    digits.map(|digit| digit.map(u32::count_ones)).sum()
}
