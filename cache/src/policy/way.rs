//! Which way a view is made, from what is wanted and what was tried (container-view-spike §8). Pure.

use crate::model::way::{Showing, WantedWay, Way};

/// What was tried on the store's own file system; the reason of each refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tried {
    /// Protected mounts of single trees.
    pub slots: Option<String>,
    /// Such mounts with another owner.
    pub map: Option<String>,
}

/// A way, and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub way: Way,
    /// Why it is not a better one.
    pub reason: Option<String>,
    /// Whether the mounts are to show another owner.
    pub is_mapped: bool,
    /// Whether another way will do where this one turns out not to.
    pub is_open: bool,
}

/// A way that was asked for and cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("A view of {} cannot be made: {reason}", words(*.way))]
pub struct WayRefused {
    /// What was asked for.
    pub way: WantedWay,
    /// Why not.
    pub reason: String,
    /// Whether the request contradicts itself, whatever the machine.
    pub is_contradiction: bool,
}

/// What a way is called in messages.
const fn words(way: WantedWay) -> &'static str {
    match way {
        WantedWay::Auto => "any kind",
        WantedWay::Slots => "mounts",
        WantedWay::Links => "hard links",
        WantedWay::Symlinks => "symbolic links",
        WantedWay::Copy => "copies",
        WantedWay::InPlace => "files to be read in their place",
    }
}

/// Whether the choice rests on a trial.
#[must_use]
pub fn needs_trial(showing: &Showing) -> bool {
    let may_mount = matches!(showing.way, WantedWay::Auto | WantedWay::Slots) && !showing.privileged;
    let may_map = showing.owner.is_some() && showing.way != WantedWay::Symlinks;
    may_mount || may_map
}

/// Chooses.
pub fn choose(showing: &Showing, tried: &Tried) -> Result<Choice, WayRefused> {
    let refused = |reason: &str, is_contradiction| WayRefused {
        way: showing.way,
        reason: reason.to_owned(),
        is_contradiction,
    };
    match (showing.way, &tried.slots) {
        (WantedWay::Auto | WantedWay::Copy | WantedWay::InPlace, _) if showing.privileged => Ok(whole(
            showing,
            tried,
            Way::Copy,
            Some("a privileged container gets no writable file of the store".to_owned()),
        )),
        _ if showing.privileged => Err(refused(
            "a privileged container could write into the store, so it gets copies only",
            true,
        )),
        (WantedWay::Slots, Some(reason)) => Err(refused(reason, false)),
        (WantedWay::Auto | WantedWay::Slots, None) => Ok(slots(showing, tried)),
        (WantedWay::Auto, Some(reason)) => {
            let reason = format!("no mounts: {reason}");
            Ok(whole(showing, tried, Way::Farm, Some(reason)))
        }
        (WantedWay::InPlace, _) => {
            let reason = "no mounts: it is read in its place".to_owned();
            Ok(whole(showing, tried, Way::Farm, Some(reason)))
        }
        (WantedWay::Links, _) => Ok(whole(showing, tried, Way::Farm, None)),
        (WantedWay::Symlinks, _) => Ok(symlinks(showing)),
        (WantedWay::Copy, _) => Ok(whole(showing, tried, Way::Copy, None)),
    }
}

fn slots(showing: &Showing, tried: &Tried) -> Choice {
    let reason = match (showing.owner, &tried.map) {
        (None, _) => Some("no owner to map to was named".to_owned()),
        (Some(_), Some(reason)) => Some(format!("no ID map: {reason}")),
        (Some(_), None) => None,
    };
    Choice {
        way: if reason.is_some() {
            Way::PlainSlots
        } else {
            Way::Slots
        },
        is_mapped: reason.is_none(),
        is_open: showing.way == WantedWay::Auto,
        reason,
    }
}

/// Links into all objects, as they are: whoever owns their directory can list it, and that must not be the container.
fn symlinks(showing: &Showing) -> Choice {
    let reason = "no ID map: the owner of all objects could list them";
    Choice {
        way: Way::Symlinks,
        reason: showing.owner.is_some().then(|| reason.to_owned()),
        is_mapped: false,
        is_open: false,
    }
}

/// A way that shows everything by one mount.
fn whole(showing: &Showing, tried: &Tried, way: Way, reason: Option<String>) -> Choice {
    let no_map = tried.map.as_ref().filter(|_| showing.owner.is_some());
    let no_map = no_map.map(|reason| format!("no ID map: {reason}"));
    let reasons: Vec<String> = reason.into_iter().chain(no_map.clone()).collect();
    Choice {
        way,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        is_mapped: showing.owner.is_some() && no_map.is_none(),
        is_open: matches!(showing.way, WantedWay::Auto | WantedWay::InPlace),
    }
}

#[cfg(test)]
mod tests;
