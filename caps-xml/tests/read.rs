//! The pull reader: its rules one by one, random trees there and back, hostile input, and a second reader as the judge.

#[path = "read/seen.rs"]
mod seen;

#[path = "read/forms.rs"]
mod forms;
#[path = "read/hostile.rs"]
mod hostile;
#[path = "read/navigate.rs"]
mod navigate;
#[path = "read/oracle.rs"]
mod oracle;
#[path = "read/real.rs"]
mod real;
#[path = "read/rules.rs"]
mod rules;
#[path = "read/tree.rs"]
mod tree;
