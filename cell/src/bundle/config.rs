//! From a [`Container`] to the configuration in an OCI bundle; pure.
//!
//! The runtime runs in a room of its own (see [`crate::rootfs`]): every path on the host's side of a mount is a path in
//! that room. Namespaces of users and control groups are the room's business, so no runtime makes them, and one
//! configuration serves all.

use std::collections::HashSet;
use std::path::Path;

use oci_spec::OciSpecError;
use oci_spec::runtime::{
    Capability, Linux, LinuxBuilder, LinuxCapabilities, LinuxCapabilitiesBuilder, LinuxNamespaceBuilder,
    LinuxNamespaceType, Mount as OciMount, MountBuilder, PosixRlimit, PosixRlimitBuilder, PosixRlimitType,
    Process as OciProcess, ProcessBuilder, RootBuilder, Spec, SpecBuilder, UserBuilder,
};

use super::{Container, Mount, RootFs};
use crate::model::variables;
use crate::rootfs::{self, Ground, INIT_IN_CONTAINER};

/// What new files do not get, whoever starts the cell: modes in the droplet must not depend on that.
const UMASK: u32 = 0o022;

/// What the platform lets root in a container do; it lets everybody else do nothing.
const ROOT_CAPABILITIES: [Capability; 14] = [
    Capability::AuditWrite,
    Capability::Chown,
    Capability::DacOverride,
    Capability::Fowner,
    Capability::Fsetid,
    Capability::Kill,
    Capability::Mknod,
    Capability::NetBindService,
    Capability::NetRaw,
    Capability::Setfcap,
    Capability::Setgid,
    Capability::Setpcap,
    Capability::Setuid,
    Capability::SysChroot,
];

/// The most processes and threads that a container may have: enough for every build, and for no machine too many.
const PROCESSES: u64 = 8192;

const MASKED: [&str; 9] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
];

const READ_ONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];

/// The configuration of `container` on this ground.
pub(crate) fn spec(container: &Container, ground: &Ground) -> Result<Spec, OciSpecError> {
    SpecBuilder::default()
        .version("1.0.2")
        .root(RootBuilder::default().path("/rootfs").readonly(true).build()?)
        .hostname(container.hostname.clone())
        .process(process(container, ground)?)
        .mounts(mounts(container, ground)?)
        .linux(linux()?)
        .build()
}

fn process(container: &Container, ground: &Ground) -> Result<OciProcess, OciSpecError> {
    let process = &container.process;
    // With one id there is only root until process 1 has made itself vcap.
    let (uid, gid, becomes) = if ground.single_id {
        (0, 0, format!("{}:{}", process.uid, process.gid))
    } else {
        (process.uid, process.gid, "-".to_owned())
    };
    let mut args = vec![INIT_IN_CONTAINER.to_owned(), becomes];
    args.extend(process.args.iter().cloned());
    let env = process.env.iter().map(|(name, value)| format!("{name}={value}"));
    ProcessBuilder::default()
        .terminal(false)
        .user(UserBuilder::default().uid(uid).gid(gid).umask(UMASK).build()?)
        .args(args)
        .env(env.collect::<Vec<_>>())
        .cwd(process.cwd.clone())
        .capabilities(capabilities(uid, ground.single_id)?)
        .no_new_privileges(true)
        .rlimits(limits(ground)?)
        .build()
}

/// A control group is not to be had by everybody; these are, and each user namespace counts for itself.
fn limits(ground: &Ground) -> Result<Vec<PosixRlimit>, OciSpecError> {
    let wanted = [
        (PosixRlimitType::RlimitNproc, PROCESSES),
        (PosixRlimitType::RlimitNofile, variables::FILES),
    ];
    let limits = wanted.into_iter().zip(ground.most).map(|((kind, wanted), most)| {
        let limit = most.map_or(wanted, |most| most.min(wanted));
        PosixRlimitBuilder::default()
            .typ(kind)
            .soft(limit)
            .hard(limit)
            .build()
    });
    limits.collect()
}

fn capabilities(uid: u32, single_id: bool) -> Result<LinuxCapabilities, OciSpecError> {
    let all: HashSet<Capability> = match (single_id, uid) {
        // What it takes to map an id onto root's; given up with the rest once that is done.
        (true, _) => HashSet::from([Capability::Setfcap]),
        (false, 0) => ROOT_CAPABILITIES.into_iter().collect(),
        (false, _) => HashSet::new(),
    };
    LinuxCapabilitiesBuilder::default()
        .bounding(all.clone())
        .effective(all.clone())
        .permitted(all)
        .inheritable(HashSet::new())
        .ambient(HashSet::new())
        .build()
}

fn linux() -> Result<Linux, OciSpecError> {
    let kinds = [
        LinuxNamespaceType::Pid,
        LinuxNamespaceType::Ipc,
        LinuxNamespaceType::Uts,
        LinuxNamespaceType::Mount,
    ];
    let namespaces: Result<Vec<_>, _> = kinds
        .into_iter()
        .map(|kind| LinuxNamespaceBuilder::default().typ(kind).build())
        .collect();
    let mut linux = LinuxBuilder::default()
        .namespaces(namespaces?)
        .masked_paths(MASKED.map(str::to_owned))
        .readonly_paths(READ_ONLY.map(str::to_owned))
        .build()?;
    // The builder's own limits would ask for control groups.
    linux.set_resources(None);
    linux.set_devices(None);
    Ok(linux)
}

fn mounts(container: &Container, ground: &Ground) -> Result<Vec<OciMount>, OciSpecError> {
    let mut mounts = Vec::new();
    if container.root == RootFs::Host {
        for name in &ground.system {
            let path = Path::new("/").join(name);
            mounts.push(bind(&path, &path, &["ro", "nosuid", "nodev"])?);
        }
    }
    mounts.extend(kernel_mounts()?);
    for (index, (destination, _)) in rootfs::FRESH.iter().enumerate() {
        let source = rootfs::fresh_in_room(index);
        mounts.push(bind(&source, Path::new(destination), &["rw", "nosuid", "nodev"])?);
    }
    if container.root == RootFs::Host {
        for name in rootfs::ACCOUNT_FILES {
            let source = Path::new(rootfs::FILES_IN_ROOM).join(name);
            mounts.push(bind(
                &source,
                &Path::new("/etc").join(name),
                &["ro", "nosuid", "nodev"],
            )?);
        }
    }
    for (index, mount) in container.mounts.iter().enumerate() {
        mounts.push(given(mount, index, ground)?);
    }
    let init = Path::new(rootfs::INIT_IN_ROOM);
    mounts.push(bind(
        init,
        Path::new(INIT_IN_CONTAINER),
        &["ro", "nosuid", "nodev"],
    )?);
    Ok(mounts)
}

/// The mounts that the kernel fills.
fn kernel_mounts() -> Result<Vec<OciMount>, OciSpecError> {
    let table: [(&str, &str, &[&str]); 5] = [
        ("/proc", "proc", &["nosuid", "noexec", "nodev"]),
        (
            "/dev",
            "tmpfs",
            &["ro", "nosuid", "strictatime", "mode=755", "size=65536k"],
        ),
        (
            "/dev/pts",
            "devpts",
            &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
        ),
        (
            "/dev/shm",
            "tmpfs",
            &["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
        ),
        (
            "/run",
            "tmpfs",
            &["ro", "nosuid", "noexec", "nodev", "mode=755", "size=16384k"],
        ),
    ];
    let mounts = table.into_iter().map(|(destination, kind, options)| {
        MountBuilder::default()
            .destination(destination)
            .typ(kind)
            .source(kind)
            .options(words(options))
            .build()
    });
    mounts.collect()
}

/// A mount that the container asks for.
fn given(mount: &Mount, index: usize, ground: &Ground) -> Result<OciMount, OciSpecError> {
    let mut options = vec![if mount.read_only { "ro" } else { "rw" }, "nosuid", "nodev"];
    let of_source = ground.sources.get(index).map(|source| &source.options);
    let more = of_source.into_iter().flatten().chain(&mount.options);
    for option in more {
        if option == "ro" {
            options[0] = "ro";
        } else if !options.contains(&option.as_str()) && !["bind", "rbind", "rw"].contains(&option.as_str()) {
            options.push(option);
        }
    }
    bind(&rootfs::source_in_room(index), &mount.destination, &options)
}

fn bind(source: &Path, destination: &Path, options: &[&str]) -> Result<OciMount, OciSpecError> {
    MountBuilder::default()
        .destination(destination)
        .typ("bind")
        .source(source)
        .options([words(&["rbind"]), words(options)].concat())
        .build()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
