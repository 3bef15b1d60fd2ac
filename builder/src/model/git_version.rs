//! Versions of git, and which of them run code of a hostile repository (G-03).

use std::fmt;

/// The releases that mended CVE-2024-32002, CVE-2025-48384 and CVE-2025-48385, one per maintenance line of version 2:
/// the line and its first safe release. Lines before the first stay open, lines after the last are safe.
const MENDED: [(u32, u32); 8] = [
    (43, 7),
    (44, 4),
    (45, 4),
    (46, 4),
    (47, 3),
    (48, 2),
    (49, 1),
    (50, 1),
];

/// A version of git, as it tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GitVersion {
    major: u32,
    line: u32,
    release: u32,
}

impl GitVersion {
    /// Reads what `git version` says, for instance `git version 2.39.5 (Apple Git-154)`.
    ///
    /// None when it says something else. A candidate such as `2.51.0-rc1` counts as its release.
    #[must_use]
    pub fn parse(said: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(said).ok()?;
        let version = text.strip_prefix("git version ")?.split_whitespace().next()?;
        let mut numbers = version.split(['.', '-']).map_while(|number| number.parse().ok());
        Some(Self {
            major: numbers.next()?,
            line: numbers.next()?,
            release: numbers.next().unwrap_or(0),
        })
    }

    /// Tells whether this release has no known way for a repository to run code while it is cloned.
    #[must_use]
    pub fn is_mended(self) -> bool {
        let newest = MENDED.last().map_or(0, |(line, _)| *line);
        let in_line = |(line, release): &(u32, u32)| self.line == *line && self.release >= *release;
        self.major > 2 || self.major == 2 && (self.line > newest || MENDED.iter().any(in_line))
    }
}

impl fmt::Display for GitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.line, self.release)
    }
}

#[cfg(test)]
mod tests;
