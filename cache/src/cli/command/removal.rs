//! `evict` and `pin`: what goes, and what must not.

use serde::Serialize;

use super::super::args::manage::{Evict, Pin};
use super::super::exit_code::{ExitCode, Worst};
use super::super::failure::Failure;
use super::super::kind::ErrorKind;
use super::super::text::count::count;
use super::Context;
use super::named::{Keys, Target};
use crate::model::object::ObjectId;
use crate::model::size::Size;
use crate::store::Evicted;

/// What came of one object, for programs.
#[derive(Serialize)]
struct Json {
    name: String,
    object: ObjectId,
    result: &'static str,
    bytes: u64,
    leases: u32,
}

/// Removes objects that nobody holds; what is held or pinned is told, and fails the command, but stops nothing.
pub(super) fn evict(args: &Evict, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let targets = if args.all_unleased {
        Target::unleased(&open.cache)?
    } else {
        Target::find_all(&args.names, &open.cache)?
    };
    let keys = Keys::read(&open.cache)?;
    let mut worst = Worst::default();
    for target in &targets {
        let evicted = open.cache.evict(target.object)?;
        worst.note(tell(target, &keys.besides(target), &evicted, context)?);
    }
    if targets.is_empty() {
        context.console.note("nothing is stored that nobody holds");
    }
    worst.into_result()
}

fn tell(
    target: &Target,
    others: &[&str],
    evicted: &Evicted,
    context: &Context<'_>,
) -> Result<ExitCode, Failure> {
    let (result, bytes, leases, code) = match evicted {
        Evicted::Gone(gone) => ("gone", gone.blocks, 0, ExitCode::Done),
        Evicted::InUse(leases) => ("in-use", 0, *leases, ErrorKind::InUse.into()),
        Evicted::Pinned => ("pinned", 0, 0, ErrorKind::InUse.into()),
        // Somebody else was faster.
        Evicted::Absent => ("absent", 0, 0, ExitCode::Done),
    };
    if context.console.is_json() {
        context.console.json(&Json {
            name: target.name.clone(),
            object: target.object,
            result,
            bytes,
            leases,
        })?;
    } else {
        say(&target.name, others, evicted, context)?;
    }
    Ok(code)
}

fn say(name: &str, others: &[&str], evicted: &Evicted, context: &Context<'_>) -> Result<(), Failure> {
    let console = &context.console;
    match evicted {
        Evicted::Gone(gone) if others.is_empty() => {
            console.line(format_args!("evicted {name} ({})", Size(gone.blocks)))?;
        }
        Evicted::Gone(gone) => console.line(format_args!(
            "evicted {name} ({}), the same content as {}",
            Size(gone.blocks),
            others.join(", ")
        ))?,
        Evicted::InUse(leases) => {
            let held = count((*leases).into(), "lease");
            console.complain(format_args!("error: {name} is held by {held}"));
            console.complain("help: cellcache lease list");
        }
        Evicted::Pinned => {
            console.complain(format_args!("error: {name} is pinned"));
            console.complain(format_args!("help: cellcache pin --unpin {name}"));
        }
        Evicted::Absent => console.note(format_args!("note: {name} is gone already")),
    }
    Ok(())
}

/// Keeps a key's object whatever the need for room, or ends that.
pub(super) fn pin(args: &Pin, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let target = Target::of_key(&args.key, &open.cache)?;
    open.cache.pin(target.object, !args.unpin)?;
    let word = if args.unpin { "unpinned" } else { "pinned" };
    if context.console.is_json() {
        return context.console.json(&Json {
            name: target.name,
            object: target.object,
            result: word,
            bytes: 0,
            leases: 0,
        });
    }
    context.console.line(format_args!("{word} {}", target.name))
}
