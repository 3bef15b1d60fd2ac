//! The room: binds what the container needs, gives up the host, and starts the runtime.

use std::path::{Path, PathBuf};

use cache::sys::SysError;

use super::keeper::words;
use super::order::{Order, Work};
use super::{Kind, embedded};
use crate::rootfs::{Access, Bind, INIT_IN_ROOM, Node, RUNTIME_IN_ROOM, Room};
use crate::sys::line::{Heard, Line};
use crate::sys::process::End;
use crate::sys::spawn::{self, Program};
use crate::sys::{files, ids, mounts, process};
use crate::userns::Identity;

/// Where the runtime keeps its state, in the room.
pub(super) const STATE: &str = "/state";
/// The bundle, in the room.
pub(super) const BUNDLE: &str = "/bundle";
/// The runtime's own words, in the room.
pub(super) const LOG: &str = "/state/log";
const CGROUPS: &str = "/sys/fs/cgroup";
/// The most that is read of a runtime's words, in bytes.
const LOG_LIMIT: u64 = 16 * 1024;

/// Plays the room in a copy of the keeper; the exit code is the runtime's.
pub(super) fn run(order: &Order, hook: &Path, mut link: Line, init_line: Line) -> u8 {
    match enter(order, hook, &mut link).and_then(|()| serve(order, init_line)) {
        Ok(0) => 0,
        Ok(code) => {
            let said = files::peek(Path::new(LOG), LOG_LIMIT).unwrap_or_default();
            let last: Vec<_> = said
                .lines()
                .rev()
                .filter(|line| !line.trim().is_empty())
                .take(3)
                .collect();
            let last: Vec<_> = last.into_iter().rev().collect();
            link.say(&format!("{}{}", words::REFUSED, last.join("; ")));
            code
        }
        Err(error) => {
            link.say(&format!("{}{error}", words::REFUSED));
            1
        }
    }
}

fn enter(order: &Order, hook: &Path, link: &mut Line) -> Result<(), SysError> {
    process::die_with_parent()?;
    hear(link, words::GO)?;
    // An ordinary user is nobody before the namespace, root gives up the host after the binds are made.
    if matches!(
        order.identity,
        Identity::Single { .. } | Identity::Subordinate { .. }
    ) {
        become_mapped(link)?;
    }
    ids::drop_groups();
    ids::new_mount_namespace()?;
    mounts::follow_only()?;
    if let Work::Container { room, config } = &order.work {
        build(room, config, hook, &order.identity)?;
    }
    mounts::move_into(hook)?;
    mounts::make_private()?;
    if matches!(order.identity, Identity::Mapped { .. }) {
        become_mapped(link)?;
        // Copied into a namespace of the new user, the mounts are locked.
        ids::new_mount_namespace()?;
    }
    Ok(())
}

fn hear(link: &mut Line, expected: &str) -> Result<(), SysError> {
    match link.hear() {
        Heard::Word(word, _) if word == expected => Ok(()),
        _ => Err(SysError::new(
            "read",
            "keeper",
            std::io::Error::from_raw_os_error(libc::EPIPE),
        )),
    }
}

fn become_mapped(link: &mut Line) -> Result<(), SysError> {
    ids::new_user_namespace()?;
    link.say(words::MAP);
    hear(link, words::MAPPED)?;
    ids::become_user(0, 0)?;
    process::die_with_parent()
}

fn build(room: &Room, config: &str, hook: &Path, identity: &Identity) -> Result<(), SysError> {
    mounts::memory(hook)?;
    let owner = match identity {
        Identity::Mapped { .. } => identity.owner(0, 0),
        _ => None,
    };
    for node in &room.nodes {
        let path = make(node, hook)?;
        if let Some((uid, gid)) = owner {
            files::give(&path, uid, gid)?;
        }
    }
    for one in &room.binds {
        bind(one, hook)?;
    }
    if let Some(lower) = &room.lower {
        mounts::stack(&hook.join("layer"), lower, &hook.join("rootfs"))?;
    }
    let bundle = at(hook, Path::new(BUNDLE)).join("config.json");
    files::write_new(&bundle, config.as_bytes(), 0o600)?;
    if let Some((uid, gid)) = owner {
        files::give(&bundle, uid, gid)?;
    }
    Ok(())
}

fn make(node: &Node, hook: &Path) -> Result<PathBuf, SysError> {
    match node {
        Node::Directory(path, mode) => {
            let path = at(hook, path);
            files::make_dir(&path, *mode)?;
            Ok(path)
        }
        Node::File(path, text) => {
            let path = at(hook, path);
            files::write_new(&path, text.as_bytes(), 0o644)?;
            Ok(path)
        }
        Node::Link(path, target) => {
            let path = at(hook, path);
            files::make_link(target, &path)?;
            Ok(path)
        }
    }
}

fn bind(bind: &Bind, hook: &Path) -> Result<(), SysError> {
    let place = at(hook, &bind.at);
    mounts::bind(&bind.source, &place)?;
    match bind.access {
        Access::AsOnHost => Ok(()),
        Access::Write => mounts::restrict(&place, false),
        Access::Read => mounts::restrict(&place, true),
    }
}

fn at(hook: &Path, path: &Path) -> PathBuf {
    hook.join(path.strip_prefix("/").unwrap_or(path))
}

/// Starts the runtime as process 1 and waits for its end.
fn serve(order: &Order, init_line: Line) -> Result<u8, SysError> {
    ids::new_process_namespace()?;
    let (runtime, _alive) = process::split_linked(|alive| {
        let error = become_runtime(order, &alive, init_line);
        let _ = files::write_new(Path::new(LOG), error.to_string().as_bytes(), 0o600);
        1
    })?;
    spawn::let_go_of_streams();
    process::ignore_endings();
    while let Some((pid, end)) = process::wait_any() {
        if pid == runtime {
            return Ok(match end {
                End::Exit(code) => code,
                End::Signal(number) => u8::try_from(128 + number).unwrap_or(255),
            });
        }
    }
    Ok(1)
}

fn become_runtime(order: &Order, alive: &Line, init_line: Line) -> SysError {
    let prepared = process::die_with_parent().and_then(|()| mounts::processes());
    if let Err(error) = prepared {
        return error;
    }
    if process::is_ready(alive) {
        // The room died before it could be noticed.
        process::leave(1);
    }
    if order.kind == Kind::Runc {
        // It works without groups of its own only where it finds version 2 and may not write to it.
        ids::new_cgroup_namespace();
        if let Err(error) = mounts::read_only_cgroups(Path::new(CGROUPS)) {
            return error;
        }
    }
    let mut program = command(order.kind, &order.id);
    program.descriptors.push(init_line.into());
    program.env = vec![("PATH".into(), "/usr/sbin:/usr/bin:/sbin:/bin".into())];
    program.become_it()
}

fn command(kind: Kind, id: &str) -> Program {
    let runtime = Path::new(RUNTIME_IN_ROOM);
    match kind {
        Kind::Runc => Program::new(
            runtime,
            [
                "--root",
                STATE,
                "--log",
                LOG,
                "--rootless",
                "true",
                "run",
                "--bundle",
                BUNDLE,
                "--preserve-fds",
                "1",
                id,
            ],
        ),
        Kind::Crun => Program::new(
            runtime,
            [
                "--root",
                STATE,
                "--log",
                LOG,
                "--cgroup-manager",
                "disabled",
                "run",
                "--bundle",
                BUNDLE,
                "--preserve-fds",
                "1",
                id,
            ],
        ),
        Kind::Embedded | Kind::None => {
            let mut program = Program::new(Path::new(INIT_IN_ROOM), [id]);
            program.name = Some(embedded::NAME.into());
            program
        }
    }
}
