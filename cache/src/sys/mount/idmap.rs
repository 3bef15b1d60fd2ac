//! Who owns what in a mount: a map of ids, which the kernel takes as a user namespace.

use std::ffi::c_long;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};

use super::super::SysError;

/// Shows one user and one group as others. May be used for any number of mounts.
#[derive(Debug)]
pub struct IdMap {
    namespace: OwnedFd,
}

/// A process that does nothing but have a namespace. Ends when it is dropped, and when this process ends.
struct Holder {
    pid: Pid,
    /// What it waits for the end of.
    leash: Option<OwnedFd>,
}

impl IdMap {
    /// Makes a map that shows what the user and the group `from` own on disk as owned by those of `to`: numbers of this
    /// machine. All other owners are shown as nobody.
    pub fn new(from: (u32, u32), to: (u32, u32)) -> Result<Self, SysError> {
        let holder = Holder::start()?;
        holder.write("uid_map", from.0, to.0)?;
        holder.write("gid_map", from.1, to.1)?;
        let path = holder.path("ns/user");
        let namespace = rustix::fs::openat(CWD, &path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| SysError::new("open", &path, errno))?;
        Ok(Self { namespace })
    }

    pub(super) fn handle(&self) -> BorrowedFd<'_> {
        self.namespace.as_fd()
    }
}

impl Holder {
    fn start() -> Result<Self, SysError> {
        let refused = |verb| move |errno: Errno| SysError::new(verb, "/proc/self/ns/user", errno);
        let (end, leash) = pipe_with(PipeFlags::CLOEXEC).map_err(refused("pipe"))?;
        let nothing: c_long = 0;
        // No signal at its end, so that nobody who waits for children of this process meets it.
        // SAFETY: without a stack and without shared memory this is a fork. The child makes system calls on memory of
        // its own only, allocates nothing, takes no lock, and does not return.
        let pid = unsafe {
            libc::syscall(
                libc::SYS_clone,
                c_long::from(libc::CLONE_NEWUSER),
                nothing,
                nothing,
                nothing,
                nothing,
            )
        };
        if pid == 0 {
            wait_and_exit(&end, leash);
        }
        drop(end);
        let pid = i32::try_from(pid).ok().filter(|pid| *pid > 0);
        let pid = pid.ok_or_else(|| {
            let error = std::io::Error::last_os_error();
            SysError::new("clone", "/proc/self/ns/user", error)
        })?;
        Ok(Self {
            pid: Pid::from_raw(pid),
            leash: Some(leash),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        format!("/proc/{}/{name}", self.pid).into()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the fence")]
    fn write(&self, name: &str, from: u32, to: u32) -> Result<(), SysError> {
        let path = self.path(name);
        let mut file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(|error| SysError::new("open", &path, error))?;
        // The kernel takes a map in one piece.
        file.write_all(format!("{from} {to} 1\n").as_bytes())
            .map_err(|error| SysError::new("write", &path, error))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.leash.take());
        while waitpid(self.pid, Some(WaitPidFlag::__WALL)) == Err(nix::errno::Errno::EINTR) {}
    }
}

/// What the child does: waits until nobody holds the other end of the pipe any more.
fn wait_and_exit(end: &OwnedFd, leash: OwnedFd) -> ! {
    drop(leash);
    let mut byte = [0_u8];
    while rustix::io::read(end, &mut byte) == Err(Errno::INTR) {}
    // SAFETY: ends this process at once; nothing of it needs tidying up.
    unsafe { libc::_exit(0) }
}
