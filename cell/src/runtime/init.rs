//! Process 1 of a container: starts the process, passes signals on, reaps orphans, tells how it ended.
//!
//! Its line goes to the cell itself. When that is silent the cell is gone, and so is, with process 1, the container.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use cache::sys::SysError;

use super::keeper::words;
use super::order::{INIT_LINE, KEEPER_LINE, Order, Work};
use crate::sys::line::{Heard, Line};
use crate::sys::process::{self, End};
use crate::sys::spawn::{self, Program};
use crate::sys::{files, ids};

/// The name under which this program is process 1.
pub(super) const NAME: &str = "cell-init";
/// Said with the system's number when the program could not be started.
pub(super) const FAILED: &str = "failed ";
/// Said when the process runs.
pub(super) const RUNNING: &str = "running";
/// Said with the exit code.
pub(super) const EXIT: &str = "exit ";
/// Said with the signal; to init: the one to pass on.
pub(super) const SIGNAL: &str = "signal ";

/// Plays process 1: `args` are `-` or the ids to become, the program, and its arguments.
pub(super) fn run(args: &[OsString]) -> ExitCode {
    let mut line = Line::inherited(INIT_LINE);
    let keeper = is_on_host().then(|| Line::inherited(KEEPER_LINE));
    let started = start(args);
    spawn::let_go_of_streams();
    match started {
        Ok(child) => serve(line, keeper, child),
        Err(error) => {
            line.say(&format!("{FAILED}{}", error.errno()));
            ExitCode::FAILURE
        }
    }
}

fn start(args: &[OsString]) -> Result<u32, SysError> {
    let missing = || SysError::new("exec", "", std::io::Error::from_raw_os_error(libc::EINVAL));
    let (becomes, args) = args.split_first().ok_or_else(missing)?;
    let (program, args) = args.split_first().ok_or_else(missing)?;
    if let Some((uid, gid)) = becomes.to_str().and_then(|ids| ids.split_once(':')) {
        become_only(uid, gid)?;
    }
    if is_on_host() {
        process::adopt_orphans();
    }
    let mut program = Program::new(Path::new(program), args);
    program.keep_environment = true;
    // The cell blocks signals that it waits for; the process is to end by them.
    program.fresh_signals = true;
    // Before the process is there to look. It is itself as visible as any: that begins anew with a program.
    process::hide();
    Ok(program.start()?.id())
}

/// Becomes a user in a namespace with that one id, whose outside is the present one.
fn become_only(uid: &str, gid: &str) -> Result<(), SysError> {
    ids::new_user_namespace()?;
    ids::write_maps("self", &format!("{uid} 0 1"), &format!("{gid} 0 1"), true)?;
    ids::drop_capabilities()
}

fn serve(mut line: Line, keeper: Option<Line>, child: u32) -> ExitCode {
    line.say(RUNNING);
    let Ok(mut voice) = line.writer() else {
        return ExitCode::FAILURE;
    };
    // Nothing once the child is reaped: its number may be another's then.
    let target = Arc::new(Mutex::new(Some(child)));
    let listened = Arc::clone(&target);
    std::thread::spawn(move || listen(line, &listened));
    if let Some(keeper) = keeper {
        let held = Arc::clone(&target);
        std::thread::spawn(move || outlive(keeper, &held));
    }
    let end = await_end(child, &target);
    end_the_rest();
    voice.say(&match end {
        Some(End::Exit(code)) => format!("{EXIT}{code}"),
        Some(End::Signal(number)) => format!("{SIGNAL}{number}"),
        None => EXIT.to_owned(),
    });
    process::leave(0)
}

/// Reaps until the process has ended; how it did.
fn await_end(child: u32, target: &Mutex<Option<u32>>) -> Option<End> {
    while process::wait_for_an_end() {
        let mut target = target.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((pid, end)) = process::reap_one()
            && pid == child
        {
            *target = None;
            return Some(end);
        }
    }
    None
}

/// Ends what the process left; as process 1 that is what its own end does.
fn end_the_rest() {
    if is_on_host() {
        process::kill_descendants(1000);
    }
}

/// Whether there is no namespace that would end with this process.
fn is_on_host() -> bool {
    std::process::id() != 1
}

/// Ends everything when the keeper was killed, who would do so if this process was.
fn outlive(mut keeper: Line, target: &Mutex<Option<u32>>) {
    while keeper.hear() != Heard::Silence {}
    // Held to the end: that the process is killed here is no end of its own to be told.
    let _held = target.lock().unwrap_or_else(PoisonError::into_inner);
    end_the_rest();
    process::leave(1);
}

/// Passes signals on until the cell is gone, and ends everything then.
fn listen(mut line: Line, target: &Mutex<Option<u32>>) {
    while let Heard::Word(word, _) = line.hear() {
        let number = word.strip_prefix(SIGNAL).and_then(|number| number.parse().ok());
        let target = target.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(pid), Some(number)) = (*target, number) {
            process::signal(pid, number);
        }
    }
    end_the_rest();
    process::leave(1);
}

/// Becomes init on the host, in a copy of the keeper.
pub(super) fn start_direct(order: &Order, mut gate: Line, mut line: Line) -> u8 {
    let error = match gate.hear() {
        Heard::Word(word, _) if word == words::GO => become_direct(order, &line, gate),
        _ => return 1,
    };
    line.say(&format!("{FAILED}{}", error.errno()));
    1
}

fn become_direct(order: &Order, line: &Line, gate: Line) -> SysError {
    match direct_program(order, line, gate) {
        Ok(program) => program.become_it(),
        Err(error) => error,
    }
}

fn direct_program(order: &Order, line: &Line, gate: Line) -> Result<Program, SysError> {
    let Work::Direct {
        args,
        env,
        cwd,
        ids: wanted,
    } = &order.work
    else {
        return Err(SysError::new(
            "exec",
            "",
            std::io::Error::from_raw_os_error(libc::EINVAL),
        ));
    };
    if let Some((uid, gid)) = *wanted {
        ids::drop_groups();
        ids::become_user(uid, gid)?;
    }
    ids::no_new_privileges()?;
    files::go_to(cwd)?;
    let mut program = Program::new(
        Path::new("/proc/self/exe"),
        std::iter::once("-").chain(args.iter().map(String::as_str)),
    );
    program.name = Some(NAME.into());
    program.env = env
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    program
        .descriptors
        .push(spawn::copy(std::os::fd::AsFd::as_fd(line))?);
    program.descriptors.push(gate.into());
    Ok(program)
}
