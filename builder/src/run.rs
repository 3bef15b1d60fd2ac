//! The program: flags in, exit code out.

use std::ffi::OsString;
use std::time::Duration;

use cache::sys::process::Processes;
use cache::sys::scratch::Scratch;

use crate::cli::options::Options;
use crate::env::Environment;
use crate::error::StagingError;
use crate::exit_code::ExitCode;
use crate::journal::Journal;
use crate::stage::stage;
use crate::sys::console::Console;
use crate::workspace::Host;

/// How long scripts may take to end after SIGTERM, SIGINT or SIGHUP (design §5).
const GRACE: Duration = Duration::from_secs(10);

/// Runs the builder with these arguments, the program's name left out, and the environment of this process.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // First of all, as every thread that is made later must leave the signals to this one.
    let processes = match Processes::start(Scratch::default(), GRACE) {
        Ok(processes) => processes,
        Err(_) => return ExitCode::Failed,
    };
    let console = Console::new(processes.clone());
    let environment = Environment::read();
    let options = match Options::parse(args, &|name| environment.get(name).map(ToOwned::to_owned)) {
        Ok(options) => options,
        Err(outcome) => {
            console.err_raw(&outcome.to_string());
            return outcome.exit_code();
        }
    };
    let journal = Journal::new(&options, console.clone());
    let report = options.staging_report.clone();
    let host = Host { options, environment, console, journal, processes };
    let ended = stage(host.clone());
    // From here on a signal cannot mix its end with ours.
    host.processes.finish();
    let code = tell(&host, &ended);
    code
}
