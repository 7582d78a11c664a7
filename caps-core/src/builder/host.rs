//! Building the parts of `<host>` that are few: UUID, CPU, page sizes, flags, transports, security models.

use super::Builder;
use crate::arch::Arch;
use crate::error::Table;
use crate::flags::Flags;
use crate::model::{CpuHead, HostCpu, SecModel, SecModelHead, Transport};
use crate::sort::heapsort;
use crate::uuid::Uuid;

impl Builder<'_> {
    /// `<cpu><arch>`
    pub const fn arch(&mut self, arch: Option<Arch>) {
        self.head.arch = arch;
    }

    /// `<uuid>`; one that is not valid is kept and not printed.
    pub const fn uuid(&mut self, uuid: Option<Uuid>) {
        self.head.uuid = uuid;
    }

    /// Sets `flags` or clears them.
    pub const fn flags(&mut self, flags: Flags, on: bool) {
        self.head.flags = self.head.flags.with(flags, on);
    }

    /// `<uri_transport>`, in the order of the calls; one that is there already is not added again.
    pub fn transport(&mut self, transport: Transport) {
        if !self.head.transports.contains(&transport) {
            // There is room for one of each.
            let _ = self.head.transports.push(transport);
        }
    }

    /// `<cpu>` with its features, which are printed in this order.
    pub fn cpu<'f>(&mut self, cpu: &HostCpu<'_>, features: impl IntoIterator<Item = &'f [u8]>) {
        let model = cpu.model.map(|model| self.text(model.as_bytes()));
        let vendor = cpu.vendor.map(|vendor| self.text(vendor.as_bytes()));
        let features = self.names(Table::CpuFeatures, features);
        self.head.cpu = Some(CpuHead {
            model,
            vendor,
            features,
            microcode: cpu.microcode,
            signature: cpu.signature,
            counter: cpu.counter,
            topology: cpu.topology,
            maxphysaddr_bits: cpu.maxphysaddr_bits,
        });
    }

    /// `<cpu><pages unit='KiB' size=''>`: page sizes in KiB, in any order.
    pub fn page_sizes(&mut self, sizes_kib: impl IntoIterator<Item = u64>) {
        let mark = self.pool.mark();
        for size in sizes_kib {
            self.pool.pen(Table::PageSizes).bytes(&size.to_be_bytes());
        }
        self.head.page_sizes = self.pool.since(mark);
        let (rows, _) = self.pool.written_mut(self.head.page_sizes).as_chunks_mut::<8>();
        heapsort(rows, |a, b| a < b);
    }

    /// `<secmodel>`, in stack order. Returns whether there was room for it among [`MAX_SECMODELS`](crate::MAX_SECMODELS).
    pub fn secmodel(&mut self, secmodel: &SecModel<'_>) -> bool {
        let head = SecModelHead {
            model: self.text(secmodel.model),
            doi: secmodel.doi,
            kvm_label: secmodel.kvm_label.map(|label| self.text(label)),
            qemu_label: secmodel.qemu_label.map(|label| self.text(label)),
        };
        self.head.secmodels.push(head).is_ok()
    }

    pub(super) fn names<'f>(
        &mut self,
        table: Table,
        names: impl IntoIterator<Item = &'f [u8]>,
    ) -> crate::pool::Span {
        let mark = self.pool.mark();
        for name in names {
            self.pool.pen(table).text(name);
        }
        self.pool.since(mark)
    }
}
