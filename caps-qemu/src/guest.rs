//! `<guest>`s of the emulators that were found.

use crate::facts::EmulatorFacts;
use crate::find::Found;
use crate::target;
use crate::verdict::Verdicts;
use caps_core::{Builder, Domain, Guest, Machine, OsType};

/// Adds the guests that were `found`, in that order, to the document. One whose emulator was rejected is left out.
pub fn add_guests(builder: &mut Builder<'_>, found: &[Found], verdicts: &Verdicts) {
    for found in found {
        if let Some(Ok(facts)) = verdicts.get(&found.emulator) {
            add_guest(builder, found, facts);
        }
    }
}

fn add_guest(builder: &mut Builder<'_>, found: &Found, facts: &EmulatorFacts) {
    let mut entry = builder.guest(&Guest {
        os_type: OsType::Hvm,
        arch: found.arch,
        word_bits: found.arch.word_bits(),
        emulator: &found.emulator,
        loader: None,
        emulator_mtime: 0,
        features: target::features(found.arch),
    });
    for machine in &facts.machines {
        entry.machine(&Machine {
            name: machine.name.as_bytes(),
            canonical: machine.canonical.as_ref().map(|name| name.as_bytes()),
            max_cpus: machine.max_cpus,
            deprecated: machine.deprecated,
        });
    }
    for virt in facts.domains() {
        entry.domain(&Domain { virt, emulator: None, emulator_mtime: 0 });
    }
}
