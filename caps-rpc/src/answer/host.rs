//! The host as a whole.

use crate::fault::{Code, Domain, Fault, What};
use crate::node::{Node, NodeInfo};
use crate::xdr::Writer;

/// Characters of `model` in `virNodeInfo`, each of which takes a word.
const MODEL_CHARS: usize = 32;
/// The longest name of a host that Linux has.
const HOSTNAME_BYTES: usize = 64;

pub(super) fn version<'a>(node: &mut dyn Node, writer: &mut Writer<'_>) -> Result<(), Fault<'a>> {
    let Some(version) = node.emulator_version()? else {
        let text = node.arch().map_or("this machine", caps_core::Arch::name).as_bytes();
        let what = What::Text { before: "Cannot find suitable emulator for ", text, behind: "" };
        return Err(Fault { code: Code::INTERNAL, domain: Domain::QEMU, what });
    };
    writer.u64(version);
    Ok(())
}

pub(super) fn hostname<'a>(node: &mut dyn Node, writer: &mut Writer<'_>) -> Result<(), Fault<'a>> {
    writer.text(node.hostname(&mut [0; HOSTNAME_BYTES])?);
    Ok(())
}

pub(super) fn info<'a>(node: &mut dyn Node, writer: &mut Writer<'_>) -> Result<(), Fault<'a>> {
    let mut model = [0; MODEL_CHARS];
    // The last character stays a zero.
    node.machine(model.get_mut(..MODEL_CHARS - 1).unwrap_or(&mut []))?;
    model.iter().for_each(|&character| writer.u32(character.into()));
    let NodeInfo { memory_kib, cpus, mhz, nodes, sockets, cores, threads } = node.info()?;
    writer.u64(memory_kib);
    [cpus, mhz, nodes, sockets, cores, threads].into_iter().for_each(|count| writer.u32(count));
    Ok(())
}

pub(super) fn security_model<'a>(
    node: &mut dyn Node,
    writer: &mut Writer<'_>,
) -> Result<(), Fault<'a>> {
    node.security_model(&mut |model| {
        characters(writer, model.model);
        let mut digits = [0; 10];
        let mut number = Writer::new(&mut digits);
        let _ = core::fmt::write(&mut number, format_args!("{}", model.doi));
        let len = number.len();
        characters(writer, digits.get(..len).unwrap_or(&digits));
    })?;
    Ok(())
}

/// A string as a counted list of characters, each of which takes a word, and a zero behind them.
fn characters(writer: &mut Writer<'_>, text: &[u8]) {
    writer.u32(u32::try_from(text.len()).unwrap_or(u32::MAX).saturating_add(1));
    text.iter().for_each(|&character| writer.i32(i32::from(character.cast_signed())));
    writer.u32(0);
}
