//! `<secmodel>`

use crate::out::{Out, put};
use caps_core::{Caps, Sink};

pub(crate) fn secmodels<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    for secmodel in caps.secmodels() {
        put!(out, "    <secmodel>\n      <model>", secmodel.model, "</model>\n");
        put!(out, "      <doi>", secmodel.doi, "</doi>\n");
        base_label(out, "kvm", secmodel.kvm_label);
        base_label(out, "qemu", secmodel.qemu_label);
        put!(out, "    </secmodel>\n");
    }
}

fn base_label<S: Sink>(out: &mut Out<'_, S>, virt: &str, label: Option<&[u8]>) {
    if let Some(label) = label {
        put!(out, "      <baselabel type='", virt, "'>", label, "</baselabel>\n");
    }
}
