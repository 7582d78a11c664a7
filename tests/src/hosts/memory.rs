//! CPUs, nodes and their memory.

use super::OwnHost;
use crate::sketch::{CpuCache, Entry, Sketch};

pub(super) const HOSTS: &[OwnHost] = &[
    OwnHost { name: "two-cpus", rule: TWO_CPUS, draw: two_cpus },
    OwnHost { name: "aarch64", rule: AARCH64, draw: aarch64 },
    OwnHost { name: "smt-offline", rule: SMT_OFFLINE, draw: smt_offline },
    OwnHost { name: "node-gap", rule: NODE_GAP, draw: node_gap },
    OwnHost { name: "hmat", rule: HMAT, draw: hmat },
    OwnHost { name: "huge-pages", rule: HUGE_PAGES, draw: huge_pages },
    OwnHost { name: "no-numa", rule: NO_NUMA, draw: no_numa },
    OwnHost { name: "no-node-directory", rule: NO_NODE_DIRECTORY, draw: no_node_directory },
    OwnHost { name: "negative-core", rule: NEGATIVE_CORE, draw: negative_core },
];

const TWO_CPUS: &str = "\
A guest of two cores. CPUID has the bit of an invariant TSC and nothing else, so no model fits, and what does not
need one stays: microcode 0x1000065 = 16777317, the counter from KVM (2445426 kHz, not scalable), 48 bits.
The first level of cache is not listed; level 2 is one bank a core of 512 KiB, level 3 one of 32768K = 32 MiB.
Pages of 4 KiB: 2040 KiB of memory are 510. The kernel says 65535 for `no cluster`, and so does the document.
logind can suspend (`yes`), may hibernate (`challenge` counts too), cannot sleep both ways (`na`).
The UUID is the firmware's. There is a group of the IOMMU. dac has the account of libvirt-qemu.
";

fn two_cpus(host: &mut Sketch) {
    host.facts(
        "numa yes\nprivileged yes\nkvm_tsc_khz 2445426\nkvm_tsc_control 0\nlogind_suspend yes\n\
         logind_hibernate challenge\nlogind_hybrid_sleep na\n",
    )
    .file("cpuid.tsv", INVARIANT_TSC)
    .cpus("0-1", "0-1")
    .file("proc/cpuinfo", CPUINFO)
    .node(0, "3", 2040)
    .of_node(0, "distance", 10)
    .line("sys/kernel/iommu_groups/0/type", "DMA")
    .line("sys/devices/virtual/dmi/id/product_uuid", "4C4C4544-0051-3610-8052-B4C04F4E3132")
    .file("etc/passwd", "root:x:0:0::/:/bin/sh\nlibvirt-qemu:x:64055:104::/:/bin/false\n")
    .file("etc/group", "root:x:0:\nlibvirt-qemu:x:64056:\n");
    for (cpu, own) in [(0, "0"), (1, "1")] {
        host.cpu(cpu, 0, cpu, own)
            .line(&format!("sys/devices/system/cpu/cpu{cpu}/topology/die_id"), 0)
            .line(&format!("sys/devices/system/cpu/cpu{cpu}/topology/cluster_id"), 65535);
        let l1 = CpuCache { index: 0, level: 1, id: cpu, kind: "Data", size: "32K", cpus: own };
        host.cache(cpu, l1)
            .cache(cpu, CpuCache { index: 2, level: 2, kind: "Unified", size: "512K", ..l1 })
            .cache(cpu, l3("32768K", "0-1"));
    }
}

const AARCH64: &str = "\
An ARM server: bits 15 to 4 of MIDR_EL1 are part 0xd0c, a Neoverse-N1, bits 31 to 24 implementer 0x41, ARM. HWCAP 2051 has
the bits 0, 1 and 11: fp, asimd, cpuid, and all of them are listed. Microcode, signature, counter and physical address bits
are for x86 alone, whatever cpuinfo says.
";

fn aarch64(host: &mut Sketch) {
    host.facts("machine aarch64\nnuma yes\nhwcap 2051\n")
        .cpus("0", "0")
        .cpu(0, 0, 0, "0")
        .node(0, "1", 1024)
        .file("proc/cpuinfo", CPUINFO)
        .line("sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x00000000413fd0c1");
}

const INVARIANT_TSC: &str = "cpuid\t0x80000000\t0x0\t0x80000008\t0x0\t0x0\t0x0\n\
    cpuid\t0x80000007\t0x0\t0x0\t0x0\t0x0\t0x100\n";
const CPUINFO: &str = "processor\t: 0\nmicrocode\t: 0x1000065\n\
    address sizes\t: 48 bits physical, 48 bits virtual\n";

const fn l3<'a>(size: &'a str, cpus: &'a str) -> CpuCache<'a> {
    CpuCache { index: 3, level: 3, id: 0, kind: "Unified", size, cpus }
}

const SMT_OFFLINE: &str = "\
Two cores of two threads, CPU i and i + 2 are siblings, CPU 3 is offline. Counted are 3 online and 1 offline CPU:
1 node x 1 socket x 2 cores x 2 threads = 4 = 3 + 1, so the shape stands. The cell lists what the map has: 0 to 2. Where
the kernel tells no die and no cluster they are 0. The offline CPU has no cache directory and is not asked for one.
No account of an emulator exists, and the daemon is not privileged: there is no dac.
";

fn smt_offline(host: &mut Sketch) {
    host.facts("numa yes\nprivileged no\n").cpus("0-3", "0-2").node(0, "7", 4_194_304);
    host.put("sys/devices/system/node/node0/cpu3", Entry::Link("../../cpu/cpu3".into()));
    host.line("sys/devices/system/cpu/cpu3/online", 0);
    for (cpu, core, siblings) in [(0, 0, "0,2"), (1, 1, "1"), (2, 0, "0,2")] {
        host.cpu(cpu, 0, core, siblings).cache(cpu, l3("8M", "0-2"));
    }
}

const NODE_GAP: &str = "\
Nodes 0 and 2: cells keep the kernel's numbers, and the k-th distance belongs to the k-th node. The rows need not be
symmetric. A distance of 0 is none. Two nodes of two cores: 2 x 1 x 2 x 1 = 4 CPUs, so `sockets` is 1, that of a node.
Node 0 has 3 pages of 2 MiB of its 1 GiB: (1048576 - 6144) / 4 = 260608 pages are left. Node 2 has no pools.
";

fn node_gap(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-3", "0-3");
    host.node(0, "3", 1_048_576).of_node(0, "distance", "10 21");
    host.node(2, "c", 524_288).of_node(2, "distance", "0 10");
    host.pool("sys/devices/system/node/node0", 2048, 3).pool("sys/kernel/mm", 2048, 3);
    for (cpu, siblings) in [(0, "0"), (1, "1"), (2, "2"), (3, "3")] {
        host.cpu(cpu, cpu as i32 / 2, cpu % 2, siblings);
    }
}

const HMAT: &str = "\
Node 0 has two CPUs and a memory side cache, node 1 memory without CPUs, node 2 a CPU without memory.
`<memory>` is left out for 0 KiB, `<pages>` is not. A cache of 10240 bytes is 10 KiB; indexing 0 is direct, write policy 1
writethrough; a line of 0 bytes is not printed. Only access1 counts. Bandwidth is printed in KiB/s, modulo 2^32:
5000000 MiB/s become 825032704. Latencies come first, then by initiator, target, read before write.
3 nodes x 1 socket x 2 cores x 1 thread are not 3 CPUs: one socket of 3 cores.
";

fn hmat(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-2", "0-2");
    host.cpu(0, 0, 0, "0").cpu(1, 0, 1, "1").cpu(2, 1, 0, "2");
    host.node(0, "3", 1_048_576).node(1, "0", 2_097_152).node(2, "4", 0);
    for (file, value) in [("size", 10240), ("line_size", 0), ("indexing", 0), ("write_policy", 1)] {
        host.of_node(0, &format!("memory_side_cache/index1/{file}"), value);
    }
    access(host, 0, "access1", [201, 200, 6, 7]);
    access(host, 1, "access1", [5_000_000, 90, 20, 30]);
    access(host, 1, "access0", [1, 1, 1, 1]);
}

/// How node 0 and node 2 reach `target`: bandwidths of reading and writing in MiB/s, then latencies in ns.
fn access(host: &mut Sketch, target: u32, class: &str, values: [u32; 4]) {
    let files = ["read_bandwidth", "write_bandwidth", "read_latency", "write_latency"];
    for (file, value) in files.into_iter().zip(values) {
        host.of_node(target, &format!("{class}/initiators/{file}"), value);
    }
    for initiator in [0, 2] {
        let place =
            format!("sys/devices/system/node/node{target}/{class}/initiators/node{initiator}");
        host.put(&place, Entry::Link(format!("../../../node{initiator}")));
    }
}

const HUGE_PAGES: &str = "\
The pools of the node exceed its memory: 2 pages of 1 GiB of 1 GiB leave (1048576 - 2097152) / 4 pages in 64 bits without a
sign, (2^64 - 2^30) / 4096 = 4503599627108352. Of the host's pools one has no `free_hugepages`: `<cpu>` then has no
`<pages>` at all. Sizes ascend, whatever the order of the directory.
";

fn huge_pages(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0", "0").cpu(0, 0, 0, "0").node(0, "1", 1_048_576);
    host.pool("sys/devices/system/node/node0", 1_048_576, 2)
        .pool("sys/devices/system/node/node0", 2048, 0)
        .pool("sys/kernel/mm", 1_048_576, 2)
        .line("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", 0);
}

const NO_NUMA: &str = "\
Without NUMA the topology is made up: the nodes are counted, 2 x 1 socket x 1 core x 2 threads = 4 CPUs, 3 of them online.
Both cells have id 0 and the whole memory: 262144 pages x 4 KiB. Siblings are made up as well and name CPU 3, which is
offline and not listed. There are no pages and no distances in the cells; `<cpu>` has its pages, for the memory is known.
";

fn no_numa(host: &mut Sketch) {
    host.facts("numa no\nphys_pages 262144\n").cpus("0-3", "0-2").pool("sys/kernel/mm", 2048, 5);
    host.cpu(0, 0, 0, "0-1").cpu(1, 0, 0, "0-1").cpu(2, 1, 0, "2");
    host.line("sys/devices/system/cpu/cpu3/online", 0);
    host.node(0, "3", 524_288).node(1, "4", 524_288).of_node(0, "distance", "10 20");
    host.put("sys/devices/system/node/node1/cpu3", Entry::Link("../../cpu/cpu3".into()));
}

const NO_NODE_DIRECTORY: &str = "\
NUMA answers, and there is no directory of nodes: no cell, and that is no failure. The CPUs are counted as one node: 2 cores.
The memory of no nodes is 0 and known, so `<cpu>` has its topology and its page size.
";

fn no_node_directory(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0-1", "0-1").cpu(0, 0, 0, "0").cpu(1, 0, 1, "1");
}

const NEGATIVE_CORE: &str = "\
A socket of -1 is 0, but a core of -1 is an error: CPUs cannot be counted and the topology is neither real nor made up.
`<cpu>` keeps its architecture and its pages. The banks of the cache are none of that.
";

fn negative_core(host: &mut Sketch) {
    host.facts("numa yes\n").cpus("0", "0").cpu(0, -1, 0, "0").node(0, "1", 1024);
    host.line("sys/devices/system/cpu/cpu0/topology/core_id", -1).cache(0, l3("4M", "0"));
}
