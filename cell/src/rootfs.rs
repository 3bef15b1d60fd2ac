//! The root file system of a container, and the room in which its runtime works.
//!
//! A runtime sees the host only through its *room*: a file system in memory in a mount namespace of its own, into which
//! everything that the container needs is bound before any privilege is given up. So
//!
//! - sources below directories that only root may enter can be mounted into a user namespace by every runtime;
//! - what is bound read-only is locked: root in the container cannot undo it in a user namespace;
//! - the configuration, whose environment holds secrets, is never written to a disk;
//! - when the room's last process ends, its mounts and the runtime's state are gone by themselves.
//!
//! This file decides what is in a room, from facts; `runtime/room.rs` builds it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::bundle::{Container, RootFs};

/// The host's directories that a container sees with [`RootFs::Host`], and that a runtime itself may need.
pub(crate) const SYSTEM: [&str; 8] = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc"];
/// The directories of a container that are fresh and writable, with their modes; in the workspace by their order.
pub(crate) const FRESH: [(&str, u32); 3] = [("/tmp", 0o1777), ("/var/tmp", 0o1777), ("/home/vcap", 0o755)];
/// The files in `/etc` that say who vcap is.
pub(crate) const ACCOUNT_FILES: [&str; 2] = ["passwd", "group"];
/// Files of `/etc` that let a program find its way in the host's network.
const NETWORK_FILES: [&str; 2] = ["resolv.conf", "hosts"];
/// This program in the room.
pub(crate) const INIT_IN_ROOM: &str = "/init";
/// The installed runtime in the room.
pub(crate) const RUNTIME_IN_ROOM: &str = "/runtime";
/// Account files in the room.
pub(crate) const FILES_IN_ROOM: &str = "/files";
/// This program in the container, as process 1.
pub(crate) const INIT_IN_CONTAINER: &str = "/dev/cell-init";

/// Where the source of the container's mount `index` is in the room.
pub(crate) fn source_in_room(index: usize) -> PathBuf {
    Path::new("/sources").join(index.to_string())
}

/// Where the fresh directory `index` is in the room.
pub(crate) fn fresh_in_room(index: usize) -> PathBuf {
    Path::new("/fresh").join(index.to_string())
}

/// A fresh directory in the workspace.
pub(crate) fn fresh_in_workspace(workspace: &Path, index: usize) -> PathBuf {
    workspace.join(format!("fresh-{index}"))
}

/// What was found out about the source of a mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Whether it is a directory.
    pub(crate) is_dir: bool,
    /// The options of its mount that a bind must repeat.
    pub(crate) options: Vec<String>,
}

/// What a container stands on: the facts behind its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ground {
    /// The names of [`SYSTEM`] that are directories on the host.
    pub(crate) system: Vec<String>,
    /// The names of [`SYSTEM`] that are links on the host, with their targets.
    pub(crate) links: Vec<(String, PathBuf)>,
    /// The sources of the container's mounts, in their order.
    pub(crate) sources: Vec<Source>,
    /// Whether the user namespace has one id only.
    pub(crate) single_id: bool,
    /// `/etc/passwd` and `/etc/group` of the root file system.
    pub(crate) accounts: [String; 2],
    /// `/etc/resolv.conf` and `/etc/hosts` of the host.
    pub(crate) network: [String; 2],
    /// The most processes, and open files of each, that are permitted here anyway.
    pub(crate) most: [Option<u64>; 2],
    /// Where the host's `/etc/resolv.conf` really is, when that is outside of [`SYSTEM`].
    pub(crate) resolver: Option<PathBuf>,
}

/// Something made in the room; its path begins at the room's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Node {
    /// A directory with a mode.
    Directory(PathBuf, u32),
    /// A file that all may read.
    File(PathBuf, String),
    /// A link to a target.
    Link(PathBuf, PathBuf),
}

/// A bind into the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bind {
    /// On the host.
    pub(crate) source: PathBuf,
    /// In the room; made before.
    pub(crate) at: PathBuf,
    /// What may be done through it.
    pub(crate) access: Access,
}

/// What may be done through a bind in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Access {
    /// Everything, as on the host: device files work.
    AsOnHost,
    /// Reading and writing, without set-id bits and devices.
    Write,
    /// Reading, without set-id bits and devices.
    Read,
}

/// What is in a room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Room {
    /// Made first, in this order.
    pub(crate) nodes: Vec<Node>,
    /// Made next, in this order.
    pub(crate) binds: Vec<Bind>,
    /// A directory that lies below `/layer` in the container's root; without one the root is `/rootfs`.
    pub(crate) lower: Option<PathBuf>,
}

impl Room {
    /// Plans the room of `container` on this ground.
    pub(crate) fn plan(container: &Container, ground: &Ground, workspace: &Path, program: &Path) -> Self {
        let mut room = Self::default();
        room.furnish(ground);
        let skeleton = match &container.root {
            RootFs::Host => Path::new("/rootfs"),
            RootFs::Directory(lower) => {
                room.lower = Some(lower.clone());
                Path::new("/layer")
            }
        };
        room.skeleton(skeleton, container, ground);
        room.bring_file(program, Path::new(INIT_IN_ROOM));
        for (index, _) in FRESH.iter().enumerate() {
            let source = fresh_in_workspace(workspace, index);
            room.bring(&source, &fresh_in_room(index), Access::Write);
        }
        for (index, (mount, source)) in container.mounts.iter().zip(&ground.sources).enumerate() {
            let access = if mount.read_only {
                Access::Read
            } else {
                Access::Write
            };
            let at = source_in_room(index);
            room.point(&at, source.is_dir);
            room.binds.push(Bind {
                source: mount.source.clone(),
                at,
                access,
            });
        }
        room
    }

    /// What every runtime needs.
    fn furnish(&mut self, ground: &Ground) {
        for path in [
            "/rootfs",
            "/layer",
            "/sources",
            "/fresh",
            "/files",
            "/bundle",
            "/sys",
            "/sys/fs",
            "/sys/fs/cgroup",
        ] {
            self.directory(Path::new(path), 0o755);
        }
        self.directory(Path::new("/state"), 0o700);
        self.directory(Path::new("/tmp"), 0o1777);
        for name in &ground.system {
            let path = Path::new("/").join(name);
            self.bring(&path, &path, Access::Read);
        }
        for (name, target) in &ground.links {
            self.nodes
                .push(Node::Link(Path::new("/").join(name), target.clone()));
        }
        for path in ["/proc", "/dev"] {
            self.bring(Path::new(path), Path::new(path), Access::AsOnHost);
        }
    }

    /// The directories on which the container's mounts are made, and the files that no mount brings.
    fn skeleton(&mut self, root: &Path, container: &Container, ground: &Ground) {
        for (path, mode) in [
            ("proc", 0o755),
            ("sys", 0o755),
            ("dev", 0o755),
            ("run", 0o755),
            ("var", 0o755),
        ] {
            self.directory(&root.join(path), mode);
        }
        for (path, mode) in FRESH {
            self.point_below(root, Path::new(path), true);
            self.directory(&root.join(path.trim_start_matches('/')), mode);
        }
        let host = container.root == RootFs::Host;
        if host {
            for name in &ground.system {
                self.directory(&root.join(name), 0o755);
            }
            for (name, target) in &ground.links {
                self.nodes.push(Node::Link(root.join(name), target.clone()));
            }
            if let Some(resolver) = &ground.resolver {
                self.parents_below(root, resolver);
                self.nodes
                    .push(Node::File(below(root, resolver), ground.network[0].clone()));
            }
        }
        self.files(root, host, ground);
        let others = container.mounts.iter().zip(&ground.sources);
        for (mount, source) in others.filter(|(mount, _)| is_free(&mount.destination, container)) {
            self.point_below(root, &mount.destination, source.is_dir);
        }
    }

    /// Account and network files: beside the root for mounts over the host's, in the layer over a prepared root.
    fn files(&mut self, root: &Path, host: bool, ground: &Ground) {
        let at = if host {
            PathBuf::from(FILES_IN_ROOM)
        } else {
            root.join("etc")
        };
        if !host {
            self.directory(&at, 0o755);
            for (name, text) in NETWORK_FILES.iter().zip(&ground.network) {
                self.nodes.push(Node::File(at.join(name), text.clone()));
            }
        }
        let texts = [
            accounts(&ground.accounts[0], VCAP_USER),
            accounts(&ground.accounts[1], VCAP_GROUP),
        ];
        for (name, text) in ACCOUNT_FILES.iter().zip(texts) {
            self.nodes.push(Node::File(at.join(name), text));
        }
    }

    fn directory(&mut self, path: &Path, mode: u32) {
        let is_new = !self
            .nodes
            .iter()
            .any(|node| matches!(node, Node::Directory(there, _) if there == path));
        if is_new {
            self.nodes.push(Node::Directory(path.to_owned(), mode));
        }
    }

    fn bring(&mut self, source: &Path, at: &Path, access: Access) {
        self.point(at, true);
        self.binds.push(Bind {
            source: source.to_owned(),
            at: at.to_owned(),
            access,
        });
    }

    /// Brings a program.
    pub(crate) fn bring_file(&mut self, source: &Path, at: &Path) {
        self.point(at, false);
        self.binds.push(Bind {
            source: source.to_owned(),
            at: at.to_owned(),
            access: Access::Read,
        });
    }

    /// Something to mount on.
    fn point(&mut self, at: &Path, is_dir: bool) {
        if is_dir {
            self.directory(at, 0o755);
        } else {
            self.nodes.push(Node::File(at.to_owned(), String::new()));
        }
    }

    fn parents_below(&mut self, root: &Path, path: &Path) {
        let parents: Vec<_> = path
            .ancestors()
            .skip(1)
            .filter(|at| at.parent().is_some())
            .collect();
        for parent in parents.into_iter().rev() {
            self.directory(&below(root, parent), 0o755);
        }
    }

    fn point_below(&mut self, root: &Path, path: &Path, is_dir: bool) {
        self.parents_below(root, path);
        // The fresh directories have modes of their own.
        if !FRESH.iter().any(|(fresh, _)| Path::new(fresh) == path) {
            self.point(&below(root, path), is_dir);
        }
    }
}

fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Whether a mount's destination is in the root itself, not in another mount of the container.
fn is_free(destination: &Path, container: &Container) -> bool {
    let system: &[&str] = if container.root == RootFs::Host {
        &SYSTEM
    } else {
        &[]
    };
    let kernel = ["proc", "dev", "run"];
    let taken = system.iter().chain(&kernel).map(|name| Path::new("/").join(name));
    let fresh = FRESH.iter().map(|(path, _)| PathBuf::from(path));
    let given = container.mounts.iter().map(|mount| mount.destination.clone());
    let inside = |of: PathBuf| destination.starts_with(&of) && destination != of;
    !taken.chain(fresh.clone()).chain(given).any(inside) && !fresh.into_iter().any(|path| path == destination)
}

/// The mounts whose destinations lie in a fresh directory: `(fresh directory, path in it, is a directory)`.
pub(crate) fn inside_fresh<'m>(container: &'m Container, ground: &'m Ground) -> Vec<(usize, &'m Path, bool)> {
    let pairs = container.mounts.iter().zip(&ground.sources);
    let found = pairs.filter_map(|(mount, source)| {
        let inside = |(index, (fresh, _)): (usize, &(&str, u32))| {
            let rest = mount.destination.strip_prefix(fresh).ok()?;
            (!rest.as_os_str().is_empty()).then_some((index, rest, source.is_dir))
        };
        FRESH.iter().enumerate().find_map(inside)
    });
    found.collect()
}

const VCAP_USER: &str = "vcap:x:2000:2000:vcap:/home/vcap:/bin/bash";
const VCAP_GROUP: &str = "vcap:x:2000:";

/// An account file with the system's own accounts (below 1000, and nobody) and vcap.
fn accounts(text: &str, vcap: &str) -> String {
    let kept = text.lines().filter(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next(), fields.nth(1).and_then(|id| id.parse::<u32>().ok()));
        name != Some("vcap") && id.is_some_and(|id| id < 1000 || id == 65534)
    });
    kept.chain([vcap])
        .fold(String::new(), |all, line| all + line + "\n")
}

#[cfg(test)]
mod tests;
