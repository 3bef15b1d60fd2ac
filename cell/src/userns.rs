//! Which ids of the host stand behind the ids of a container: decided from facts, nothing is touched here.
//!
//! | who starts it | map | vcap on the host |
//! |---|---|---|
//! | root | 0 to the highest id there is, every other id to itself, as the platform does | 2000 |
//! | a user with subordinate ids | vcap to the user, the rest to the subordinate ids | the user |
//! | a user without | one id: vcap to the user | the user |

use serde::{Deserialize, Serialize};

use crate::bundle::Isolation;

/// The user id of vcap in a container.
pub const VCAP_UID: u32 = 2000;
/// The group id of vcap in a container.
pub const VCAP_GID: u32 = 2000;

/// A run of consecutive ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdRange {
    /// The first id inside.
    pub inside: u32,
    /// The first id outside.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

/// What the ids of a container are on the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The map in the words of `/proc/PID/uid_map`.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.0.iter().map(|range| {
            let IdRange {
                inside,
                outside,
                count,
            } = range;
            format!("{inside} {outside} {count}\n")
        });
        lines.collect()
    }

    /// Reads the words of `/proc/PID/uid_map`; lines that are none are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let ranges = text.lines().filter_map(|line| {
            let mut words = line.split_ascii_whitespace().map(str::parse);
            let mut next = || words.next()?.ok();
            Some(IdRange {
                inside: next()?,
                outside: next()?,
                count: next()?,
            })
        });
        Self(ranges.collect())
    }
}

/// A run of ids that a user may use beyond the own one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subordinate {
    /// The first.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// Reads the lines of `/etc/subuid` or `/etc/subgid` that are for a user, by name or number.
#[must_use]
pub fn subordinates(text: &str, user: &str, uid: u32) -> Vec<Subordinate> {
    let uid = uid.to_string();
    let ranges = text.lines().filter_map(|line| {
        let mut parts = line.trim().split(':');
        let owner = parts.next()?;
        let mut next = || parts.next()?.parse().ok();
        let range = Subordinate {
            first: next()?,
            count: next()?,
        };
        (owner == user || owner == uid).then_some(range)
    });
    ranges.collect()
}

/// What the decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The effective user id.
    pub uid: u32,
    /// The effective group id.
    pub gid: u32,
    /// Whether this process may administer its user namespace.
    pub is_admin: bool,
    /// The user ids that exist here.
    pub uids: IdMap,
    /// The group ids that exist here.
    pub gids: IdMap,
    /// Further user ids of an ordinary user; empty without `newuidmap`.
    pub subuids: Vec<Subordinate>,
    /// Further group ids of an ordinary user; empty without `newgidmap`.
    pub subgids: Vec<Subordinate>,
}

/// Which credentials a container is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Identity {
    /// Those of the host: no user namespace.
    Host,
    /// A user namespace made by root.
    Mapped {
        /// User ids.
        uids: IdMap,
        /// Group ids.
        gids: IdMap,
    },
    /// A user namespace made by an ordinary user, whose map `newuidmap` and `newgidmap` write.
    Subordinate {
        /// User ids.
        uids: IdMap,
        /// Group ids.
        gids: IdMap,
    },
    /// A user namespace with one id: root in it while the container is made, vcap from then on.
    Single {
        /// The user.
        uid: u32,
        /// The group.
        gid: u32,
    },
}

impl Identity {
    /// The host ids behind a user and a group of the container.
    #[must_use]
    pub fn owner(&self, uid: u32, gid: u32) -> Option<(u32, u32)> {
        match self {
            Self::Host => Some((uid, gid)),
            Self::Mapped { uids, gids } | Self::Subordinate { uids, gids } => {
                Some((uids.outside(uid)?, gids.outside(gid)?))
            }
            Self::Single { uid, gid } => Some((*uid, *gid)),
        }
    }
}

/// Why a kind of container cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// A privileged container shares the host's root, which an ordinary user is not.
    #[error("A privileged container needs root (start as root, or use a user namespace)")]
    NeedsRoot,
    /// Root in a container would have to be somebody outside.
    #[error("This user namespace has too few ids for a container of its own")]
    TooFewIds,
}

/// Decides which credentials a container gets.
pub fn identity(isolation: Isolation, facts: &Facts) -> Result<Identity, Impossible> {
    match isolation {
        Isolation::Privileged if facts.is_admin && facts.uid == 0 => Ok(Identity::Host),
        Isolation::Privileged => Err(Impossible::NeedsRoot),
        Isolation::UserNamespace if facts.is_admin && facts.uid == 0 => Ok(Identity::Mapped {
            uids: platform_map(&facts.uids, VCAP_UID).ok_or(Impossible::TooFewIds)?,
            gids: platform_map(&facts.gids, VCAP_GID).ok_or(Impossible::TooFewIds)?,
        }),
        Isolation::UserNamespace => Ok(ordinary(facts)),
    }
}

/// Root to the highest id there is, every other id to itself; nothing if `needed` does not exist here.
fn platform_map(existing: &IdMap, needed: u32) -> Option<IdMap> {
    let highest = existing
        .0
        .iter()
        .filter_map(|range| last(range.inside, range.count))
        .max()?;
    let mut ranges = vec![IdRange {
        inside: 0,
        outside: highest,
        count: 1,
    }];
    for range in &existing.0 {
        let from = range.inside.max(1);
        let to = last(range.inside, range.count)?;
        let to = if to == highest { to.checked_sub(1)? } else { to };
        if from <= to {
            ranges.push(IdRange {
                inside: from,
                outside: from,
                count: to - from + 1,
            });
        }
    }
    let map = IdMap(ranges);
    map.outside(needed).is_some().then_some(map)
}

fn last(first: u32, count: u32) -> Option<u32> {
    first.checked_add(count.checked_sub(1)?)
}

fn ordinary(facts: &Facts) -> Identity {
    let single = Identity::Single {
        uid: facts.uid,
        gid: facts.gid,
    };
    match (
        spread(&facts.subuids, VCAP_UID, facts.uid),
        spread(&facts.subgids, VCAP_GID, facts.gid),
    ) {
        (Some(uids), Some(gids)) => Identity::Subordinate { uids, gids },
        _ => single,
    }
}

/// `special` to `own`, the ids around it to the subordinate ones; nothing if those do not reach beyond `special`.
fn spread(ranges: &[Subordinate], special: u32, own: u32) -> Option<IdMap> {
    let range = ranges.iter().find(|range| range.count > special)?;
    let rest = IdRange {
        inside: special + 1,
        outside: range.first.checked_add(special)?,
        count: range.count - special,
    };
    rest.outside.checked_add(rest.count)?;
    Some(IdMap(vec![
        IdRange {
            inside: 0,
            outside: range.first,
            count: special,
        },
        IdRange {
            inside: special,
            outside: own,
            count: 1,
        },
        rest,
    ]))
}

#[cfg(test)]
mod tests;
