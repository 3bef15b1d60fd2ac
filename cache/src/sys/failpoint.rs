//! Points at which a test makes this program die, fail or wait.
//!
//! Always compiled in, so that what is tested is what is shipped; while nothing is set, a point costs one relaxed load.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, raise};

use super::SysError;

/// What happens at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// The process ends at once, as by `kill -9`.
    Kill,
    /// The step fails with this error number.
    Fail(Errno),
    /// The thread waits.
    Pause(Duration),
}

/// What was set for one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Armed {
    effect: Effect,
    /// The only passage at which it happens, counted from one; at each, if absent.
    only: Option<u64>,
    passed: u64,
}

/// A text that does not say what shall happen where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Expected NAME=kill, NAME=error:ENOSPC or NAME=pause:MS, each with @N or without, got `{0}`")]
pub struct InvalidFailPoints(String);

static ANY: AtomicBool = AtomicBool::new(false);
static ARMED: Mutex<BTreeMap<String, Armed>> = Mutex::new(BTreeMap::new());

/// Sets points for the whole process, instead of those set before: `a=kill,b=error:EIO@2,c=pause:50`.
///
/// An empty text clears all.
pub fn set(text: &str) -> Result<(), InvalidFailPoints> {
    let mut points = BTreeMap::new();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let (name, armed) = parse(word).ok_or_else(|| InvalidFailPoints(word.to_owned()))?;
        points.insert(name.to_owned(), armed);
    }
    let mut armed = armed();
    ANY.store(!points.is_empty(), Ordering::Relaxed);
    *armed = points;
    Ok(())
}

/// Passes the point `name` on the way to do something to `path`.
///
/// Fails when that was set, with an error like one of the system's.
#[inline]
pub fn pass(name: &'static str, path: &Path) -> Result<(), SysError> {
    if ANY.load(Ordering::Relaxed) {
        return pass_armed(name, path);
    }
    Ok(())
}

#[cold]
fn pass_armed(name: &'static str, path: &Path) -> Result<(), SysError> {
    // The lock is let go before anything happens.
    match due(name) {
        None => Ok(()),
        Some(Effect::Fail(errno)) => Err(SysError::new(name, path, errno)),
        Some(Effect::Pause(time)) => {
            std::thread::sleep(time);
            Ok(())
        }
        Some(Effect::Kill) => {
            // Cannot fail for oneself, and does not return.
            let _ = raise(Signal::SIGKILL);
            Ok(())
        }
    }
}

fn due(name: &str) -> Option<Effect> {
    let mut points = armed();
    let point = points.get_mut(name)?;
    point.passed = point.passed.saturating_add(1);
    let is_due = point.only.is_none_or(|only| only == point.passed);
    is_due.then_some(point.effect)
}

fn armed() -> MutexGuard<'static, BTreeMap<String, Armed>> {
    ARMED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parse(word: &str) -> Option<(&str, Armed)> {
    let (name, what) = word.split_once('=')?;
    let (what, only) = match what.split_once('@') {
        Some((what, only)) => (what, Some(only.parse().ok()?)),
        None => (what, None),
    };
    let effect = match what.split_once(':') {
        None if what == "kill" => Effect::Kill,
        Some(("error", errno)) => Effect::Fail(errno_named(errno)?),
        Some(("pause", time)) => Effect::Pause(Duration::from_millis(time.parse().ok()?)),
        _ => return None,
    };
    (!name.is_empty()).then_some((
        name,
        Armed {
            effect,
            only,
            passed: 0,
        },
    ))
}

fn errno_named(name: &str) -> Option<Errno> {
    const KNOWN: [Errno; 13] = [
        Errno::EIO,
        Errno::ENOSPC,
        Errno::EDQUOT,
        Errno::EMFILE,
        Errno::ENFILE,
        Errno::EINTR,
        Errno::EROFS,
        Errno::ESTALE,
        Errno::EACCES,
        Errno::ENOENT,
        Errno::EPERM,
        Errno::EMLINK,
        Errno::EXDEV,
    ];
    KNOWN.into_iter().find(|errno| format!("{errno:?}") == name)
}

#[cfg(test)]
mod tests;
