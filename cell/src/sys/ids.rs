//! Namespaces and credentials of this process, which has one thread whenever these are called.

use std::path::Path;

use cache::sys::SysError;
use rustix::process::{Gid, Uid};
use rustix::thread::{CapabilitySet, CapabilitySets, UnshareFlags};

use super::files;

fn unshare(flags: UnshareFlags, what: &'static str) -> Result<(), SysError> {
    // SAFETY: no CLONE_FILES among the flags, and the process has one thread: no other code relies on what is unshared.
    #[expect(unsafe_code, reason = "the call is unsafe for CLONE_FILES only")]
    let done = unsafe { rustix::thread::unshare_unsafe(flags) };
    done.map_err(|e| SysError::new("unshare", what, e))
}

/// Enters a new user namespace without any id yet.
pub(crate) fn new_user_namespace() -> Result<(), SysError> {
    unshare(UnshareFlags::NEWUSER, "user namespace")
}

/// Enters a new mount namespace, a copy of the present one.
pub(crate) fn new_mount_namespace() -> Result<(), SysError> {
    unshare(UnshareFlags::NEWNS, "mount namespace")
}

/// Lets the next child be process 1 of a new process namespace, and gives this process a control-group namespace.
pub(crate) fn new_process_namespace() -> Result<(), SysError> {
    unshare(UnshareFlags::NEWPID, "process namespace")
}

/// Enters a new control-group namespace; where there is none, nothing happens.
pub(crate) fn new_cgroup_namespace() {
    let _ = unshare(UnshareFlags::NEWCGROUP, "cgroup namespace");
}

/// Enters a keyring of its own: keys that whoever started this program holds for the session stay behind.
///
/// Where the system knows no keyrings, or forbids them to everything here, there is nothing to leave.
pub(crate) fn new_session_keyring() -> Result<(), SysError> {
    // SAFETY: the call takes a number and a name, which may be none.
    #[expect(unsafe_code, reason = "neither rustix nor nix wraps keyctl")]
    let done = unsafe {
        libc::syscall(
            libc::SYS_keyctl,
            libc::KEYCTL_JOIN_SESSION_KEYRING,
            std::ptr::null::<u8>(),
        )
    };
    let error = std::io::Error::last_os_error();
    match error.raw_os_error() {
        _ if done >= 0 => Ok(()),
        Some(libc::ENOSYS | libc::EPERM) => Ok(()),
        _ => Err(SysError::new("keyctl", "session keyring", error)),
    }
}

/// Gives up supplementary groups; where that is not permitted, they stay.
pub(crate) fn drop_groups() {
    let _ = rustix::thread::set_thread_groups(&[]);
}

/// Becomes this user and group for good.
pub(crate) fn become_user(uid: u32, gid: u32) -> Result<(), SysError> {
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    rustix::thread::set_thread_res_gid(gid, gid, gid).map_err(|e| SysError::new("setresgid", "", e))?;
    rustix::thread::set_thread_res_uid(uid, uid, uid).map_err(|e| SysError::new("setresuid", "", e))
}

/// Forbids itself and its children to gain privileges by a program file.
pub(crate) fn no_new_privileges() -> Result<(), SysError> {
    rustix::thread::set_no_new_privs(true).map_err(|e| SysError::new("prctl", "no_new_privs", e))
}

/// Empties every capability set.
pub(crate) fn drop_capabilities() -> Result<(), SysError> {
    let fail = |e| SysError::new("capset", "", e);
    for number in 0..64_u32 {
        if let Some(one) = CapabilitySet::from_bits(1 << number)
            && rustix::thread::capability_is_in_bounding_set(one).unwrap_or(false)
        {
            rustix::thread::remove_capability_from_bounding_set(one).map_err(fail)?;
        }
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none).map_err(fail)
}

/// Writes the id maps of a process in a new user namespace; `who` is its number, or `self`.
pub(crate) fn write_maps(who: &str, uid_map: &str, gid_map: &str, deny_groups: bool) -> Result<(), SysError> {
    let base = Path::new("/proc").join(who);
    if deny_groups {
        files::poke(&base.join("setgroups"), "deny")?;
    }
    files::poke(&base.join("gid_map"), gid_map)?;
    files::poke(&base.join("uid_map"), uid_map)
}
