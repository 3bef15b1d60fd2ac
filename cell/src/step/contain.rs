//! The container of a staging, as a value.

use std::path::{Path, PathBuf};

use builder::model::placement::Placement;
use cache::sys::fs::is_plain_file;

use super::obtain::Obtained;
use crate::bundle::{Container, Mount, Process, RootFs};
use crate::confine;
use crate::error::CellError;
use crate::job::{Confinement, Job};
use crate::model::buildpack::Name;
use crate::model::variables::{self, Facts};
use crate::places::Places;
use crate::runtime::Kind;
use crate::sys::disk;
use crate::sys::elf::{self, Needs};

/// A container that can be started.
pub struct Contained<'j> {
    pub(super) container: Container,
    pub(super) obtained: Obtained<'j>,
}

/// Decides what the container is.
pub fn contain(obtained: Obtained<'_>) -> Result<Contained<'_>, CellError> {
    let prepared = &obtained.prepared;
    let (job, scratch) = (prepared.job, prepared.scratch.path());
    let confinement = &job.confinement;
    let outside = Places::on_host(scratch);
    let program = builder(confinement, &prepared.host.environment.program)?;
    let is_bare = confinement.runtime == Kind::None;
    let (inside, view) = if is_bare {
        disk::point(&outside.builder, &program).map_err(CellError::Prepare)?;
        let view = obtained.lease.as_ref().map(|lease| lease.view.directory.clone());
        (outside.clone(), view)
    } else {
        let view = obtained.lease.as_ref();
        let view = view.map(|lease| PathBuf::from(&lease.view.record.destination));
        (Places::inside(), view)
    };
    let container = Container {
        root: confinement.root.clone(),
        isolation: confinement.isolation,
        mounts: mounts(&outside, &program, &obtained),
        process: process(job, &inside, view.as_deref()),
        memory: Some(confinement.memory.bytes),
        hostname: "cell".to_owned(),
    };
    Ok(Contained { container, obtained })
}

/// The builder: another one that was named, or this program.
fn builder(confinement: &Confinement, program: &Path) -> Result<PathBuf, CellError> {
    let path = confinement.builder.as_deref().unwrap_or(program);
    let refused = || CellError::NotA {
        path: path.to_owned(),
        wanted: "program",
    };
    let path = disk::real(path).map_err(|_| refused())?;
    if !is_plain_file(&path) {
        return Err(refused());
    }
    if let RootFs::Directory(root) = &confinement.root {
        let needs = elf::needs(&path).map_err(CellError::Prepare)?;
        check_loader(root, needs)?;
    }
    Ok(path)
}

/// A program that needs a loader cannot run where there is none.
fn check_loader(root: &Path, needs: Needs) -> Result<(), CellError> {
    match needs {
        Needs::Loader(loader) if !cache::sys::fs::exists(&root.join(loader.trim_start_matches('/'))) => {
            Err(CellError::Dynamic {
                root: root.to_owned(),
                loader,
            })
        }
        _ => Ok(()),
    }
}

fn mounts(outside: &Places, program: &Path, obtained: &Obtained<'_>) -> Vec<Mount> {
    let inside = Places::inside();
    let bind = |source: &Path, destination: &Path, read_only: bool| Mount {
        source: source.to_owned(),
        destination: destination.to_owned(),
        read_only,
        options: vec!["nosuid".to_owned(), "nodev".to_owned()],
    };
    let shown = obtained.lease.iter().flat_map(|lease| &lease.view.mounts);
    let shown = shown.map(|mount| bind(&mount.source, &mount.destination, mount.read_only));
    let ours = [
        bind(&outside.tmp, &inside.tmp, false),
        bind(&outside.home, &inside.home, false),
        bind(program, &inside.builder, true),
    ];
    ours.into_iter().chain(shown).collect()
}

fn process(job: &Job, places: &Places, view: Option<&Path>) -> Process {
    let home = places.home.display().to_string();
    let temporary = places.tmp.display().to_string();
    let facts = Facts {
        app: &job.name,
        stack: &job.stack,
        memory: job.confinement.memory,
        language: confine::language(&job.confinement),
        is_reproducible: job.reproducible,
        home: &home,
        temporary: &temporary,
    };
    let (uid, gid) = confine::ids(&job.confinement);
    Process {
        args: arguments(job, places, view),
        env: variables::staging(&facts, &job.variables),
        cwd: places.home.clone(),
        uid,
        gid,
    }
}

/// The builder's command line: every path is said, also where it is the default.
fn arguments(job: &Job, places: &Places, view: Option<&Path>) -> Vec<String> {
    let order: Vec<_> = job
        .buildpacks
        .iter()
        .map(|buildpack| buildpack.name.as_str())
        .collect();
    let paths = [
        ("buildDir", places.app.as_path()),
        ("buildArtifactsCacheDir", &places.artifacts),
        ("buildpacksDir", &places.buildpacks),
        ("buildpacksDownloadDir", &places.downloads),
        ("outputDroplet", &places.droplet),
        ("outputMetadata", &places.result),
        ("outputBuildArtifactsCache", &places.output_artifacts),
    ];
    let mut words = vec![
        places.builder.display().to_string(),
        format!("-buildpackOrder={}", order.join(",")),
        format!("-skipDetect={}", !job.detect),
    ];
    words.extend(paths.map(|(flag, path)| format!("-{flag}={}", path.display())));
    // Another builder need not know this flag: without a view it is not given.
    words.extend(view.map(|view| format!("-cachedDownloadsDir={}", view.display())));
    // Nor these.
    let placing = &job.placing;
    if placing.way != Placement::default() {
        words.push(format!("-placement={}", placing.way.name()));
    }
    if !placing.private.is_empty() {
        let names: Vec<_> = placing.private.iter().map(Name::as_str).collect();
        words.push(format!("-privateBuildpacks={}", names.join(",")));
    }
    let switches = [("reproducible", job.reproducible), ("explain", job.explain)];
    let set = switches.into_iter().filter(|(_, is_set)| *is_set);
    words.extend(set.map(|(flag, _)| format!("-{flag}")));
    words
}
