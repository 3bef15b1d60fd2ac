//! `evict` and `pin`: what goes, and what must not.

use serde::Serialize;

use super::super::args::manage::{Evict, Pin};
use super::super::exit_code::{ExitCode, Worst};
use super::super::failure::Failure;
use super::Context;
use super::named::{Keys, Target};
use crate::model::object::ObjectId;
use crate::model::size::Size;
use crate::store::Evicted;

/// What came of one object, for programs.
#[derive(Serialize)]
struct Json<'a> {
    name: &'a str,
    /// The other keys of the same content: what happens to the object happens to them.
    also: &'a [&'a str],
    object: ObjectId,
    result: &'static str,
    bytes: u64,
    leases: u32,
}

/// Removes objects that nobody holds; what is held or pinned is told, and fails the command, but stops nothing.
pub(super) fn evict(args: &Evict, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_current()?;
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
    let (result, bytes, leases) = match evicted {
        Evicted::Gone(gone) => ("gone", gone.blocks, 0),
        Evicted::InUse(leases) => ("in-use", 0, *leases),
        Evicted::Pinned => ("pinned", 0, 0),
        Evicted::Absent => ("absent", 0, 0),
    };
    let console = &context.console;
    if console.is_json() {
        console.json(&Json {
            name: &target.name,
            also: others,
            object: target.object,
            result,
            bytes,
            leases,
        })?;
    }
    let name = target.name.clone();
    let failure = match evicted {
        Evicted::InUse(leases) => Failure::Held {
            name,
            leases: *leases,
        },
        Evicted::Pinned => Failure::Pinned(name),
        Evicted::Gone(gone) if !console.is_json() => {
            let also = match others {
                [] => String::new(),
                others => format!(", and with it {}: the same content", others.join(", ")),
            };
            console.line(format_args!("evicted {name} ({}){also}", Size(gone.blocks)))?;
            return Ok(ExitCode::Done);
        }
        Evicted::Gone(_) => return Ok(ExitCode::Done),
        // Somebody else was faster.
        Evicted::Absent => {
            console.note(format_args!("note: {name} is gone already"));
            return Ok(ExitCode::Done);
        }
    };
    Ok(failure.report(console))
}

/// Keeps a key's object whatever the need for room, or ends that.
pub(super) fn pin(args: &Pin, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let target = Target::find(&args.name, &open.cache)?;
    open.cache.pin(target.object, !args.unpin)?;
    let word = if args.unpin { "unpinned" } else { "pinned" };
    if context.console.is_json() {
        return context.console.json(&Json {
            name: &target.name,
            also: &Keys::read(&open.cache)?.besides(&target),
            object: target.object,
            result: word,
            bytes: 0,
            leases: 0,
        });
    }
    context.console.line(format_args!("{word} {}", target.name))
}
