//! Becoming somebody else: a child for good, before it is another program; a thread for one question.
//!
//! System calls are made directly. The C library's wrappers would change every thread of the process, and none of them
//! may run between fork and exec.

#![expect(
    unsafe_code,
    reason = "ids of a single thread, and capability sets, are only changed by direct system calls"
)]

use std::fmt;
use std::path::Path;

use super::SysError;

/// A user and groups to act as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Supplementary groups, all of them.
    pub groups: Vec<u32>,
}

/// A step on the way to being somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The bounding set of capabilities.
    Bounding,
    /// Supplementary groups.
    Groups,
    /// Group ids.
    Group,
    /// User ids.
    User,
    /// The look whether the ids are what they should be, and stay so.
    Check,
    /// The other sets of capabilities.
    Capabilities,
    /// The promise that no program gives new privileges.
    NoNewPrivileges,
}

/// A step that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    change: Change,
    errno: i32,
}

/// What may be done with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Read it.
    Read,
    /// Write to it.
    Write,
    /// Execute or enter it.
    Execute,
}

/// All steps, in order; a number above an errno says which one it was.
const CHANGES: [Change; 7] = [
    Change::Bounding,
    Change::Groups,
    Change::Group,
    Change::User,
    Change::Check,
    Change::Capabilities,
    Change::NoNewPrivileges,
];

/// Where the number of the step begins in an encoded refusal: no errno is as large.
const STEP_SHIFT: u32 = 16;

/// The version of the capability calls that takes two words of 32 bits.
const CAPABILITY_VERSION: u32 = 0x2008_0522;

impl Persona {
    /// Becomes this user for good: groups, ids, no capabilities, no new privileges; looks whether it is so (P-01, P-02).
    ///
    /// For a child between fork and exec: nothing is allocated and no lock is taken.
    pub(super) fn become_for_good(&self) -> Result<(), Refused> {
        drop_bounding_set()?;
        self.switch()?;
        self.check()?;
        drop_capabilities()?;
        // SAFETY: a system call on numbers only.
        let done = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        told(Change::NoNewPrivileges, i64::from(done))
    }

    /// Asks whether this user may do something with a path, as `access(2)` answers it (not `faccessat`, which runtimes
    /// forbid). A thread of its own asks, so nothing of this process changes.
    pub fn may(&self, path: &Path, what: &[May]) -> Result<bool, SysError> {
        let asked = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .stack_size(128 * 1024)
                .spawn_scoped(scope, || self.switch().map(|()| may(path, what)));
            thread.map(std::thread::ScopedJoinHandle::join)
        });
        match asked.map_err(|e| SysError::new("clone", "thread", e))? {
            Ok(Ok(answer)) => answer,
            Ok(Err(refused)) => Err(SysError::new(
                "setresuid",
                "",
                std::io::Error::from_raw_os_error(refused.errno),
            )),
            Err(_) => Err(SysError::new(
                "join",
                "thread",
                std::io::Error::from_raw_os_error(libc::EIO),
            )),
        }
    }

    /// Changes groups and ids of this thread.
    fn switch(&self) -> Result<(), Refused> {
        let id = |number: u32| libc::c_long::from(number);
        let count = self.groups.len();
        // SAFETY: the list lives across the call, and the kernel only reads it; the other calls take numbers only.
        unsafe {
            let done = libc::syscall(libc::SYS_setgroups, count, self.groups.as_ptr());
            told(Change::Groups, done)?;
            let gid = id(self.gid);
            told(Change::Group, libc::syscall(libc::SYS_setresgid, gid, gid, gid))?;
            let uid = id(self.uid);
            told(Change::User, libc::syscall(libc::SYS_setresuid, uid, uid, uid))
        }
    }

    /// Looks whether every id is what it should be, and whether the way back is closed.
    fn check(&self) -> Result<(), Refused> {
        let wrong = Refused {
            change: Change::Check,
            errno: libc::EPERM,
        };
        let (mut real, mut effective, mut saved) = (0, 0, 0);
        // SAFETY: the three places live across the calls.
        let are_same = unsafe {
            libc::getresuid(&raw mut real, &raw mut effective, &raw mut saved) == 0
                && [real, effective, saved] == [self.uid; 3]
                && libc::getresgid(&raw mut real, &raw mut effective, &raw mut saved) == 0
                && [real, effective, saved] == [self.gid; 3]
                && usize::try_from(libc::getgroups(0, std::ptr::null_mut())) == Ok(self.groups.len())
        };
        // SAFETY: a system call on numbers only; it is expected to fail.
        let can_go_back = self.uid != 0 && unsafe { libc::syscall(libc::SYS_setresuid, 0, 0, 0) } == 0;
        if are_same && !can_go_back {
            Ok(())
        } else {
            Err(wrong)
        }
    }
}

/// Asks whether this process may do something with a path, as `access(2)` answers it.
///
/// An answer that is no answer, as some runtimes give it, counts as yes: starting the program will tell.
pub fn may(path: &Path, what: &[May]) -> Result<bool, SysError> {
    use rustix::fs::Access;
    let asked = what.iter().fold(Access::empty(), |asked, one| {
        asked
            | match one {
                May::Read => Access::READ_OK,
                May::Write => Access::WRITE_OK,
                May::Execute => Access::EXEC_OK,
            }
    });
    match rustix::fs::access(path, asked) {
        Ok(()) | Err(rustix::io::Errno::PERM | rustix::io::Errno::NOSYS) => Ok(true),
        Err(rustix::io::Errno::ACCESS | rustix::io::Errno::ROFS) => Ok(false),
        Err(errno) => Err(SysError::new("access", path, errno)),
    }
}

/// Drops every capability that a later program could get back.
fn drop_bounding_set() -> Result<(), Refused> {
    /// There are fewer, and their number is below that of the bits of a set.
    const MOST: libc::c_ulong = 64;
    for capability in 0..MOST {
        // SAFETY: system calls on numbers only.
        unsafe {
            match libc::prctl(libc::PR_CAPBSET_READ, capability, 0, 0, 0) {
                0 => {}
                1 => {
                    let done = libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0);
                    told(Change::Bounding, i64::from(done))?;
                }
                // The kernel knows no more.
                _ => break,
            }
        }
    }
    Ok(())
}

/// Empties the ambient, inheritable, permitted and effective sets.
fn drop_capabilities() -> Result<(), Refused> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: libc::c_int,
    }
    let header = Header {
        version: CAPABILITY_VERSION,
        pid: 0,
    };
    let nothing = [0_u32; 6];
    let clear = libc::c_ulong::try_from(libc::PR_CAP_AMBIENT_CLEAR_ALL).unwrap_or_default();
    // SAFETY: header and sets have the form that the kernel wants, live across the call, and are only read.
    unsafe {
        let done = libc::prctl(libc::PR_CAP_AMBIENT, clear, 0, 0, 0);
        told(Change::Capabilities, i64::from(done))?;
        let done = libc::syscall(libc::SYS_capset, &raw const header, nothing.as_ptr());
        told(Change::Capabilities, done)
    }
}

fn told(change: Change, result: i64) -> Result<(), Refused> {
    if result == 0 {
        return Ok(());
    }
    let errno = std::io::Error::last_os_error().raw_os_error();
    Err(Refused {
        change,
        errno: errno.unwrap_or(libc::EIO),
    })
}

impl Refused {
    /// One number for both, as only that passes from a child to its parent.
    pub(super) fn encode(self) -> i32 {
        let at = CHANGES.iter().position(|change| *change == self.change);
        let step = at.and_then(|at| i32::try_from(at).ok()).unwrap_or_default();
        ((step + 1) << STEP_SHIFT) | self.errno
    }

    /// Takes the number apart; one that is an errno alone has no step.
    pub(super) fn decode(number: i32) -> (Option<Change>, i32) {
        let at = usize::try_from(number >> STEP_SHIFT).ok();
        let change = at.and_then(|at| CHANGES.get(at.checked_sub(1)?).copied());
        (change, number & ((1 << STEP_SHIFT) - 1))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bounding => "dropping capabilities for good",
            Self::Groups => "setgroups",
            Self::Group => "setresgid",
            Self::User => "setresuid",
            Self::Check => "user and groups are not those of -runAs",
            Self::Capabilities => "dropping capabilities",
            Self::NoNewPrivileges => "no_new_privs",
        })
    }
}

#[cfg(test)]
mod tests;
