//! What the measurements share: the documents that are written, and the middle of many times.
#![forbid(unsafe_code)]

pub mod fleet;

/// The middle of `values`; not a number without any.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
