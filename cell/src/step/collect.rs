//! Results go to their places; each appears under its name only whole.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use builder::model::size::Size;
use cache::sys::SysError;
use cache::sys::out_file::OutFile;

use super::build::Built;
use super::obtain::Obtained;
use super::prepare::Prepared;
use crate::confine;
use crate::error::CellError;
use crate::host::Host;
use crate::model::report::{File, Report, Times};
use crate::places::{self, Places};
use crate::sys::disk::{self, Copied};

/// No staging result is longer, in bytes. The other files are bounded by the disk that they were written to.
const RESULT_LIMIT: u64 = 16 << 20;

/// A staging that is done.
#[derive(Debug, Clone)]
pub struct Staged {
    /// The droplet.
    pub droplet: PathBuf,
    /// What the staging says of itself.
    pub report: Report,
}

/// Puts droplet, staging result, artifacts cache and our own report into the directory of results.
pub fn collect(built: Built<'_>) -> Result<Staged, CellError> {
    let Built { obtained, built } = built;
    let prepared = &obtained.prepared;
    let (job, host) = (prepared.job, prepared.host);
    let from = Places::on_host(prepared.scratch.path());
    let droplet = job.out.join(places::DROPLET_FILE);
    let result = job.out.join(places::RESULT_FILE);
    let artifacts = job.out.join(places::ARTIFACTS_FILE);
    // All are whole before the first appears: what is interrupted leaves the results of before, and these go together.
    let (copied, new_droplet) = copy(&from.droplet, &droplet, u64::MAX, "droplet", host)?;
    let (_, new_result) = copy(&from.result, &result, RESULT_LIMIT, "staging result", host)?;
    let what = "archive of the artifacts cache";
    let (_, new_artifacts) = copy(&from.output_artifacts, &artifacts, u64::MAX, what, host)?;
    // The report is of this droplet: an older one must not stand beside it.
    let report = job.out.join(places::REPORT_FILE);
    disk::remove(&report).map_err(|source| unwritable(&report, source))?;
    for (file, path) in [
        (new_droplet, &droplet),
        (new_result, &result),
        (new_artifacts, &artifacts),
    ] {
        file.commit().map_err(|source| unwritable(path, source))?;
    }
    let told = summary(&obtained, &copied, built);
    disk::write_whole(&report, &told.to_json()).map_err(|source| unwritable(&report, source))?;
    host.console.tell(format_args!(
        "staged in {:.1} s: {} ({})",
        Duration::from_millis(told.milliseconds.total).as_secs_f64(),
        droplet.display(),
        Size(copied.bytes)
    ));
    Ok(Staged {
        droplet,
        report: told,
    })
}

/// Keeps the staging result of a builder that failed, if there is one.
pub(super) fn keep_result(obtained: &Obtained<'_>) {
    let Prepared { job, scratch, .. } = &obtained.prepared;
    let from = Places::on_host(scratch.path()).result;
    let to = job.out.join(places::RESULT_FILE);
    // The failure is what is told.
    let _ = disk::open_result(&from, RESULT_LIMIT)
        .and_then(|file| disk::copy_out(file, &from, &to, &|| false))
        .and_then(|(_, file)| file.commit());
}

fn copy(
    from: &Path,
    to: &Path,
    limit: u64,
    what: &'static str,
    host: &Host,
) -> Result<(Copied, OutFile), CellError> {
    let file = disk::open_result(from, limit).map_err(|source| CellError::NoOutput { what, source })?;
    let copied = disk::copy_out(file, from, to, &|| host.stop.is_cancelled());
    copied.map_err(|source| {
        if host.stop.is_cancelled() {
            CellError::Interrupted
        } else {
            unwritable(to, source)
        }
    })
}

fn unwritable(path: &Path, source: SysError) -> CellError {
    CellError::Output {
        path: path.to_owned(),
        source,
    }
}

fn summary(obtained: &Obtained<'_>, droplet: &Copied, built: Instant) -> Report {
    let prepared = &obtained.prepared;
    let job = prepared.job;
    let since = |at: Instant, begun: Instant| {
        u64::try_from(at.saturating_duration_since(begun).as_millis()).unwrap_or(u64::MAX)
    };
    Report {
        v: Report::version(),
        app: job.app.display().to_string(),
        stack: job.stack.clone(),
        buildpacks: obtained.used.clone(),
        container: confine::described(&job.confinement),
        sharing: match &obtained.lease {
            Some(lease) => lease.view.record.way.name().to_owned(),
            None => "copied".to_owned(),
        },
        sharing_reason: obtained
            .lease
            .as_ref()
            .and_then(|lease| lease.view.record.reason.clone()),
        droplet: File {
            bytes: droplet.bytes,
            sha256: hex::encode(droplet.sha256),
        },
        milliseconds: Times {
            prepare: since(prepared.ready, prepared.begun),
            buildpacks: since(obtained.seen, prepared.ready),
            builder: since(built, obtained.seen),
            total: since(Instant::now(), prepared.begun),
        },
    }
}
