//! Security models: `<secmodel>`.

use crate::pool::Span;

/// Most security models of a document: libvirt's stack holds each of selinux, apparmor, none once, and dac.
pub const MAX_SECMODELS: usize = 4;

/// A security driver of the stack: `<secmodel>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SecModel<'a> {
    /// `<model>`: `selinux`, `apparmor`, `none`, `dac`.
    pub model: &'a [u8],
    /// `<doi>`: the domain of interpretation, 0 for every driver of today.
    pub doi: u32,
    /// `<baselabel type='kvm'>`, raw bytes.
    pub kvm_label: Option<&'a [u8]>,
    /// `<baselabel type='qemu'>`, raw bytes.
    pub qemu_label: Option<&'a [u8]>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SecModelHead {
    pub(crate) model: Span,
    pub(crate) doi: u32,
    pub(crate) kvm_label: Option<Span>,
    pub(crate) qemu_label: Option<Span>,
}

impl SecModelHead {
    pub(crate) fn view<'a>(&self, bytes: &'a [u8]) -> SecModel<'a> {
        SecModel {
            model: self.model.of(bytes),
            doi: self.doi,
            kvm_label: self.kvm_label.map(|label| label.of(bytes)),
            qemu_label: self.qemu_label.map(|label| label.of(bytes)),
        }
    }
}
