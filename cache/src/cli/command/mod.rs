//! The commands, one file per family.

mod explain;
mod shell;

use super::args::Command;
use super::console::Console;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::settings::Settings;
use crate::env::Environment;

/// What every command gets.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) console: &'a Console,
    pub(super) environment: &'a Environment,
}

/// Carries a command out.
pub(super) fn run(command: Command, settings: &Settings, environment: &Environment) -> ExitCode {
    let console = Console::new(settings.output);
    let context = Context {
        settings,
        console: &console,
        environment,
    };
    match carry_out(command, &context) {
        Ok(()) => ExitCode::Done,
        Err(failure) => failure.report(&console),
    }
}

fn carry_out(command: Command, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Completions(args) => shell::completions(&args, context.console),
        Command::Man(args) => shell::man(&args, context.console),
        Command::Explain(args) => explain::word(&args.subject.to_string_lossy(), context.console),
        _ => Ok(()),
    }
}
