//! `caps compare`: the words and exit codes of `virsh cpu-compare`, documents of every kind, and what is refused.

mod support;

#[path = "compare/answers.rs"]
mod answers;
#[path = "compare/documents.rs"]
mod documents;
#[path = "compare/refused.rs"]
mod refused;
