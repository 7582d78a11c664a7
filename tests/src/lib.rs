//! What the tests of the whole share: where cases lie, how a document is made of one, and how two are compared.
//!
//! | module | for |
//! |---|---|
//! | [`place`] | the repository's own files and the shared cases beside it |
//! | [`recording`] | a recorded host and its document, made in process |
//! | [`tree`] | trees that keep a list of what is asked, or that fail |
//! | [`sketch`] | hosts made of a few lines, written to a directory |
//! | [`hosts`] | the hosts of `tests/hosts`, as sketches |
//! | [`synthetic`] | large hosts from the shared generator |
//! | [`inject`] | programs of which one system call fails |
//! | [`program`] | the program itself, with a limit of time |
//! | [`difference`] | a comparison that tells where |
//! | [`libvirtd`] | a daemon of libvirt's to compare with |
//! | [`agent`] | capsd, built and started |
//! | [`neighbours`] | clients that it has to bear |
//! | [`schema`] | libvirt's schema |
#![forbid(unsafe_code)]

pub mod agent;
pub mod difference;
pub mod hosts;
pub mod inject;
pub mod libvirtd;
pub mod masks;
pub mod neighbours;
pub mod place;
pub mod program;
pub mod recording;
pub mod schema;
pub mod sketch;
pub mod synthetic;
pub mod tree;
