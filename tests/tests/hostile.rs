//! Hostile roots: the program ends soon, with a document or a sentence, and tells nothing from outside of the root.

#[path = "hostile/content.rs"]
mod content;
#[path = "hostile/links.rs"]
mod links;
#[path = "hostile/many.rs"]
mod many;
#[path = "hostile/mutated.rs"]
mod mutated;
#[path = "hostile/support.rs"]
mod support;
