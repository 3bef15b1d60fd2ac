//! A scratch directory with all that the container will write to: the application, the artifacts cache, `/tmp`, the
//! user's home.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use cache::archive::{self, ArchiveError, Policy, Supervisor};
use cache::ingest::download::Cancel;
use cache::sys::SysError;
use cache::sys::fs::{is_plain_file, make_dir_all, read_bounded};
use cache::sys::source::{self, Source, magic};

use crate::confine;
use crate::error::{AppFault, CellError, chain, is_short};
use crate::host::Host;
use crate::job::{Confinement, Job};
use crate::model::report::Report;
use crate::places::{self, Places};
use crate::runtime::{Owner, Runtime};
use crate::scratch::Scratch;
use crate::sys::disk::{self, Taken};
use crate::sys::host::mount_options;

/// The first bytes of a zip, and of an empty one.
const ZIP: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// Most that is read of a report, in bytes.
const REPORT_LIMIT: u64 = 1 << 20;

/// How long a directory of results may still be held: a killed command's processes end a moment after it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ready to be shown buildpacks. The scratch directory goes when this is dropped.
pub struct Prepared<'j> {
    pub(super) job: &'j Job,
    pub(super) host: &'j Host,
    pub(super) runtime: Runtime,
    pub(super) scratch: Scratch,
    pub(super) owner: Owner,
    /// Keeps other stagings from the directory of results.
    pub(super) _results: Option<File>,
    pub(super) begun: Instant,
    pub(super) ready: Instant,
}

/// Makes the scratch directory.
pub fn prepare<'j>(job: &'j Job, host: &'j Host) -> Result<Prepared<'j>, CellError> {
    let begun = Instant::now();
    check_app(&job.app)?;
    check_apart(job)?;
    // Better told now than when everything is done.
    let made = make_dir_all(&job.out, 0o777).and_then(|()| disk::may_fill(&job.out));
    made.map_err(|source| CellError::Output {
        path: job.out.clone(),
        source,
    })?;
    let results = hold_results(&job.out, host)?;
    let runtime = confine::runtime(&job.confinement, host);
    let (uid, gid) = confine::ids(&job.confinement);
    let owner = runtime
        .owner(job.confinement.isolation, uid, gid)
        .map_err(CellError::Runtime)?;
    let scratch = Scratch::make(&job.confinement.scratch).map_err(CellError::Prepare)?;
    warn_of_noexec(job, host, scratch.path());
    let places = Places::on_host(scratch.path());
    lay_out(&places).map_err(CellError::Prepare)?;
    bring_app(job, host, &places.app)?;
    bring_artifacts(job, host, &places.artifacts);
    host.go_on()?;
    for path in [&places.tmp, &places.home] {
        disk::give_tree(path, owner.uid, owner.gid).map_err(CellError::Prepare)?;
    }
    Ok(Prepared {
        job,
        host,
        runtime,
        scratch,
        owner,
        _results: results,
        begun,
        ready: Instant::now(),
    })
}

/// Two stagings would mix their results, and one could take over the artifacts cache of the other's application.
fn hold_results(out: &Path, host: &Host) -> Result<Option<File>, CellError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match disk::hold(out) {
            Ok(held) => return Ok(held),
            Err(Taken) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
            Err(Taken) => return Err(CellError::Shared(out.to_owned())),
        }
        host.go_on()?;
    }
}

/// What the platform's cells permit may be forbidden here.
fn warn_of_noexec(job: &Job, host: &Host, scratch: &Path) {
    if mount_options(scratch).contains(&"noexec") {
        host.console.warn(format_args!(
            "{} is mounted noexec: what buildpacks put into the app cannot be started while it is staged (--scratch names \
             another directory)",
            job.confinement.scratch.display()
        ));
    }
}

/// A wrong name is told before anything is fetched.
fn check_app(path: &Path) -> Result<(), CellError> {
    source::open(path)
        .map(drop)
        .map_err(|error| unreadable(path, error.into()))
}

/// What is of ours in the application's directory would become a part of the application, or of itself.
fn check_apart(job: &Job) -> Result<(), CellError> {
    let (settings, _) = job.store.settings()?;
    let ours = [
        (&job.confinement.scratch, "--scratch"),
        (&settings.root, "--store"),
    ];
    let Ok(app) = disk::real(&job.app) else {
        return Ok(());
    };
    for (path, option) in ours {
        // What is not there yet will be made.
        let real = path.ancestors().find_map(|path| disk::real(path).ok());
        if real.is_some_and(|path| path.starts_with(&app)) {
            return Err(CellError::InApp {
                path: path.clone(),
                option,
            });
        }
    }
    Ok(())
}

fn unreadable(path: &Path, source: AppFault) -> CellError {
    CellError::App {
        path: path.to_owned(),
        source,
    }
}

/// The empty directories, and what the user's home is on the host's side.
fn lay_out(places: &Places) -> Result<(), SysError> {
    disk::make_apart(&places.tmp, 0o755)?;
    disk::make_apart(&places.home, 0o755)?;
    for path in [&places.app, &places.artifacts, &places.lifecycle] {
        disk::make_dir(path, 0o755)?;
    }
    disk::write_new(&places.builder, 0o755, b"")
}

fn bring_app(job: &Job, host: &Host, to: &Path) -> Result<(), CellError> {
    let brought = unpack(&job.app, to, &job.confinement, &host.stop);
    brought.map_err(|fault| match fault {
        AppFault::Archive(ArchiveError::Interrupted) => CellError::Interrupted,
        AppFault::NoRoom(shortage) => CellError::NoRoom(shortage),
        fault => unreadable(&job.app, fault),
    })?;
    forget_results(job, to)?;
    match disk::is_empty(to) {
        Ok(true) => Err(unreadable(&job.app, AppFault::Empty)),
        _ => Ok(()),
    }
}

/// Results of an earlier staging that lie in the application itself are no part of it; whatever else lies there is.
///
/// Where they are is asked of the disk: the text of a path may lead out of the application and come back.
fn forget_results(job: &Job, copy: &Path) -> Result<(), CellError> {
    let (Ok(app), Ok(out)) = (disk::real(&job.app), disk::real(&job.out)) else {
        return Ok(());
    };
    let Ok(below) = out.strip_prefix(&app) else {
        return Ok(());
    };
    let place = copy.join(below);
    for name in places::RESULTS {
        disk::remove(&place.join(name)).map_err(CellError::Prepare)?;
    }
    if !below.as_os_str().is_empty() {
        // What holds more than results stays.
        let _ = disk::remove_empty(&place);
    }
    Ok(())
}

/// Copies a directory, or unpacks an archive, by the rules of the cache: nothing leaves, nothing special comes to be.
///
/// Sockets and the like are left out, as the platform's client does.
pub fn unpack(from: &Path, to: &Path, confinement: &Confinement, stop: &Cancel) -> Result<(), AppFault> {
    let is_for_room = |error: &ArchiveError| match error {
        ArchiveError::NoRoom => true,
        ArchiveError::System(error) => is_short(error),
        _ => false,
    };
    unpack_guarded(from, to, confinement, stop).map_err(|fault| match fault {
        AppFault::Archive(error) if is_for_room(&error) => {
            AppFault::NoRoom(confine::shortage(confinement, disk::free(&confinement.scratch)))
        }
        fault => fault,
    })
}

fn unpack_guarded(from: &Path, to: &Path, confinement: &Confinement, stop: &Cancel) -> Result<(), AppFault> {
    let policy = Policy::store().skip_special(true);
    let supervisor = Guard { confinement, stop };
    let mut manifest = std::io::sink();
    match source::open(from)? {
        Source::Directory => archive::import_tree(from, to, &policy, &supervisor, &mut manifest).map(drop)?,
        Source::File(file) if magic(&file).is_some_and(|magic| ZIP.contains(&magic)) => {
            archive::unpack_zip_file(&file, to, &policy, &supervisor, &mut manifest).map(drop)?;
        }
        Source::File(mut file) => {
            archive::unpack(&mut file, to, &policy, &supervisor, &mut manifest).map(drop)?;
        }
    }
    Ok(())
}

/// Stops when a signal asks for it, and before the disk is full.
struct Guard<'a> {
    confinement: &'a Confinement,
    stop: &'a Cancel,
}

impl Supervisor for Guard<'_> {
    fn interrupted(&self) -> bool {
        self.stop.is_cancelled()
    }

    fn reserve(&self, bytes: u64, _inodes: u64) -> bool {
        let free = disk::free(&self.confinement.scratch);
        free >= self.confinement.keep_free.saturating_add(bytes)
    }
}

/// Takes over what the last staging of this application has cached, as the platform does for one application and
/// stack. What cannot be taken over is told, and the staging begins without it.
fn bring_artifacts(job: &Job, host: &Host, to: &Path) {
    let from = job.out.join(places::ARTIFACTS_FILE);
    let report = read_bounded(&job.out.join(places::REPORT_FILE), REPORT_LIMIT).ok();
    let before = report.and_then(|text| Report::parse(&text));
    let is_same = before.is_some_and(|before| before.is_of(&job.app, &job.stack));
    if !is_same || !is_plain_file(&from) {
        return;
    }
    match unpack(&from, to, &job.confinement, &host.stop) {
        Ok(()) => host
            .console
            .tell(format_args!("artifacts cache taken over from {}", from.display())),
        Err(fault) => {
            host.console.warn(format_args!(
                "the artifacts cache {} is left out: {}",
                from.display(),
                chain(&fault)
            ));
            start_over(to);
        }
    }
}

/// A half of an artifacts cache is worse than none.
fn start_over(path: &Path) {
    let made = disk::remove(path).and_then(|()| disk::make_dir(path, 0o755));
    // Where even that fails, the container's own process will say so.
    let _ = made;
}
