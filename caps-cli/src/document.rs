//! The document of a host with the guests that are asked for.

use crate::emulators::Emulators;
use crate::{Arguments, Failure, GuestSource, host};
use caps_core::{Builder, Caps};
use caps_linux::{Guests, Host, Observer};

/// The document of `host` with the guests of these emulators, or else with those that the arguments ask for, handed to `visit`.
pub(crate) fn visit<T>(
    arguments: &Arguments,
    host: &Host<'_>,
    emulators: Option<&Emulators>,
    observer: &mut dyn Observer,
    visit: impl FnOnce(&Caps<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let add = emulators.map(|emulators| |builder: &mut Builder<'_>| emulators.add_to(builder));
    let guests = match (&add, arguments.guest_source()) {
        (Some(add), _) => Guests::Added(add),
        (None, GuestSource::Files) => Guests::Files,
        (None, GuestSource::None | GuestSource::Qmp) => Guests::None,
    };
    host::capabilities(host, guests, observer, visit)
}
