//! `caps record`: what is kept of a host, and that it suffices.

#[path = "record/support.rs"]
mod support;

#[path = "record/files.rs"]
mod files;
#[path = "record/machine.rs"]
mod machine;
#[path = "record/place.rs"]
mod place;
#[path = "record/scrub.rs"]
mod scrub;
#[path = "record/shared.rs"]
mod shared;
