//! The program: arguments in, exit code out.

use std::ffi::OsString;
use std::panic;

use clap::error::{ContextKind, ContextValue};

use super::args;
use super::args::values::ProgressMode;
use super::command;
use super::console::{Console, stderr_bytes};
use super::exit_code::ExitCode;
use super::failure::{Failure, report_json};
use super::kind::ErrorKind;
use super::settings::{self, Output};
use crate::env::Environment;
use crate::ingest::remote_url::RemoteUrl;
use crate::sys::failpoint;
use crate::sys::identity::Identity;
use crate::sys::secrecy::forbid_core_dumps;

/// The variable of the fail points, named as settings are.
const FAIL_POINTS: &str = "failpoints";

/// Runs the program with these arguments, the program's name first, and the environment of this process.
///
/// To be called once, before the process has any other thread: it takes over signals. Closed standard streams were
/// opened again by the start of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Where the system refuses, dumps are its owner's affair.
    let _ = forbid_core_dumps();
    panic::set_hook(Box::new(|panicked| {
        // What the panic says may hold data (K-04); where it was does not.
        let place = panicked.location().map(ToString::to_string).unwrap_or_default();
        stderr_bytes(format!("error: internal error at {place}: please report it\n").as_bytes());
    }));
    let arguments: Vec<_> = arguments.into_iter().collect();
    panic::catch_unwind(|| guarded(arguments)).unwrap_or(ExitCode::Failed)
}

fn guarded(arguments: Vec<OsString>) -> ExitCode {
    let wants_json = arguments.iter().any(|word| word == "--json");
    let environment = Environment::read();
    let args = match args::parse(&arguments) {
        Ok(args) => args,
        Err(refused) => return refuse(refused, wants_json),
    };
    if let Err(fault) = set_fail_points(&environment) {
        return fault.report(&fallback(wants_json));
    }
    let is_root = Identity::read().is_root;
    let rules = args.command.rules();
    match settings::resolve(&args.globals, rules, &environment, is_root) {
        Ok(settings) => command::run(&args.command, &settings, &environment),
        Err(fault) => Failure::from(fault).report(&fallback(wants_json)),
    }
}

/// Sets what tests want to happen where; nothing in a run that is none.
fn set_fail_points(environment: &Environment) -> Result<(), Failure> {
    match environment.setting(FAIL_POINTS) {
        Some(text) => failpoint::set(&text.to_string_lossy()).map_err(Failure::FailPoints),
        None => Ok(()),
    }
}

/// How errors are told before the settings are known.
fn fallback(json: bool) -> Console {
    Console::new(Output {
        json,
        quiet: false,
        verbose: 0,
        progress: ProgressMode::Never,
    })
}

/// Prints what the option reader says: help and version are results, everything else is wrong usage.
fn refuse(mut refused: clap::Error, json: bool) -> ExitCode {
    if !refused.use_stderr() {
        let shown = fallback(json).raw(refused.to_string().as_bytes());
        return shown.map_or(ExitCode::Failed, |()| ExitCode::Done);
    }
    redact(&mut refused);
    let text = refused.to_string();
    stderr_bytes(text.as_bytes());
    if json {
        // The first paragraph, as one line; what follows it is the usage.
        let first = text.split("\n\n").next().unwrap_or_default();
        let words: Vec<_> = first.trim_start_matches("error: ").split_whitespace().collect();
        report_json(&fallback(json), ErrorKind::Usage, &words.join(" "));
    }
    ExitCode::Usage
}

/// Takes the secrets out of addresses that the message would repeat (K-01).
fn redact(refused: &mut clap::Error) {
    let shown: Vec<(ContextKind, ContextValue)> = refused
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(cleaned(text)))),
            ContextValue::Strings(texts) => Some((
                kind,
                ContextValue::Strings(texts.iter().map(|text| cleaned(text)).collect()),
            )),
            _ => None,
        })
        .collect();
    for (kind, value) in shown {
        refused.insert(kind, value);
    }
}

/// What cannot be read as an address has its secrets anywhere, and what has an `@` in its path may not be meant so.
fn cleaned(text: &str) -> String {
    let redacted = RemoteUrl::parse(text).map(|url| url.redacted().to_string());
    match redacted {
        Ok(shown) if !shown.replacen("***@", "", 1).contains('@') => shown,
        Err(_) if !text.contains(['@', '?']) && !text.contains("://") => text.to_owned(),
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests;
