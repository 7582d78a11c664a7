//! Caches, bandwidth and energy: what resctrl says.

use super::OwnHost;
use crate::sketch::{CpuCache, Sketch};

pub(super) const HOSTS: &[OwnHost] = &[
    OwnHost { name: "resctrl", rule: RESCTRL, draw: resctrl },
    OwnHost { name: "resctrl-cdp", rule: RESCTRL_CDP, draw: resctrl_cdp },
    OwnHost { name: "cache-mismatch", rule: CACHE_MISMATCH, draw: cache_mismatch },
    OwnHost { name: "cache-failure", rule: CACHE_FAILURE, draw: cache_failure },
];

const RESCTRL: &str = "\
Allocation of levels 2 and 3, bandwidth, and both monitors. 15360K in the 20 bits of fffff are 768 KiB each; at least 2
bits make 1536 KiB. 1024K in 8 bits are 128 KiB; at least 1 bit, and then no minimum is printed. Banks are sorted by level,
then id, though CPU 0 has the larger ids. Bandwidth has a node per bank of the highest level. Features go by the prefix, in
the order of the file; a name with neither prefix is none. SMBA and L3_MON are no caches.
";

fn resctrl(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-1", "0-1").node(0, "3", 2048);
    for (cpu, own, id) in [(0, "0", 8), (1, "1", 0)] {
        host.cpu(cpu, 0, cpu, own)
            .cache(cpu, bank(2, id, "Unified", "1024K", own))
            .cache(cpu, bank(3, id, "Unified", "15360K", own));
    }
    allocation(host, "L3", 16, "fffff", 2);
    allocation(host, "L2", 8, "ff", 1);
    allocation(host, "SMBA", 8, "ff", 1);
    host.resctrl("MB/bandwidth_gran", 10)
        .resctrl("MB/min_bandwidth", 20)
        .resctrl("MB/num_closids", 8)
        .resctrl("L3_MON/num_rmids", 176)
        .resctrl("L3_MON/max_threshold_occupancy", 270_336)
        .resctrl("L3_MON/mon_features", "mbm_total_bytes\nllc_occupancy\nother\nmbm_local_bytes");
}

const fn bank<'a>(
    level: u32,
    id: u32,
    kind: &'a str,
    size: &'a str,
    cpus: &'a str,
) -> CpuCache<'a> {
    CpuCache { index: level, level, id, kind, size, cpus }
}

fn allocation(host: &mut Sketch, name: &str, closids: u32, mask: &str, min_bits: u32) {
    host.resctrl(&format!("{name}/num_closids"), closids)
        .resctrl(&format!("{name}/cbm_mask"), mask)
        .resctrl(&format!("{name}/min_cbm_bits"), min_bits);
}

const RESCTRL_CDP: &str = "\
Code and data of level 3 apart: two controls a bank, code first. 33 MiB in 11 bits are 3 MiB. Without `num_closids` there
are 0 allocations. Monitors without control of bandwidth: `<memory_bandwidth>` has no node. Energy: `core_energy` and
`activity` only, in the order of the file. `Instruction` is code.
";

fn resctrl_cdp(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0", "0").cpu(0, 0, 0, "0").node(0, "1", 2048);
    host.cache(0, bank(2, 0, "Instruction", "64K", "0"))
        .cache(0, bank(3, 0, "Unified", "33M", "0"));
    allocation(host, "L3DATA", 8, "7ff", 1);
    host.resctrl("L3CODE/cbm_mask", "7ff").resctrl("L3CODE/min_cbm_bits", 1);
    host.resctrl("L3_MON/num_rmids", 4)
        .resctrl("L3_MON/mon_features", "mbm_local_bytes")
        .resctrl("PERF_PKG_MON/num_rmids", 576)
        .resctrl("PERF_PKG_MON/mon_features", "activity\nc1_res\ncore_energy");
}

const CACHE_MISMATCH: &str = "\
Banks of level 3 differ in size, and resctrl controls that level: the second is a failure. What was found before stays, and
bandwidth and monitors go. Sizes: `KB` is 1000, so 1024KB are 1024000 bytes = 1000 KiB; no unit is KiB; of 2 bits each
granule has 512000 bytes = 500 KiB.
";

fn cache_mismatch(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-1", "0-1").node(0, "3", 2048);
    host.cpu(0, 0, 0, "0").cpu(1, 0, 1, "1");
    host.cache(0, bank(3, 7, "Unified", "1024KB", "0"))
        .cache(1, bank(3, 0, "Unified", "2048", "1"));
    allocation(host, "L3", 4, "3", 1);
    host.resctrl("MB/bandwidth_gran", 10)
        .resctrl("MB/min_bandwidth", 10)
        .resctrl("MB/num_closids", 8);
}

const CACHE_FAILURE: &str = "\
resctrl has a bandwidth without its minimum: a failure before any bank is looked at, so nothing of cache, bandwidth and
energy is printed. The topology is none of that.
";

fn cache_failure(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0", "0").cpu(0, 0, 0, "0").node(0, "1", 2048);
    host.cache(0, bank(3, 0, "Unified", "1M", "0")).resctrl("MB/bandwidth_gran", 10);
}
