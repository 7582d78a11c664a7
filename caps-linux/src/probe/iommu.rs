//! `<iommu>`

use super::Probe;
use crate::path::at;
use crate::report::Topic;
use caps_core::{Builder, Flags};
use core::ops::ControlFlow;

impl Probe<'_> {
    /// There is an IOMMU where there is a group.
    pub(super) fn iommu(&mut self, builder: &mut Builder<'_>) {
        let mut found = false;
        let _ = self.list(Topic::Iommu, &at!("/sys/kernel/iommu_groups"), &mut |_, _| {
            found = true;
            ControlFlow::Break(())
        });
        builder.flags(Flags::IOMMU, found);
    }
}
