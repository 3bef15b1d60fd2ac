//! Which ids of the host stand behind the ids of a container.

/// The user id of vcap in a container.
pub const VCAP_UID: u32 = 2000;
/// The group id of vcap in a container.
pub const VCAP_GID: u32 = 2000;

/// A run of consecutive ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// The first id inside.
    pub inside: u32,
    /// The first id outside.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

/// What the ids of a container are on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdMap(pub Vec<IdRange>);

impl IdMap {
    /// The id on the host behind an id of the container, if it has one.
    #[must_use]
    pub fn outside(&self, inside: u32) -> Option<u32> {
        self.0.iter().find_map(|range| {
            let offset = inside.checked_sub(range.inside)?;
            (offset < range.count).then(|| range.outside.checked_add(offset))?
        })
    }
}
