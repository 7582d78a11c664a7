//! A tree that keeps all that is read through it.
