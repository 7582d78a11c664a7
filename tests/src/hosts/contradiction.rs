//! Hosts that contradict themselves: what one CPU or node says of another is not what that says itself.

use super::OwnHost;
use crate::sketch::{CpuCache, Entry, Sketch};

pub(super) const HOSTS: &[OwnHost] = &[
    OwnHost { name: "amd-l3", rule: AMD_L3, draw: amd_l3 },
    OwnHost { name: "caches-at-odds", rule: CACHES_AT_ODDS, draw: caches_at_odds },
    OwnHost { name: "threads-at-odds", rule: THREADS_AT_ODDS, draw: threads_at_odds },
    OwnHost { name: "pools-at-odds", rule: POOLS_AT_ODDS, draw: pools_at_odds },
    OwnHost { name: "pool-without-free", rule: POOL_WITHOUT_FREE, draw: pool_without_free },
    OwnHost { name: "maps-at-odds", rule: MAPS_AT_ODDS, draw: maps_at_odds },
];

const UNIFIED: CpuCache<'_> =
    CpuCache { index: 3, level: 3, id: 0, kind: "Unified", size: "16M", cpus: "0-3" };

const AMD_L3: &str = "\
Four CPUs share the cache of the third level, and each gives it an id of its own, as Linux shows an AMD guest of QEMU. A bank
is what is equal in id, level, type, size and CPUs: four banks, each with all CPUs. Of the second level pairs share a cache,
again under four ids: four banks more.
";

fn amd_l3(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-3", "0-3").node(0, "f", 1024);
    for (cpu, own, pair) in [(0, "0", "0-1"), (1, "1", "0-1"), (2, "2", "2-3"), (3, "3", "2-3")] {
        let l2 = CpuCache { index: 2, level: 2, id: cpu, size: "512K", cpus: pair, ..UNIFIED };
        host.cpu(cpu, 0, cpu, own).cache(cpu, l2).cache(cpu, CpuCache { id: cpu, ..UNIFIED });
    }
}

const CACHES_AT_ODDS: &str = "\
All four CPUs name the same cache and differ in it. CPU 1 has it in another size, CPU 2 with other CPUs, CPU 3 as one for data:
four banks, which keep their order, as level and id are the same. Names need not follow the levels: `index2` of CPU 3 is of the
first level, which is not listed, and its `index0` of the second, which is. CPU 2 has a fourth level in `index1`.
";

fn caches_at_odds(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-3", "0-3").node(0, "f", 1024);
    for (cpu, own) in [(0, "0"), (1, "1"), (2, "2"), (3, "3")] {
        let l1 = CpuCache { index: 0, level: 1, kind: "Data", size: "32K", cpus: own, ..UNIFIED };
        let l2 = CpuCache { index: 2, level: 2, size: "1M", ..UNIFIED };
        host.cpu(cpu, 0, cpu, own).cache(cpu, l1).cache(cpu, l2).cache(cpu, UNIFIED);
    }
    host.cache(1, CpuCache { size: "8M", ..UNIFIED })
        .cache(2, CpuCache { cpus: "2-3", ..UNIFIED })
        .cache(3, CpuCache { kind: "Data", ..UNIFIED })
        .cache(3, CpuCache { index: 2, level: 1, ..UNIFIED })
        .cache(3, CpuCache { index: 0, level: 2, id: 7, size: "2M", ..UNIFIED })
        .cache(2, CpuCache { index: 1, level: 4, size: "64M", ..UNIFIED });
}

const THREADS_AT_ODDS: &str = "\
CPUs 0 and 1 name each other as siblings and differ in socket, die, cluster and core. CPU 2 names CPUs that do not name it, CPU 3
itself alone. Each is shown with what its own files say. Counted are 2 sockets, 3 cores of the first, 3 threads: not 4 CPUs, and
so one socket of 4 cores.
";

fn threads_at_odds(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-3", "0-3").node(0, "f", 1024);
    let places = [(0, 0, 0, "0-1"), (1, 1, 5, "0-1"), (2, 0, 1, "0,2-3"), (3, 0, 2, "3")];
    for (cpu, socket, core, siblings) in places {
        let topology = format!("sys/devices/system/cpu/cpu{cpu}/topology");
        host.cpu(cpu, socket, core, siblings)
            .line(&format!("{topology}/die_id"), 20 + cpu)
            .line(&format!("{topology}/cluster_id"), 10 + cpu);
    }
}

const POOLS_AT_ODDS: &str = "\
The pools of node 0 are not those of the host, and node 1 has none. `<cpu>` has the sizes of the host, 4, 2048 and 32768 KiB; cell
0 those of its own directory, 3 pages of 64 KiB and 10 of 2048: (1048576 - 192 - 20480) / 4 = 256976 pages are left.
";

fn pools_at_odds(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0", "0").cpu(0, 0, 0, "0");
    host.pool("sys/kernel/mm", 2048, 0).pool("sys/kernel/mm", 32768, 2);
    host.node(0, "1", 1_048_576).node(1, "0", 4096);
    host.pool("sys/devices/system/node/node0", 64, 3);
    host.pool("sys/devices/system/node/node0", 2048, 10);
}

const POOL_WITHOUT_FREE: &str = "\
A pool of node 0 has no `free_hugepages`, which is not printed and still has to be there: the topology is made up, one cell with
all memory. The pools of the host are whole, and `<cpu>` has its pages.
";

fn pool_without_free(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0", "0").cpu(0, 0, 0, "0").node(0, "1", 1_048_576);
    host.pool("sys/kernel/mm", 2048, 1);
    host.line("sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", 1);
}

const MAPS_AT_ODDS: &str = "\
Both nodes map both CPUs, as nodes do that `numa=fake` makes; `cpulist` is not read. Each links one CPU, by which they are counted,
and node 0 links CPU 3, which is present and offline; CPU 2 is present and linked nowhere. 2 nodes x 1 socket x 1 core x 1 thread
are not 2 + 1 CPUs: one socket of 3 cores. A file in the place of a group is an IOMMU.
";

fn maps_at_odds(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-3", "0-1").cpu(0, 0, 0, "0").cpu(1, 0, 1, "1");
    host.node(0, "1", 2048).node(1, "2", 4096);
    for node in [0, 1] {
        host.of_node(node, "cpumap", 3).of_node(node, "cpulist", "2-3");
    }
    host.put("sys/devices/system/node/node0/cpu3", Entry::Link("../../cpu/cpu3".into()));
    host.file("sys/kernel/iommu_groups/0", "");
}
