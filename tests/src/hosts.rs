//! The hosts of `tests/hosts`, as sketches: each small enough to work out its document by hand from the rules.

mod contradiction;
mod memory;
mod plain;
mod resource;

use crate::sketch::Sketch;

/// A host of `tests/hosts`.
#[derive(Clone, Copy, Debug)]
pub struct OwnHost {
    /// The name of its directory.
    pub name: &'static str,
    /// What it shows, and how its document follows: its README.
    pub rule: &'static str,
    /// Draws it.
    pub draw: fn(&mut Sketch),
}

impl OwnHost {
    /// The host as a sketch.
    pub fn sketch(&self) -> Sketch {
        let mut sketch = Sketch::default();
        (self.draw)(&mut sketch);
        sketch
    }
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static OwnHost> {
    let topics = [memory::HOSTS, resource::HOSTS, plain::HOSTS, contradiction::HOSTS];
    topics.into_iter().flatten()
}

/// The host of this name.
///
/// # Panics
/// Where there is none.
pub fn named(name: &str) -> &'static OwnHost {
    all().find(|host| host.name == name).unwrap_or_else(|| panic!("no host {name}"))
}
