//! `lease`: list, release, reclaim.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::args::manage::{Lease, LeaseReclaim, LeaseRelease};
use super::super::exit_code::Worst;
use super::super::failure::Failure;
use super::super::input;
use super::super::show::lease as show;
use super::super::text::{list, time::seconds};
use super::{Context, Open};
use crate::model::lease::Label;
use crate::model::lease_record::LeaseId;
use crate::store::Released;

/// What came of one lease, for programs.
#[derive(Serialize)]
struct Json<'a> {
    lease: &'a str,
    result: &'static str,
}

/// Carries out one of the commands.
pub(super) fn run(command: &Lease, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        Lease::List(_) => list_leases(context),
        Lease::Release(args) => release(args, context),
        Lease::Reclaim(args) => reclaim(args, context),
    }
}

fn list_leases(context: &Context<'_>) -> Result<(), Failure> {
    let mut leases = context.open_current()?.cache.leases()?;
    leases.sort_by(|a, b| (a.made_at, &a.label, a.id).cmp(&(b.made_at, &b.label, b.id)));
    if context.console.is_json() {
        return context.console.json_all(leases.iter().map(show::json));
    }
    context.console.lines(show::lines(&leases, seconds(context.now)))
}

/// Releases all that can be released, and then says what could not (C-08).
fn release(args: &LeaseRelease, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let mut worst = Worst::default();
    for text in &args.ids {
        match release_one(text, &open) {
            Ok(result) => tell(text, result, context)?,
            Err(failure) => worst.note(failure.report(&context.console)),
        }
    }
    worst.into_result()
}

fn release_one(text: &str, open: &Open) -> Result<Released, Failure> {
    let id: LeaseId = text.parse().map_err(Failure::LeaseId)?;
    Ok(open.cache.release(id)?)
}

fn tell(lease: &str, result: Released, context: &Context<'_>) -> Result<(), Failure> {
    let word = match result {
        Released::Dropped(_) => "released",
        Released::AlreadyReleased => "already-released",
    };
    if context.console.is_json() {
        return context.console.json(&Json { lease, result: word });
    }
    if result == Released::AlreadyReleased {
        context
            .console
            .note(format_args!("note: lease {lease} was released before"));
    }
    Ok(())
}

fn reclaim(args: &LeaseReclaim, context: &Context<'_>) -> Result<(), Failure> {
    let live = match &args.live {
        Some(path) => Some(input::list(path, list::labels)?),
        None => None,
    };
    let live: Option<BTreeSet<Label>> =
        live.map(|labels| labels.iter().map(|label| Label::new(label)).collect());
    let taken = context.open_existing()?.cache.reclaim(live.as_ref())?;
    if context.console.is_json() {
        context.console.json_all(taken.leases.iter().map(show::json))?;
        return context.console.json_all(show::taken_besides(&taken));
    }
    if taken.is_empty() {
        context
            .console
            .note("every holder of a lease is alive, as far as is known");
    }
    context.console.lines(show::reclaimed(&taken))
}
