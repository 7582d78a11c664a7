//! The time stamp counter, as far as it is known from before.

use crate::Arguments;
use caps_linux::{Tree, TscFacts};
use caps_qemu::{Epoch, Store};
use std::time::Duration;

/// What KVM said of it in this epoch.
pub(crate) struct Known {
    pub(crate) tsc: Option<TscFacts>,
    /// Where it is to be kept, if anywhere.
    place: Option<(Store, Epoch)>,
}

impl Known {
    /// What is kept on the host of `tree`, unless KVM is to be asked.
    pub(crate) fn of(arguments: &Arguments, tree: &dyn Tree) -> Self {
        let place = arguments.store().and_then(|store| Some((store, Epoch::of(tree)?)));
        let kept = place.as_ref().filter(|_| !arguments.refresh);
        Self { tsc: kept.and_then(|(store, epoch)| store.tsc(epoch)), place }
    }

    /// Keeps what was said now. Where that cannot be, it is asked each time; who keeps emulators there says so.
    pub(crate) fn keep(&self, said: Option<TscFacts>) {
        if let (None, Some(said), Some((store, epoch))) = (self.tsc, said, &self.place) {
            let lock = store.lock(Duration::ZERO);
            let _ = lock.and_then(|lock| lock.keep_tsc(epoch, said));
        }
    }
}
