//! `<iommu>`

use super::Probe;
use crate::path::{Path, at};
use crate::report::Topic;
use caps_core::{Builder, Flags};
use core::ops::ControlFlow;

impl Probe<'_> {
    /// There is an IOMMU where there is a group.
    pub(super) fn iommu(&mut self, builder: &mut Builder<'_>) {
        let directory = at!("/sys/kernel/iommu_groups");
        let groups = if self.host.tree.agrees_with_itself() {
            self.has_subdirectory(&directory)
        } else {
            self.has_entry(&directory)
        };
        builder.flags(Flags::IOMMU, groups);
    }

    /// On sysfs a directory has a link more for each directory in it, and groups are directories.
    fn has_subdirectory(&mut self, directory: &Path) -> bool {
        let stat = self.stat(Topic::Iommu, directory);
        stat.is_ok_and(|stat| stat.is_some_and(|stat| stat.links > 2))
    }

    fn has_entry(&mut self, directory: &Path) -> bool {
        let mut found = false;
        let _ = self.list(Topic::Iommu, directory, &mut |_, _| {
            found = true;
            ControlFlow::Break(())
        });
        found
    }
}
