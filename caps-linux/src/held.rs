//! A host that is asked again and again: probed once, looked at from then on.

use crate::error::Error;
use crate::probe::{Again, FIRST_OF_CELLS, Guests, Host, capabilities};
use crate::report::Observer;
use crate::tree::HeldFile;
use caps_core::{Caps, Driver, Kept};

/// The document of a host that is asked again and again, in storage of the caller's.
///
/// [`refresh`](Self::refresh) probes in full the first time. Then it only reads again what changes on a running host: which
/// CPUs and nodes are online, whether there is an IOMMU, how resctrl is set, and the memory and huge pages of each node. Where
/// numbers changed they are written into the document; where more changed, and on a host that cannot be held (a recorded one,
/// one without NUMA, one whose cells are made up), it probes in full again. Either way the document is the one that a probe
/// in full would make.
///
/// What a daemon of libvirt's asks once and keeps is kept: the CPU, the UUID, security models, what [`Facts`](crate::Facts)
/// say, and the guests. [`forget`](Self::forget) ends that.
///
/// Files are held open in `files`: 3, and for each node 1 and 1 for each size of huge pages. Where there are fewer slots, or
/// no more descriptors, the rest is opened each time.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// use caps_core::{Driver, Storage, storage};
/// use caps_linux::{Environment, Guests, Held, Host, Live, Native, Root};
///
/// let (native, root) = (Native::open(), Root::live());
/// let live = Live::ask(&native, Environment::default())?;
/// let host = Host { tree: &root, facts: &live.facts(), cpuid: Some(&native) };
/// let (mut storage, mut files) = (Storage::<{ storage::NODE }>::new(), [const { None }; 64]);
/// let mut held = Held::new(Driver::QEMU, storage.bytes_mut(), &mut files);
/// loop {
///     held.refresh(&host, Guests::None, &mut ())?;
///     let _document = held.caps();
///     # break Ok(());
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Held<'m> {
    driver: Driver<'m>,
    storage: &'m mut [u8],
    files: &'m mut [Option<HeldFile>],
    document: Option<Document>,
}

/// The document, and the shape of the host that it is of; no shape where the host cannot be held.
#[derive(Debug)]
struct Document {
    kept: Kept,
    shape: Option<u64>,
}

/// What a refresh found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Change {
    /// The document is the same.
    None,
    /// Memory or pages of a cell are others.
    Numbers,
    /// The host was probed in full.
    Probed,
}

impl<'m> Held<'m> {
    /// Holds nothing yet. Old contents of `storage` and `files` do not matter.
    pub const fn new(
        driver: Driver<'m>,
        storage: &'m mut [u8],
        files: &'m mut [Option<HeldFile>],
    ) -> Self {
        Self { driver, storage, files, document: None }
    }

    /// The document as the last refresh left it; `None` before the first, and after one that failed.
    pub fn caps(&self) -> Option<Caps<'_>> {
        self.document.as_ref().map(|document| document.kept.caps(self.storage))
    }

    /// Makes the document that of `host` as it is now. Guests are made where it is probed in full, and `observer` is told of
    /// that.
    ///
    /// # Errors
    /// As [`capabilities`](crate::capabilities). Nothing is held then.
    pub fn refresh(
        &mut self,
        host: &Host<'_>,
        guests: Guests<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Change, Error> {
        match self.look_again(host) {
            Some(false) => Ok(Change::None),
            Some(true) => Ok(Change::Numbers),
            None => self.probe(host, guests, observer).map(|()| Change::Probed),
        }
    }

    /// Closes all files and holds nothing: the next refresh probes in full.
    pub fn forget(&mut self) {
        self.document = None;
        self.files.fill_with(|| None);
    }

    /// Whether numbers changed. `None` where more may have.
    fn look_again(&mut self, host: &Host<'_>) -> Option<bool> {
        let document = self.document.as_ref()?;
        let page_bytes = host.facts.page_bytes;
        let again = Again { tree: host.tree, files: self.files, page_bytes };
        if again.shape()? != document.shape? {
            return None;
        }
        let (mut number, mut changed) = (FIRST_OF_CELLS, false);
        for mut cell in document.kept.cells_mut(self.storage) {
            changed |= again.look_at(&mut cell, &mut number)?;
        }
        Some(changed)
    }

    fn probe(
        &mut self,
        host: &Host<'_>,
        guests: Guests<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        self.forget();
        let page_bytes = host.facts.page_bytes;
        let mut again = Again { tree: host.tree, files: self.files, page_bytes };
        // Told before the probe: what changes meanwhile is another shape at the next look.
        let shape = again.shape();
        let caps = capabilities(host, &self.driver, guests, self.storage, None, observer)?;
        let can_be_held = host.tree.is_sysfs() && host.facts.numa;
        let held = if can_be_held { again.hold(&caps) } else { None };
        self.document = Some(Document { kept: caps.keep(), shape: held.and(shape) });
        Ok(())
    }
}
