//! Sorting without a heap and without a panic path, which the sorts of core have.

/// Sorts `rows` so that no row is `less` than the one before it. Not stable; n log n steps, no extra memory.
pub(crate) fn heapsort<T>(rows: &mut [T], mut less: impl FnMut(&T, &T) -> bool) {
    for root in (0..rows.len() / 2).rev() {
        sift_down(rows, root, &mut less);
    }
    for end in (1..rows.len()).rev() {
        swap(rows, 0, end);
        if let Some(heap) = rows.get_mut(..end) {
            sift_down(heap, 0, &mut less);
        }
    }
}

fn sift_down<T>(heap: &mut [T], mut root: usize, less: &mut impl FnMut(&T, &T) -> bool) {
    while let Some(child) = larger_child(heap, root, less) {
        match (heap.get(root), heap.get(child)) {
            (Some(parent), Some(largest)) if less(parent, largest) => swap(heap, root, child),
            _ => return,
        }
        root = child;
    }
}

fn larger_child<T>(
    heap: &[T],
    root: usize,
    less: &mut impl FnMut(&T, &T) -> bool,
) -> Option<usize> {
    let left = root * 2 + 1;
    let first = heap.get(left)?;
    match heap.get(left + 1) {
        Some(second) if less(first, second) => Some(left + 1),
        _ => Some(left),
    }
}

fn swap<T>(rows: &mut [T], a: usize, b: usize) {
    if let Ok([a, b]) = rows.get_disjoint_mut([a, b]) {
        core::mem::swap(a, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    proptest! {
        #[test]
        fn it_sorts(mut rows: Vec<u8>) {
            let mut expected = rows.clone();
            expected.sort_unstable();
            heapsort(&mut rows, |a, b| a < b);
            prop_assert_eq!(rows, expected);
        }
    }
}
