//! Monitors of cache, memory bandwidth and energy, and the control of bandwidth.

use crate::model::Names;
use crate::pool::Span;

/// A resource monitor: `<monitor>` of `<cache>`, `<memory_bandwidth>` or `<energy>`.
#[derive(Clone, Copy, Debug)]
pub struct Monitor<'a> {
    /// `maxMonitors`: `num_rmids`.
    pub max_monitors: u32,
    /// `reuseThreshold` of the cache monitor, in bytes: `max_threshold_occupancy`.
    pub reuse_threshold_bytes: u32,
    /// `<feature name=''>`, raw bytes, in the order of `mon_features`.
    pub features: Names<'a>,
}

/// `<memory_bandwidth><node><control>`, in percent or whatever the kernel counts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BandwidthControl {
    /// `granularity`: `bandwidth_gran`.
    pub granularity: u32,
    /// `min`: `min_bandwidth`.
    pub min: u32,
    /// `maxAllocs`: `MB/num_closids`.
    pub max_allocs: u32,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MonitorHead {
    pub(crate) max_monitors: u32,
    pub(crate) reuse_threshold_bytes: u32,
    pub(crate) features: Span,
}

impl MonitorHead {
    pub(crate) fn view<'a>(&self, bytes: &'a [u8]) -> Monitor<'a> {
        Monitor {
            max_monitors: self.max_monitors,
            reuse_threshold_bytes: self.reuse_threshold_bytes,
            features: Names::new(self.features.of(bytes)),
        }
    }
}
