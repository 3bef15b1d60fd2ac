//! `declare` and `prune`: what consumers of a group want, and what goes when they agree (Q11).

use serde::Serialize;

use super::super::args::manage::{Declare, Prune};
use super::super::failure::Failure;
use super::super::input;
use super::super::show::prune as show;
use super::super::text::{count::count, list, time::seconds};
use super::Context;
use crate::declare::declaration;
use crate::prune::Pruned;

/// A declaration that was made, for programs.
#[derive(Serialize)]
struct Declared<'a> {
    group: &'a str,
    consumer: &'a str,
    keys: usize,
    ttl_seconds: u64,
}

/// Notes what a consumer wants.
pub(super) fn declare(args: &Declare, context: &Context<'_>) -> Result<(), Failure> {
    let keys = input::list(&args.keys, list::keys)?;
    let open = context.open()?;
    let now = seconds(context.now);
    let declared = declaration(&args.consumer, &keys, now, args.ttl.0.as_secs());
    let kept = open.cache.declare(&args.group, &declared);
    kept.map_err(|error| open.failure(error, context).declaration())?;
    if context.console.is_json() {
        return context.console.json(&Declared {
            group: &args.group,
            consumer: &args.consumer,
            keys: keys.len(),
            ttl_seconds: args.ttl.0.as_secs(),
        });
    }
    context.console.line(format_args!(
        "{} wants {} of {} for {}",
        args.consumer.escape_default(),
        count(keys.len() as u64, "key"),
        args.group.escape_default(),
        args.ttl
    ))
}

/// Shows or removes what nobody wants; fails when the consumers do not agree.
pub(super) fn prune(args: &Prune, context: &Context<'_>) -> Result<(), Failure> {
    let pruned = context.open_current()?.cache.prune(&args.group, args.apply)?;
    let console = &context.console;
    if console.is_json() {
        console.json(&show::json(&args.group, &pruned, args.apply))?;
    } else {
        console.lines(show::lines(&pruned, args.apply))?;
    }
    punted(&pruned, &args.group)
}

fn punted(pruned: &Pruned, group: &str) -> Result<(), Failure> {
    match pruned {
        Pruned::Agreed(_) => Ok(()),
        Pruned::Disputed(_) => Err(Failure::Disputed(group.to_owned())),
        Pruned::NobodyDeclared => Err(Failure::Undeclared(group.to_owned())),
    }
}
