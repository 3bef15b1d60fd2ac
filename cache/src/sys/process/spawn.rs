//! Fork and exec.
//!
//! The standard library's `execvp` would hand a file without interpreter line to a shell; the legacy reports
//! "exec format error" (§4, §22), so the last step before `exec` calls `execve` itself.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]
#![expect(
    unsafe_code,
    reason = "`pre_exec` and `execve` are the only way to set a parent-death signal and skip the shell"
)]

use std::collections::HashSet;
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::super::persona::{Change, Persona, Refused};
use super::super::{SysError, reason};
use super::Program;

/// A program that could not be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("fork/exec {}: {}{}", path.display(), step.map(|step| format!("{step}: ")).unwrap_or_default(), reason(*errno))]
pub struct StartError {
    path: PathBuf,
    /// What failed on the way to being somebody else.
    step: Option<Change>,
    errno: i32,
}

impl StartError {
    /// The system's number for the reason, as in `errno(3)`.
    #[must_use]
    pub const fn errno(&self) -> i32 {
        self.errno
    }

    /// Tells whether it failed on the way to being somebody else: nothing of the program has run.
    #[must_use]
    pub const fn is_refused_change(&self) -> bool {
        self.step.is_some()
    }

    fn new(program: &Program, source: &io::Error) -> Self {
        let (step, errno) = Refused::decode(source.raw_os_error().unwrap_or(libc::EINVAL));
        let path = program.path().to_owned();
        Self { path, step, errno }
    }
}

/// Starts `program` and gives its process id, and the end of the pipe that its output comes from if it is captured.
pub(super) fn spawn(program: &Program) -> Result<(i32, Option<OwnedFd>), StartError> {
    try_spawn(program).map_err(|e| StartError::new(program, &e))
}

fn try_spawn(program: &Program) -> io::Result<(i32, Option<OwnedFd>)> {
    let mut command = Command::new(program.path());
    command.stdin(empty_input()?);
    let output = if program.capturing().is_some() {
        let (reader, writer) = io::pipe()?;
        if program.captures_stderr() {
            command.stderr(writer.try_clone()?);
        }
        command.stdout(writer);
        Some(OwnedFd::from(reader))
    } else {
        None
    };
    let image = Image::of(program)?;
    let parent = std::process::id();
    // SAFETY: between fork and exec the closure only makes system calls on memory that was set up before the fork;
    // it allocates nothing and takes no lock.
    unsafe { command.pre_exec(move || image.exec(parent)) };
    // Dropping `command` closes our copies of the pipe's writing end, so the reader sees the end of file.
    let child = command.spawn()?;
    let pid = i32::try_from(child.id()).map_err(|_| io::Error::from_raw_os_error(libc::EOVERFLOW))?;
    Ok((pid, output))
}

/// An input that is at its end at once; a root without `/dev/null` gets a pipe that nobody writes to (B-14).
fn empty_input() -> io::Result<Stdio> {
    match std::fs::File::open("/dev/null") {
        Ok(null) => Ok(null.into()),
        Err(_) => io::pipe().map(|(reader, _)| reader.into()),
    }
}

/// Everything that `execve` needs, allocated before the fork.
struct Image {
    path: CString,
    /// Owns what `argv` and `envp` point to.
    _texts: Vec<CString>,
    argv: Vec<*const libc::c_char>,
    envp: Vec<*const libc::c_char>,
    inherited: Vec<RawFd>,
    persona: Option<Persona>,
}

// SAFETY: the pointers lead into `_texts`, which moves with them and is never changed.
unsafe impl Send for Image {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Image {}

impl Image {
    fn of(program: &Program) -> io::Result<Self> {
        let path = text(program.path().as_os_str())?;
        let words = program.args().map(text).collect::<io::Result<Vec<_>>>()?;
        let env = environment(program)?;
        let ends_in_null = |texts: &[CString]| {
            texts
                .iter()
                .map(|t| t.as_ptr())
                .chain([std::ptr::null()])
                .collect::<Vec<_>>()
        };
        let mut argv = ends_in_null(&words);
        argv.insert(0, path.as_ptr());
        let envp = ends_in_null(&env);
        let inherited = program.inherited().iter().map(AsRawFd::as_raw_fd).collect();
        Ok(Self {
            path,
            _texts: words.into_iter().chain(env).collect(),
            argv,
            envp,
            inherited,
            persona: program.persona().cloned(),
        })
    }

    /// Runs in the child: becomes who it is to be, ties its life to ours, closes what it must not see, becomes the
    /// program. A change of user would untie its life again, so that comes first.
    fn exec(&self, parent: u32) -> io::Result<()> {
        if let Some(persona) = &self.persona {
            // Only a number comes back to the parent: it tells the step, too.
            persona
                .become_for_good()
                .map_err(|refused| io::Error::from_raw_os_error(refused.encode()))?;
        }
        // SAFETY: plain system calls on values and on memory owned by `self`.
        unsafe {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died before the call above: then nobody waits for us (B-02).
            if i64::from(libc::getppid()) != i64::from(parent) {
                libc::_exit(1);
            }
            unblock_signals();
            close_on_exec_from(3);
            for &descriptor in &self.inherited {
                libc::fcntl(descriptor, libc::F_SETFD, 0);
            }
            libc::execve(self.path.as_ptr(), self.argv.as_ptr(), self.envp.as_ptr());
        }
        Err(io::Error::last_os_error())
    }
}

/// Undoes what the signal thread's mask would otherwise hand down to the program.
///
/// # Safety
///
/// Only for a child between fork and exec.
unsafe fn unblock_signals() {
    let mut none = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is filled before it is used; both calls work on our own memory.
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
    }
}

/// Marks every descriptor from `first` on close-on-exec (P-04).
///
/// # Safety
///
/// Only for a child between fork and exec.
unsafe fn close_on_exec_from(first: libc::c_uint) {
    /// Enough for every limit on open files that a container sets; the loop is for kernels before 5.11.
    const SCAN: i32 = 4096;
    let whole_range = libc::c_uint::MAX;
    // SAFETY: system calls on numbers only.
    unsafe {
        let cloexec = libc::CLOSE_RANGE_CLOEXEC;
        if libc::syscall(libc::SYS_close_range, first, whole_range, cloexec) != 0 {
            for descriptor in 3..SCAN {
                libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC);
            }
        }
    }
}

fn environment(program: &Program) -> io::Result<Vec<CString>> {
    let mut seen = HashSet::new();
    let first_of_each = program.environment().iter().filter(|(name, _)| seen.insert(name));
    first_of_each
        .map(|(name, value)| {
            let mut entry = name.clone();
            entry.push("=");
            entry.push(value);
            text(&entry)
        })
        .collect()
}

fn text(value: &OsStr) -> io::Result<CString> {
    CString::new(value.as_bytes()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

impl From<StartError> for SysError {
    fn from(error: StartError) -> Self {
        Self::new("fork/exec", error.path, io::Error::from_raw_os_error(error.errno))
    }
}
