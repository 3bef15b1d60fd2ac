//! `warm`: a list of assets, fetched ahead of time (Q23).

use std::sync::Mutex;
use std::thread;

use super::super::args::obtain::{HolderArgs, Warm};
use super::super::exit_code::Worst;
use super::super::failure::Failure;
use super::super::kind::ErrorKind;
use super::super::show::fetched::{self, Hold};
use super::super::text::list::{self, Listed};
use super::super::{input, request};
use super::fetch::remark;
use super::{Context, Open};
use crate::model::key::Key;
use crate::sys::priority;

/// Fetches everything on a list; what fails does not stop the rest.
pub(super) fn run(args: &Warm, context: &Context<'_>) -> Result<(), Failure> {
    let lines = input::list(&args.file, list::assets)?;
    // Where the system refuses, warming is only less polite.
    let _ = priority::lower();
    let open = context.open()?;
    let queue = Mutex::new(lines.iter());
    let worst = Mutex::new(Worst::default());
    let next = || unpoisoned(&queue).next();
    let work = || {
        while let Some(line) = next().filter(|_| !context.cancel.is_cancelled()) {
            match fetch(line, args, &open, context) {
                Ok(()) => {}
                // What was interrupted is not left out.
                Err(failure) if line.optional && !failure.is_cancelled() => {
                    failure.report_left_out(&line.key.to_string(), &context.console);
                }
                Err(failure) => {
                    say(&line.name, fetched::failed, context);
                    unpoisoned(&worst).note(failure.report(&context.console));
                }
            }
        }
    };
    let workers = context.settings.network.downloads.min(64);
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    open.screen.clear();
    let mut worst = *unpoisoned(&worst);
    // A signal between two lines fails none of them.
    if context.cancel.is_cancelled() && next().is_some() {
        worst.note(ErrorKind::Cancelled.into());
    }
    worst.into_result()
}

/// Fetches one line and gives its lease back at once: the object stays as long as there is room.
fn fetch(line: &Listed, args: &Warm, open: &Open, context: &Context<'_>) -> Result<(), Failure> {
    let terms = request::passing(&HolderArgs::default())?;
    let asked = request::listed(line, args.group.as_deref(), context.settings.rules, terms);
    let answer = match open.cache.fetch(&asked, &context.cancel) {
        Ok(answer) => answer,
        Err(error) => {
            return Err(Failure::asset(&asked, error, || open.room(context).ok()));
        }
    };
    let released = open.cache.release(answer.lease);
    if context.console.is_json() {
        context
            .console
            .json(&fetched::json(&asked, &answer, Hold::Ended))?;
    } else {
        say(
            &line.name,
            |name| fetched::done(name, answer.cost.origin_bytes),
            context,
        );
        if !line.name.is_empty() {
            remark(&asked, &answer, context);
        }
    }
    released?;
    Ok(())
}

/// Says something of an asset that has a name (C-121); in the form without secrets, as names may be addresses.
fn say(name: &str, words: impl Fn(&str) -> String, context: &Context<'_>) {
    if let Some(name) = Key::new(name) {
        context.console.note(words(&name.to_string()));
    }
}

/// A lock whose holder panicked guards nothing that is half changed here.
fn unpoisoned<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
