//! CPUs: the time they spent, and which are online.

use super::memory::{check_params, parameters};
use crate::fault::{Domain, Fault, Why};
use crate::node::{CpuTimes, Node};
use crate::xdr::{Writer, padding};

pub(super) fn stats<'a>(
    node: &mut dyn Node,
    cpu: i32,
    params: i32,
    flags: u32,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    const FUNCTION: &str = "virHostCPUGetStatsLinux";
    Fault::check_flags(Domain::NONE, "virHostCPUGetStats", flags, 0)?;
    check_params(params)?;
    let cpu = match cpu {
        -1 => None,
        ..0 => {
            let why = Why::Is("only accepts -1 as a negative value");
            return Err(Fault::argument(Domain::DOM, "virNodeGetCPUStats", "cpuNum", why));
        }
        cpu => Some(cpu.unsigned_abs()),
    };
    let times = node.cpu_times(if params == 0 { None } else { cpu })?;
    let Some(CpuTimes { kernel_ns, user_ns, idle_ns, iowait_ns }) = times else {
        return Err(Fault::argument(Domain::NONE, FUNCTION, "cpuNum", Why::Invalid));
    };
    let told = [("kernel", kernel_ns), ("user", user_ns), ("idle", idle_ns), ("iowait", iowait_ns)];
    parameters(params, &told, writer, |count| {
        Fault::argument(Domain::NONE, FUNCTION, "nparams", Why::MustBe("equal to ", count))
    })
}

/// A bit for each CPU that there may be, the first in the lowest bit of the first byte.
pub(super) fn map<'a>(
    node: &mut dyn Node,
    map: bool,
    online: bool,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    let cpus = node.cpu_count()?;
    let len = if map { cpus.div_ceil(8) } else { 0 };
    writer.u32(len);
    let (mut byte, mut at, mut count) = (0_u8, 0, 0);
    node.online_cpus(&mut |cpu| {
        count += 1;
        while at < len.min(cpu / 8) {
            writer.raw(&[core::mem::take(&mut byte)]);
            at += 1;
        }
        byte |= 1 << (cpu % 8);
    })?;
    for _ in at..len {
        writer.raw(&[core::mem::take(&mut byte)]);
    }
    (0..padding(len as usize)).for_each(|_| writer.raw(&[0]));
    writer.u32(if online { count } else { 0 });
    writer.u32(cpus);
    Ok(())
}
