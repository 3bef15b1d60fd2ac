//! From a container to the order for its keeper: looks at the machine, makes the fresh directories.

use std::path::Path;

use cache::sys::SysError;

use super::order::{Order, Work};
use super::{Kind, RuntimeError};
use crate::bundle::{Container, Isolation, RootFs, config};
use crate::rootfs::{self, FRESH, Ground, RUNTIME_IN_ROOM, Room, SYSTEM, Source};
use crate::sys::host::{self, Entry};
use crate::sys::{files, process};
use crate::userns::{self, Facts, IdMap, Identity};

/// The host ids behind ids of a container.
pub(super) fn owner(
    kind: Kind,
    isolation: Isolation,
    uid: u32,
    gid: u32,
) -> Result<(u32, u32), RuntimeError> {
    if kind == Kind::None {
        return Ok(direct_ids(uid, gid).unwrap_or_else(host::identity));
    }
    let identity = userns::identity(isolation, &facts())?;
    Ok(identity.owner(uid, gid).ok_or(userns::Impossible::TooFewIds)?)
}

/// The ids of a process on the host: as asked for by root, else those of this process.
fn direct_ids(uid: u32, gid: u32) -> Option<(u32, u32)> {
    (host::identity().0 == 0).then_some((uid, gid))
}

/// The order for the keeper of `container`.
pub(super) fn order(
    kind: Kind,
    program: &Path,
    container: &Container,
    workspace: &Path,
) -> Result<Order, RuntimeError> {
    let me = std::process::id();
    let started = process::about(me).map_or(0, |(_, started)| started);
    let (identity, work) = match kind {
        Kind::None => (Identity::Host, direct(container)?),
        kind => contained(kind, program, container, workspace)?,
    };
    Ok(Order {
        id: new_id()?,
        kind,
        cell: (me, started),
        workspace: workspace.to_owned(),
        identity,
        memory: container.memory,
        work,
    })
}

fn new_id() -> Result<String, SysError> {
    let bytes: [u8; 8] = cache::sys::random::bytes()?;
    Ok(format!("cell-{:016x}", u64::from_le_bytes(bytes)))
}

fn direct(container: &Container) -> Result<Work, SysError> {
    let process = &container.process;
    cache::sys::fs::stat(&process.cwd)?;
    Ok(Work::Direct {
        args: process.args.clone(),
        env: process.env.clone(),
        cwd: process.cwd.clone(),
        ids: direct_ids(process.uid, process.gid),
    })
}

fn contained(
    kind: Kind,
    program: &Path,
    container: &Container,
    workspace: &Path,
) -> Result<(Identity, Work), RuntimeError> {
    let identity = userns::identity(container.isolation, &facts())?;
    let process = &container.process;
    let (uid, gid) = identity
        .owner(process.uid, process.gid)
        .ok_or(userns::Impossible::TooFewIds)?;
    let ground = ground(container, &identity)?;
    // An ordinary user can give nothing away, and is vcap.
    let owner = (host::identity().0 == 0).then_some((uid, gid));
    make_fresh(container, &ground, workspace, owner)?;
    let mut room = Room::plan(container, &ground, workspace, &host::real(program)?);
    if let Some(name) = installed(kind) {
        let program = host::program(name).ok_or(RuntimeError::NotInstalled { kind })?;
        room.bring_file(&program, Path::new(RUNTIME_IN_ROOM));
    }
    let spec = config::spec(container, &ground)?;
    let config = serde_json::to_string(&spec).map_err(oci_spec::OciSpecError::from)?;
    Ok((identity, Work::Container { room, config }))
}

/// The program that a kind of runtime is, if it is not this one.
fn installed(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Runc | Kind::Crun => Some(kind.name()),
        Kind::Embedded | Kind::None => None,
    }
}

fn facts() -> Facts {
    let (uid, gid) = host::identity();
    let mut facts = Facts {
        uid,
        gid,
        is_admin: host::is_admin(),
        uids: IdMap::parse(&host::text("/proc/self/uid_map")),
        gids: IdMap::parse(&host::text("/proc/self/gid_map")),
        subuids: Vec::new(),
        subgids: Vec::new(),
    };
    if uid != 0 && host::program("newuidmap").is_some() && host::program("newgidmap").is_some() {
        let user = name_of(uid);
        facts.subuids = userns::subordinates(&host::text("/etc/subuid"), &user, uid);
        facts.subgids = userns::subordinates(&host::text("/etc/subgid"), &user, uid);
    }
    facts
}

/// The name of a user in `/etc/passwd`; empty if it has none there.
fn name_of(uid: u32) -> String {
    let uid = uid.to_string();
    let passwd = host::text("/etc/passwd");
    let line = passwd.lines().find(|line| line.split(':').nth(2) == Some(&uid));
    line.and_then(|line| line.split(':').next())
        .unwrap_or_default()
        .to_owned()
}

fn ground(container: &Container, identity: &Identity) -> Result<Ground, SysError> {
    let mut ground = Ground {
        single_id: matches!(identity, Identity::Single { .. }),
        network: [host::text("/etc/resolv.conf"), host::text("/etc/hosts")],
        most: host::most(),
        ..Ground::default()
    };
    let etc = match &container.root {
        RootFs::Host => "/etc".into(),
        RootFs::Directory(root) => root.join("etc"),
    };
    ground.accounts = rootfs::ACCOUNT_FILES.map(|name| host::text(&etc.join(name).to_string_lossy()));
    for name in SYSTEM {
        match host::entry(&Path::new("/").join(name)) {
            Some(Entry::Directory) => ground.system.push(name.to_owned()),
            Some(Entry::Link(target)) => ground.links.push((name.to_owned(), target)),
            None => {}
        }
    }
    ground.resolver = host::real(Path::new("/etc/resolv.conf"))
        .ok()
        .filter(|real| !real.starts_with("/etc"));
    for mount in &container.mounts {
        ground.sources.push(source(&mount.source)?);
    }
    Ok(ground)
}

fn source(path: &Path) -> Result<Source, SysError> {
    // Asked for the reason: a missing source must not become an empty file.
    cache::sys::fs::stat(path)?;
    let options = host::mount_options(path).into_iter().map(str::to_owned);
    Ok(Source {
        is_dir: files::is_dir(path),
        options: options.collect(),
    })
}

/// Makes the fresh directories and what is mounted upon in them, for the user of the process.
fn make_fresh(
    container: &Container,
    ground: &Ground,
    workspace: &Path,
    owner: Option<(u32, u32)>,
) -> Result<(), SysError> {
    let give = |path: &Path| owner.map_or(Ok(()), |(uid, gid)| files::give(path, uid, gid));
    for (index, (_, mode)) in FRESH.iter().enumerate() {
        let path = rootfs::fresh_in_workspace(workspace, index);
        files::make_dir(&path, *mode)?;
        give(&path)?;
    }
    for (index, inside, is_dir) in rootfs::inside_fresh(container, ground) {
        let base = rootfs::fresh_in_workspace(workspace, index);
        let mut parents: Vec<_> = inside.ancestors().collect();
        parents.pop();
        for part in parents.into_iter().rev() {
            let path = base.join(part);
            if files::is_there(&path) {
                continue;
            }
            if is_dir || part != inside {
                files::make_dir(&path, 0o755)?;
            } else {
                files::write_new(&path, b"", 0o644)?;
            }
            give(&path)?;
        }
    }
    Ok(())
}
