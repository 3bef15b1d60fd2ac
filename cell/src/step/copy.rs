//! The old way, to compare with: every staging downloads its buildpacks and unpacks a copy of each, where the legacy
//! finds them.

use std::error::Error;
use std::path::Path;
use std::thread;

use builder::model::key::BuildpackKey;
use cache::ingest::download::Client;
use cache::sys::fs::make_dir_all;

use super::prepare::{Prepared, unpack};
use crate::error::CellError;
use crate::model::buildpack::{Buildpack, Source};
use crate::model::report::Used;
use crate::places::Places;
use crate::sys::disk;

/// What one copy may fail with.
type Fault = Box<dyn Error + Send + Sync>;

/// Brings every buildpack, all at once.
pub(super) fn copy_in(prepared: &Prepared<'_>) -> Result<Vec<Used>, CellError> {
    let places = Places::on_host(prepared.scratch.path());
    let below = prepared.scratch.path().join("downloads");
    for path in [&places.buildpacks, &below] {
        make_dir_all(path, 0o755).map_err(CellError::Prepare)?;
    }
    let one = |buildpack: &Buildpack| {
        let brought = bring(prepared, buildpack, &below, &places.buildpacks);
        brought.map_err(|source| CellError::Copy {
            name: buildpack.name.to_string(),
            source,
        })
    };
    let used = thread::scope(|scope| {
        let started = prepared
            .job
            .buildpacks
            .iter()
            .map(|buildpack| scope.spawn(move || one(buildpack)));
        let started: Vec<_> = started.collect();
        let joined = started.into_iter().map(|thread| match thread.join() {
            Ok(used) => used,
            Err(panicked) => std::panic::resume_unwind(panicked),
        });
        joined.collect::<Result<Vec<_>, _>>()
    })?;
    let owner = prepared.owner;
    disk::give_tree(&places.buildpacks, owner.uid, owner.gid).map_err(CellError::Prepare)?;
    prepared.host.go_on()?;
    Ok(used)
}

fn bring(prepared: &Prepared<'_>, buildpack: &Buildpack, below: &Path, to: &Path) -> Result<Used, Fault> {
    let name = buildpack.name.as_str();
    let stop = &prepared.host.stop;
    let confinement = &prepared.job.confinement;
    let to = to.join(BuildpackKey::new(name).hash_name());
    let mut used = Used {
        name: name.to_owned(),
        source: buildpack.source.to_string(),
        sha256: String::new(),
        how: "copied".to_owned(),
        fetched_bytes: 0,
    };
    match &buildpack.source {
        Source::Path(path) => unpack(&prepared.host.environment.absolute(path), &to, confinement, stop)?,
        Source::Archive(url) => {
            let (settings, _) = prepared.job.store.settings()?;
            let network = settings.network;
            let client = Client::new(network.policy, &network.trust, network.proxies?)?;
            let archive = below.join(name);
            let mut file = disk::make_file(&archive, 0o600)?;
            let downloaded = client.download(url, &mut file, stop)?;
            used.fetched_bytes = downloaded.bytes;
            used.sha256 = hex::encode(downloaded.sha256);
            unpack(&archive, &to, confinement, stop)?;
            disk::remove(&archive)?;
        }
        Source::Git(url) => crate::clone::clone(url, &to, prepared.host, false)?,
    }
    Ok(used)
}
