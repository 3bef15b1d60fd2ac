//! The keeper: has the host's credentials, starts the room, ends it with its cell, and clears up.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use cache::sys::SysError;

use super::order::{CONTROL_LINE, INIT_LINE, ORDER_LINE, Order, Work};
use super::{init, record, room};
use crate::sys::cgroup::{self, Candidate};
use crate::sys::line::{Heard, Line};
use crate::sys::spawn::{self, Program};
use crate::sys::{host, ids, process};
use crate::userns::{IdMap, Identity};

/// The name under which this program is the keeper.
pub(super) const NAME: &str = "cell-keeper";
/// The longest order, in bytes: an environment has 2 MiB at most.
const ORDER_LIMIT: u64 = 32 << 20;
/// How long init may take to end its descendants where there is no namespace to end them.
const DIRECT_PATIENCE: Duration = Duration::from_secs(2);

/// Words on the line between room and keeper.
pub(super) mod words {
    pub(in super::super) const GO: &str = "go";
    pub(in super::super) const MAP: &str = "map";
    pub(in super::super) const MAPPED: &str = "mapped";
    pub(in super::super) const REFUSED: &str = "refused ";
    pub(in super::super) const UNLIMITED: &str = "unlimited ";
    pub(in super::super) const SHORT: &str = "short of memory";
}

/// Keeps one container from its order to its end.
pub(super) fn keep() -> ExitCode {
    let mut control = Line::inherited(CONTROL_LINE);
    let init_line = Line::inherited(INIT_LINE);
    let order = Line::inherited(ORDER_LINE).read_all(ORDER_LIMIT);
    process::leave_session();
    process::adopt_orphans();
    let kept = serde_json::from_slice(&order)
        .map_err(|error| format!("The order is damaged: {error}"))
        .and_then(|order| serve(&order, &mut control, init_line).map_err(|error| error.to_string()));
    if let Err(reason) = kept {
        control.say(&format!("{}{reason}", words::REFUSED));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn serve(order: &Order, control: &mut Line, init_line: Line) -> Result<(), SysError> {
    // Not every runtime does it.
    ids::new_session_keyring()?;
    let groups = match order.memory {
        Some(_) => cgroup::candidates(&order.id),
        None => Ok(Vec::new()),
    };
    let known = groups.as_deref().unwrap_or_default();
    let hook = record::write(order, known);
    let served = hook.and_then(|hook| {
        let group = limit(order, &groups, control);
        let done = match &order.work {
            Work::Container { .. } => contain(order, &hook, group.as_deref(), control, init_line),
            Work::Direct { .. } => direct(order, group.as_deref(), control, init_line),
        };
        if group.as_deref().is_some_and(cgroup::has_killed) {
            control.say(words::SHORT);
        }
        done
    });
    let cleared = record::clear(&order.workspace, known.iter().map(|group| group.path.as_path()));
    served.and(cleared)
}

/// Makes a group that is written down already: a keeper that is killed now leaves one that is found.
fn limit(order: &Order, groups: &Result<Vec<Candidate>, String>, control: &mut Line) -> Option<PathBuf> {
    let limit = order.memory?;
    let made = groups.clone().and_then(|groups| cgroup::make(&groups, limit));
    made.inspect_err(|reason| control.say(&format!("{}{reason}", words::UNLIMITED)))
        .ok()
}

/// Starts the room in a copy of this process and stays until all of it is gone.
fn contain(
    order: &Order,
    hook: &Path,
    group: Option<&Path>,
    control: &mut Line,
    init_line: Line,
) -> Result<(), SysError> {
    let (pid, mut link) = process::split_linked(|link| room::run(order, hook, link, init_line))?;
    spawn::let_go_of_streams();
    process::ignore_endings();
    let joined = group.map_or(Ok(()), |group| cgroup::join(group, pid));
    if joined.is_ok() {
        link.say(words::GO);
    } else {
        process::kill(pid);
    }
    let watched = watch(order, pid, control, &mut link);
    process::kill(pid);
    // The runtime's process namespace may outlive the room by a moment; its orphans come here.
    while process::wait_any().is_some() {}
    joined.and(watched)
}

/// Answers the room and listens for the end of the cell, until the room is gone.
fn watch(order: &Order, pid: u32, control: &mut Line, link: &mut Line) -> Result<(), SysError> {
    let room = process::handle(pid)?;
    loop {
        let ready = process::watch(&[control.as_fd(), link.as_fd(), room.as_fd()], None);
        if ready[0] {
            return Ok(());
        }
        if ready[1] {
            match link.hear() {
                Heard::Word(word, _) if word == words::MAP => {
                    map(&order.identity, pid)?;
                    link.say(words::MAPPED);
                }
                Heard::Word(word, _) => control.say(&word),
                Heard::Silence => {
                    // The room is ending, or the cell ends first.
                    process::watch(&[control.as_fd(), room.as_fd()], None);
                    return Ok(());
                }
            }
        } else if ready[2] {
            return Ok(());
        }
    }
}

/// Gives the room its ids.
fn map(identity: &Identity, pid: u32) -> Result<(), SysError> {
    let who = pid.to_string();
    match identity {
        Identity::Host => Ok(()),
        Identity::Mapped { uids, gids } => ids::write_maps(&who, &uids.text(), &gids.text(), false),
        Identity::Single { uid, gid } => {
            ids::write_maps(&who, &format!("0 {uid} 1"), &format!("0 {gid} 1"), true)
        }
        Identity::Subordinate { uids, gids } => {
            helper("newgidmap", &who, gids)?;
            helper("newuidmap", &who, uids)
        }
    }
}

fn helper(name: &'static str, who: &str, map: &IdMap) -> Result<(), SysError> {
    let missing = || SysError::new("exec", name, std::io::Error::from_raw_os_error(libc::ENOENT));
    let path = host::program(name).ok_or_else(missing)?;
    let numbers = map
        .0
        .iter()
        .flat_map(|range| [range.inside, range.outside, range.count]);
    let args = [who.to_owned()]
        .into_iter()
        .chain(numbers.map(|number| number.to_string()));
    let (done, _said) = Program::new(&path, args).run()?;
    if done {
        return Ok(());
    }
    Err(SysError::new(
        name,
        who,
        std::io::Error::from_raw_os_error(libc::EPERM),
    ))
}

/// Runs init on the host and stays until it and all it has started are gone.
fn direct(order: &Order, group: Option<&Path>, control: &Line, init_line: Line) -> Result<(), SysError> {
    let (pid, mut gate) = process::split_linked(|gate| init::start_direct(order, gate, init_line))?;
    spawn::let_go_of_streams();
    process::ignore_endings();
    let joined = group.map_or(Ok(()), |group| cgroup::join(group, pid));
    gate.say(words::GO);
    let init = process::handle(pid)?;
    process::watch(&[control.as_fd(), init.as_fd()], None);
    process::watch(&[init.as_fd()], Some(DIRECT_PATIENCE));
    process::kill_descendants(1000);
    joined
}
