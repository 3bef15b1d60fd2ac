//! The commands, one file per family.

mod agreement;
mod context;
mod doctor;

mod explain;
mod fetch;
mod lease;
mod listing;
mod named;
mod removal;
mod shell;
mod stats;
mod verify;
mod view;
mod warm;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::args::Command;
use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::settings::Settings;
use crate::env::Environment;
use crate::ingest::download::Cancel;
use crate::sys::interrupt::Interrupt;

use context::{Context, Open};

/// How long work that was asked to stop may take to clean up after itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// Carries a command out.
pub(super) fn run(command: &Command, settings: &Settings, environment: &Environment) -> ExitCode {
    let context = Context {
        settings,
        environment,
        console: Arc::new(Console::new(settings.output)),
        cancel: Cancel::new(),
        now: SystemTime::now(),
    };
    match guarded(command, &context) {
        Ok(()) => ExitCode::Done,
        Err(failure) => failure.report(&context.console),
    }
}

/// Answers signals while the command works.
fn guarded(command: &Command, context: &Context<'_>) -> Result<(), Failure> {
    let cancel = context.cancel.clone();
    // What cannot be cancelled can be left at any moment: the store survives that.
    let patience = if command.rules().is_some() {
        PATIENCE
    } else {
        Duration::ZERO
    };
    Interrupt::serve(patience, move || cancel.cancel(), || {}).map_err(Failure::Prepare)?;
    carry_out(command, context)
}

fn carry_out(command: &Command, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Fetch(args) => fetch::run(args, context),
        Command::Warm(args) => warm::run(args, context),
        Command::View(command) => view::run(command, context),
        Command::Lease(command) => lease::run(command, context),
        Command::Ls(args) => listing::ls(args, context),
        Command::Show(args) => listing::show(args, context),
        Command::Df(args) => stats::df(args, context),
        Command::Stats(args) => stats::stats(args, context),
        Command::Explain(args) => explain::run(args, context),
        Command::Declare(args) => agreement::declare(args, context),
        Command::Prune(args) => agreement::prune(args, context),
        Command::Evict(args) => removal::evict(args, context),
        Command::Pin(args) => removal::pin(args, context),
        Command::Verify(args) => verify::run(args, context),

        Command::Doctor(_) => doctor::run(context),
        Command::Completions(args) => shell::completions(args, &context.console),
        Command::Man(args) => shell::man(args, &context.console),
    }
}
