//! `df` and `stats`: what the store takes, and how well it does.

use super::super::args::inspect::{Df, Stats};
use super::super::failure::{Failure, UsageFault};
use super::Context;
use crate::stats::render;

/// Columns of the curve's chart.
const WIDTH: usize = 60;

/// Shows what the store takes on the disk.
pub(super) fn df(args: &Df, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_current()?;
    let mut room = open.room(context)?;
    if args.recount {
        room.recounted = Some(open.cache.recount()?);
    }
    if context.console.is_json() {
        context.console.json(&room.json())
    } else {
        context.console.lines(room.lines())
    }
}

/// Shows how well the cache does.
pub(super) fn stats(args: &Stats, context: &Context<'_>) -> Result<(), Failure> {
    if args.prometheus && context.settings.is_typed("json") && context.console.is_json() {
        return Err(UsageFault::TwoForms.into());
    }
    let report = context.open_current()?.cache.report()?;
    let console = &context.console;
    if args.prometheus {
        return console.raw(render::prometheus(&report).as_bytes());
    }
    if console.is_json() {
        let text = render::json(&report).map_err(Failure::Json)?;
        return console.raw(text.as_bytes());
    }
    if args.curve {
        return console.raw(render::chart(&report.curve, report.usage.quota, WIDTH).as_bytes());
    }
    console.raw(render::table(&report).as_bytes())
}
