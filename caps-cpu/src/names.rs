//! Names packed into one string: no pointer each, nothing to relocate.

/// A table of names; the n-th ends at `ends[n]`, where the next begins.
#[derive(Debug)]
pub(crate) struct Names {
    text: &'static str,
    ends: &'static [u16],
}

impl Names {
    pub(crate) const fn new(text: &'static str, ends: &'static [u16]) -> Self {
        Self { text, ends }
    }

    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the name at `index`; empty outside the table.
    pub(crate) fn name(&self, index: usize) -> &'static str {
        let start = index.checked_sub(1).map_or(0, |before| self.end(before));
        self.text.get(start..self.end(index)).unwrap_or_default()
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let mut start = 0;
        self.ends.iter().position(|&end| {
            let here = self.text.get(start..end.into());
            start = end.into();
            here == Some(name)
        })
    }

    fn end(&self, index: usize) -> usize {
        self.ends.get(index).copied().unwrap_or_default().into()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.text.len() + core::mem::size_of_val(self.ends) + core::mem::size_of::<Self>()
    }
}

/// Packs names at compile time.
macro_rules! names {
    ($($name:literal),* $(,)?) => {
        $crate::names::Names::new(
            concat!($($name),*),
            const { &$crate::names::ends(&[$($name),*]) },
        )
    };
}
pub(crate) use names;

/// Returns the offsets at which the names end when they follow each other. Evaluated at compile time.
#[allow(clippy::indexing_slicing, reason = "a const fn has neither iterators nor `get_mut`")]
pub(crate) const fn ends<const N: usize>(names: &[&str; N]) -> [u16; N] {
    let (mut ends, mut end, mut index) = ([0; N], 0, 0);
    while index < N {
        end += names[index].len();
        ends[index] = end as u16;
        index += 1;
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::Names;

    static THREE: Names = names!["fpu", "vme", "de"];

    #[test]
    fn every_name_is_found_where_it_stands() {
        for index in 0..THREE.len() {
            assert_eq!(THREE.position(THREE.name(index)), Some(index));
        }
        assert_eq!(["fpu", "vme", "de", ""], [0, 1, 2, 3].map(|index| THREE.name(index)));
        assert_eq!(THREE.position("fpuv"), None);
    }
}
