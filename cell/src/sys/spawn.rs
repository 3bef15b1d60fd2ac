//! Starts programs with descriptors of their own.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::OsString;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use cache::sys::SysError;

/// Descriptors below this number may be given to a program.
const FIRST_FREE: RawFd = 20;

/// A program to start.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) name: Option<OsString>,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    /// Whether it gets the environment of this process instead.
    pub(crate) keep_environment: bool,
    /// Whether no signal is blocked or ignored for it, whatever this process has made of them.
    pub(crate) fresh_signals: bool,
    /// Where 0, 1 and 2 go; those of this process where nothing is said.
    pub(crate) streams: [Option<Stdio>; 3],
    /// Further descriptors, from 3 on.
    pub(crate) descriptors: Vec<OwnedFd>,
}

impl Program {
    /// A program at `path` with the arguments `args`.
    pub(crate) fn new(path: &Path, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self {
            path: path.to_owned(),
            name: None,
            args: args.into_iter().map(Into::into).collect(),
            env: Vec::new(),
            keep_environment: false,
            fresh_signals: false,
            streams: [None, None, None],
            descriptors: Vec::new(),
        }
    }

    /// Starts it and goes on.
    pub(crate) fn start(self) -> Result<Child, SysError> {
        let path = self.path.clone();
        let (mut command, held) = self.command()?;
        let child = command.spawn().map_err(|e| SysError::new("exec", &path, e));
        drop(held);
        child
    }

    /// Runs it to its end; what it wrote, and whether it returned 0.
    pub(crate) fn run(self) -> Result<(bool, String), SysError> {
        let path = self.path.clone();
        let (mut command, _held) = self.command()?;
        let output = command.output().map_err(|e| SysError::new("exec", &path, e))?;
        let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stdout));
        Ok((output.status.success(), said.trim().to_owned()))
    }

    /// Becomes it; returns only if that fails.
    pub(crate) fn become_it(self) -> SysError {
        let path = self.path.clone();
        match self.command() {
            Ok((mut command, _held)) => SysError::new("exec", path, command.exec()),
            Err(error) => error,
        }
    }

    fn command(self) -> Result<(Command, Vec<OwnedFd>), SysError> {
        let mut command = Command::new(&self.path);
        command.args(&self.args);
        if !self.keep_environment {
            command.env_clear().envs(self.env);
        }
        if let Some(name) = &self.name {
            command.arg0(name);
        }
        let [stdin, stdout, stderr] = self.streams;
        stdin.map(|to| command.stdin(to));
        stdout.map(|to| command.stdout(to));
        stderr.map(|to| command.stderr(to));
        let held = raised(&self.descriptors)?;
        let numbers: Vec<RawFd> = held.iter().map(AsRawFd::as_raw_fd).collect();
        if !numbers.is_empty() {
            // SAFETY: between fork and exec only `dup2` is called, on descriptors that the parent keeps open; the
            // targets are below every one of them.
            #[expect(unsafe_code, reason = "descriptors are handed over by number")]
            unsafe {
                command.pre_exec(move || place(&numbers));
            }
        }
        if self.fresh_signals {
            // SAFETY: between fork and exec only calls that are safe there, on numbers and on memory of their own.
            #[expect(unsafe_code, reason = "signals are set for the child alone")]
            unsafe {
                command.pre_exec(|| {
                    forget_signals();
                    Ok(())
                });
            }
        }
        Ok((command, held))
    }
}

/// Copies of the descriptors with numbers that are not among the targets.
fn raised(descriptors: &[OwnedFd]) -> Result<Vec<OwnedFd>, SysError> {
    let copies = descriptors
        .iter()
        .map(|fd| rustix::io::fcntl_dupfd_cloexec(fd, FIRST_FREE));
    copies
        .collect::<Result<_, _>>()
        .map_err(|e| SysError::new("dup", "", e))
}

fn place(numbers: &[RawFd]) -> std::io::Result<()> {
    for (target, number) in (3..).zip(numbers) {
        // SAFETY: both are plain numbers; `dup2` is async-signal-safe.
        #[expect(unsafe_code, reason = "the target is a number that nothing owns")]
        if unsafe { libc::dup2(*number, target) } < 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Gives every signal its first meaning again, and blocks none; those that cannot be changed stay.
fn forget_signals() {
    let mut none = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is filled before it is used; all calls are async-signal-safe and no handler is installed.
    #[expect(unsafe_code, reason = "dispositions and the mask have no safe interface")]
    unsafe {
        for number in 1..=libc::SIGRTMAX() {
            libc::signal(number, libc::SIG_DFL);
        }
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
    }
}

/// A copy of a descriptor.
pub(crate) fn copy(descriptor: BorrowedFd<'_>) -> Result<OwnedFd, SysError> {
    rustix::io::fcntl_dupfd_cloexec(descriptor, FIRST_FREE).map_err(|e| SysError::new("dup", "", e))
}

/// Lets go of the streams of this process, so that only the process they were for holds them.
pub(crate) fn let_go_of_streams() {
    let Ok(nothing) = rustix::fs::open(
        "/dev/null",
        rustix::fs::OFlags::RDWR | rustix::fs::OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    ) else {
        return;
    };
    let _ = rustix::stdio::dup2_stdin(&nothing);
    let _ = rustix::stdio::dup2_stdout(&nothing);
    let _ = rustix::stdio::dup2_stderr(&nothing);
}
