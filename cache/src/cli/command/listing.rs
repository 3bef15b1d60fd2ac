//! `ls` and `show`: what is stored.

use std::collections::BTreeMap;

use super::super::args::inspect::{Ls, Show};
use super::super::failure::Failure;
use super::super::show::detail::Detail;
use super::super::show::entries::{self as show, Stored};
use super::super::text::time::seconds;
use super::named::Target;
use super::{Context, Open};
use crate::model::entry::EntryRecord;
use crate::store::slot::Slot;

/// Lists what is stored.
pub(super) fn ls(args: &Ls, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_current()?;
    let mut listing = listing(&open)?;
    if let Some(group) = &args.group {
        listing.retain(|stored| stored.group.as_ref() == Some(group));
    }
    show::sort(&mut listing, args.sort);
    if context.console.is_json() {
        return context.console.json_all(listing.iter().map(show::json));
    }
    if listing.is_empty() {
        context.console.note(match &args.group {
            Some(group) => format!("nothing of the group {} is stored", group.escape_default()),
            None => "nothing is stored".to_owned(),
        });
    }
    context.console.lines(show::lines(&listing, seconds(context.now)))
}

/// Every key with its object, and every object without a key.
fn listing(open: &Open) -> Result<Vec<Stored>, Failure> {
    let mut by_object: BTreeMap<_, Vec<EntryRecord>> = BTreeMap::new();
    for entry in open.cache.entries()? {
        by_object.entry(entry.object).or_default().push(entry);
    }
    let slots = open.cache.objects()?;
    let stored = slots.iter().flat_map(|slot| {
        let entries = by_object.remove(&slot.id).unwrap_or_default();
        let keys: Vec<_> = if entries.is_empty() {
            vec![stored(slot, None)]
        } else {
            entries
                .into_iter()
                .map(|entry| stored(slot, Some(entry)))
                .collect()
        };
        keys
    });
    Ok(stored.collect())
}

fn stored(slot: &Slot, entry: Option<EntryRecord>) -> Stored {
    let key_id = entry.as_ref().map(|entry| entry.id);
    let (key, group) = entry.map_or((None, None), |entry| (Some(entry.key), entry.group));
    Stored {
        key,
        key_id,
        group,
        object: slot.id,
        blocks: slot.blocks,
        used_at: slot.last_used_at,
        leases: slot.leases.into(),
        pinned: slot.is_pinned,
    }
}

/// Shows all that is known about one object and the keys that stand for it.
pub(super) fn show(args: &Show, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_current()?;
    let target = Target::find(&args.name, &open.cache)?;
    let entries = open.cache.entries()?;
    let detail = Detail {
        object: target.object,
        slot: open
            .cache
            .objects()?
            .into_iter()
            .find(|slot| slot.id == target.object),
        record: open.cache.object(target.object)?,
        entries: entries
            .into_iter()
            .filter(|entry| entry.object == target.object)
            .collect(),
        leases: open
            .cache
            .leases()?
            .into_iter()
            .filter(|lease| lease.object == target.object)
            .collect(),
    };
    if context.console.is_json() {
        return context.console.json(&detail.json());
    }
    context.console.lines(detail.lines(seconds(context.now)))
}
