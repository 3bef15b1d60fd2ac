//! The program: flags in, exit code out.

use std::ffi::OsString;
use std::time::Duration;

use cache::sys::fs;
use cache::sys::identity::Identity;
use cache::sys::process::Processes;
use cache::sys::remove::remove_tree;
use cache::sys::scratch::Scratch;

use crate::cli::{self, CliOutcome, Options};
use crate::env::Environment;
use crate::error::StagingError;
use crate::exit_code::ExitCode;
use crate::journal::Journal;
use crate::phase::setup::make_parent;
use crate::stage::stage;
use crate::sys::console::{Console, last_words};
use crate::sys::output;
use crate::workspace::Host;

/// How long scripts may take to end after SIGTERM, SIGINT or SIGHUP (L-16).
const GRACE: Duration = Duration::from_secs(10);

/// Runs the builder with these arguments, the program's name left out, and the environment of this process.
///
/// To be called once, before the process has any other thread: it takes over signals and child processes.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let identity = Identity::read();
    // Every thread that is made later must leave the signals to the one that starts here.
    let processes = match Processes::start(Scratch::default(), GRACE) {
        Ok(processes) => processes,
        Err(reason) => {
            last_words(&format!("Failed to prepare for signals: {reason}"));
            return ExitCode::Failed;
        }
    };
    let console = Console::new(processes.clone());
    let environment = Environment::read();
    let lookup = |name: &str| environment.get(name).map(ToOwned::to_owned);
    match cli::parse(args, &lookup) {
        Ok(options) => {
            let journal = Journal::new(&options, console.clone());
            run_staging(Host {
                options,
                environment,
                console,
                journal,
                identity,
                processes,
                run_as: None,
            })
        }
        Err(outcome) => refuse(&outcome, &console),
    }
}

fn refuse(outcome: &CliOutcome, console: &Console) -> ExitCode {
    let line = outcome.to_string();
    if !line.is_empty() {
        console.err(&line);
    }
    match outcome {
        CliOutcome::Missing(_) => ExitCode::Failed,
        CliOutcome::Usage(_) => {
            console.err_raw(&cli::usage());
            ExitCode::Usage
        }
        CliOutcome::Help => {
            console.err_raw(&cli::usage());
            ExitCode::Success
        }
    }
}

fn run_staging(host: Host) -> ExitCode {
    forget_earlier_report(&host.options);
    let ended = stage(host.clone()).err();
    // From here on a signal cannot mix its end with ours.
    host.processes.finish();
    let code = ended.as_ref().map_or(ExitCode::Success, StagingError::exit_code);
    write_report(&host, code, ended.as_ref());
    match ended {
        Some(error) if error.ends_line() => host.console.err(&error.to_string()),
        Some(error) => host.console.err_raw(&error.to_string()),
        None => {}
    }
    code
}

/// Nobody is to take an earlier staging's report for that of this one, should this one be ended by a signal.
fn forget_earlier_report(options: &Options) {
    if let Some(path) = options
        .staging_report
        .as_deref()
        .filter(|path| fs::is_plain_file(path))
    {
        // Where the folder refuses that, the file is written over at the end.
        let _ = remove_tree(path);
    }
}

/// A report that cannot be written is told and changes nothing else: the staging is what it is.
fn write_report(host: &Host, code: ExitCode, error: Option<&StagingError>) {
    let Some(path) = &host.options.staging_report else {
        return;
    };
    let failure = error.map(|error| (error.phase(), error.to_string()));
    let text = host.journal.render(code as u8, failure);
    let written = make_parent(path).and_then(|()| output::publish(path, &text, host.processes.scratch()));
    if let Err(reason) = written {
        host.console
            .err(&format!("Warning: the staging report is missing: {reason}"));
    }
}
