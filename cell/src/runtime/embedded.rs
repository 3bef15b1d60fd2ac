//! The OCI runtime in this program: what `runc run` does, by the library of the youki project.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use libcontainer::container::builder::ContainerBuilder;
use libcontainer::syscall::syscall::SyscallType;
use libcontainer::workload::{Executor, ExecutorError, ExecutorValidationError};
use oci_spec::runtime::Spec;

use super::room::{BUNDLE, LOG, STATE};
use crate::sys::files;
use crate::sys::process::{self, End};
use crate::sys::spawn::Program;

/// The name under which this program is the runtime.
pub(super) const NAME: &str = "cell-runtime";

/// Creates, starts, awaits and deletes the container; the exit code is the one of its process 1.
pub(super) fn run(args: &[OsString]) -> ExitCode {
    let id = args.first().and_then(|id| id.to_str()).unwrap_or_default();
    match contain(id) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = files::write_new(Path::new(LOG), chain(error.as_ref()).as_bytes(), 0o600);
            ExitCode::FAILURE
        }
    }
}

fn contain(id: &str) -> Result<u8, Box<dyn Error>> {
    let mut container = ContainerBuilder::new(id.to_owned(), SyscallType::default())
        .with_root_path(STATE)?
        .with_preserved_fds(1)
        .with_executor(Exec)
        .validate_id()?
        .as_init(BUNDLE)
        .with_systemd(false)
        .with_detach(false)
        .build()?;
    let init = container.pid().map(|pid| pid.as_raw().unsigned_abs());
    container.start()?;
    while let Some((pid, end)) = process::wait_any() {
        if Some(pid) == init {
            return Ok(match end {
                End::Exit(code) => code,
                End::Signal(number) => u8::try_from(128 + number).unwrap_or(255),
            });
        }
    }
    Ok(1)
}

/// Becomes process 1 by the path that the configuration gives, and nothing else: init looks the program up.
#[derive(Debug, Clone)]
struct Exec;

impl Executor for Exec {
    fn exec(&self, spec: &Spec) -> Result<(), ExecutorError> {
        let args = spec
            .process()
            .as_ref()
            .and_then(|process| process.args().as_ref());
        let (first, rest) = args
            .and_then(|args| args.split_first())
            .ok_or(ExecutorError::InvalidArg)?;
        let mut program = Program::new(Path::new(first), rest);
        program.keep_environment = true;
        Err(ExecutorError::Execution(Box::new(program.become_it())))
    }

    fn validate(&self, _spec: &Spec) -> Result<(), ExecutorValidationError> {
        Ok(())
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}
