//! The program `cell`: what was typed (`args`), what it means (`meaning`), and who carries it out.

mod args;
mod meaning;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::panic;
use std::sync::Arc;
use std::time::Duration;

use cache::ingest::download::Cancel;
use cache::ingest::remote_url::Redacted;
use cache::sys::SysError;
use cache::sys::interrupt::Interrupt;
use cache::sys::secrecy::forbid_core_dumps;
use clap::Parser;
use clap::error::{ContextKind, ContextValue};

use crate::console::{Console, print, print_result, say};
use crate::env::Environment;
use crate::error::CellError;
use crate::exit_code::ExitCode;
use crate::host::Host;
use crate::runtime::{Stdio, Stream};
use crate::{demo, run, stage};

use args::{Args, Command};

/// How long a command that was asked to stop may take to end its container and to clean up after itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the program with these arguments, the program's name first, and the environment of this process.
///
/// To be called once, before the process has any other thread: it takes over signals.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Where the system refuses, dumps are its owner's affair.
    let _ = forbid_core_dumps();
    panic::set_hook(Box::new(|panicked| {
        // What the panic says may hold data (K-04); where it was does not.
        let place = panicked.location().map(ToString::to_string).unwrap_or_default();
        say(&format!("error: internal error at {place}: please report it\n"));
    }));
    let arguments: Vec<_> = arguments.into_iter().collect();
    panic::catch_unwind(|| guarded(&arguments)).unwrap_or(ExitCode::Failed)
}

fn guarded(arguments: &[OsString]) -> ExitCode {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(refused) => return refuse(refused),
    };
    let console = Arc::new(Console::new(args.quiet));
    let stop = Cancel::new();
    let asked = stop.clone();
    let host = Host {
        environment: Arc::new(Environment::read()),
        console: Arc::clone(&console),
        stop,
    };
    let served = Interrupt::serve(PATIENCE, move || asked.cancel(), tell_what_stays);
    let served = served.map_err(CellError::Prepare);
    match served.and_then(|_| carry_out(args.command, &host)) {
        Ok(code) => code,
        Err(error) => {
            console.fail(&error);
            error.exit_code()
        }
    }
}

fn carry_out(command: Command, host: &Host) -> Result<ExitCode, CellError> {
    match command {
        Command::Stage(args) => {
            let job = meaning::job(&args, &host.environment)?;
            let staged = stage::stage(&job, host, inherited())?;
            let droplet = &staged.droplet;
            host.console
                .tell(format_args!("next: cell run {}", droplet.display()));
            let line = [droplet.as_os_str().as_bytes(), b"\n"].concat();
            let printed = print_result(&line);
            printed.map_err(|error| CellError::Untold {
                droplet: staged.droplet,
                source: SysError::new("write", "standard output", error),
            })?;
            Ok(ExitCode::Done)
        }
        Command::Run(args) => {
            let start = meaning::start(&args, &host.environment)?;
            run::run(&start, host, inherited())
        }
        Command::Demo(args) => demo::run(&meaning::demo(&args, &host.environment)?, host),
    }
}

/// Said when it ends at once; with `--quiet` too, since something is left.
fn tell_what_stays() {
    say("cell: ended at once: a scratch directory and leases may stay; the next cell command removes them\n");
}

/// The streams of the process are ours, but for its input.
const fn inherited() -> Stdio {
    Stdio {
        stdin: Stream::Null,
        stdout: Stream::Inherit,
        stderr: Stream::Inherit,
    }
}

/// Prints what the option reader says: help and version are results, everything else is wrong usage.
fn refuse(mut refused: clap::Error) -> ExitCode {
    if !refused.use_stderr() {
        print(&refused.to_string());
        return ExitCode::Done;
    }
    redact(&mut refused);
    say(&refused.to_string());
    ExitCode::Usage
}

/// Takes the secrets out of what the message would repeat (K-01).
fn redact(refused: &mut clap::Error) {
    let cleaned = |text: &String| {
        if text.contains("://") || text.contains('@') {
            Redacted::of(text).to_string()
        } else {
            text.clone()
        }
    };
    let shown: Vec<(ContextKind, ContextValue)> = refused
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(cleaned(text)))),
            ContextValue::Strings(texts) => {
                Some((kind, ContextValue::Strings(texts.iter().map(cleaned).collect())))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in shown {
        refused.insert(kind, value);
    }
}
