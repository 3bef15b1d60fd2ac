//! The number of a buildpack, as its directory under `deps` is named.

use std::fmt;

/// The index of a buildpack among those that run (builder contract §4).
///
/// Displays with leading zeros up to the width of the number of buildpacks that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepsIndex {
    index: usize,
    width: usize,
}

impl DepsIndex {
    /// Numbers the buildpacks of a run: `supplying` of them, and the final one after them.
    #[must_use]
    pub fn all(supplying: usize) -> impl DoubleEndedIterator<Item = Self> {
        let width = (supplying + 1).to_string().len();
        (0..=supplying).map(move |index| Self { index, width })
    }

    /// Tells whether the name has no leading zeros.
    #[must_use]
    pub fn is_unpadded(self) -> bool {
        self.index.to_string().len() == self.width
    }

    /// The index of the final buildpack behind `supplying` others.
    #[must_use]
    pub fn last(supplying: usize) -> Self {
        Self {
            index: supplying,
            width: (supplying + 1).to_string().len(),
        }
    }
}

impl fmt::Display for DepsIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.index, width = self.width)
    }
}

#[cfg(test)]
mod tests;
