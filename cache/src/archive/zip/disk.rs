//! A zip that is on disk: directories first, then files in several threads, then links and the manifest.

use std::fs::File;
use std::io::{Write, sink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::sys::times::FileTime;
use crate::sys::window::Window;

use super::super::assembly::{Assembly, Taken, clean};
use super::super::error::{ArchiveError, Refusal};
use super::super::fill::Filled;
use super::super::limits::{Limit, RATIO_FREE};
use super::super::manifest;
use super::super::policy::{Plan, Policy};
use super::super::supervisor::{Meter, Supervisor};
use super::super::unpack::{ArchiveKind, Tally, Unpacked};
use super::super::writer::{Content, link_text, refuse, within};
use super::body::{Body, Inflater};
use super::entry::Entry;
use super::layout::Layout;
use super::{Verdict, judge};

/// Most threads that write at once.
const MAX_THREADS: usize = 8;

/// Members that a thread takes on at once: neighbours are mostly in one directory.
const BATCH: usize = 16;

/// Bytes of a stored or packed member that make a thread worth its start.
const WORTH_A_THREAD: u64 = 256 * 1024;

/// Unpacks the zip in `archive` beneath `destination` as [`unpack`](super::super::unpack::unpack) would, writing
/// members in as many threads as the machine gives, eight at most.
///
/// The file's own position is neither used nor moved. Tree and manifest are the same as those of the streamed way.
/// Memory: 48 bytes for each member, and half a MiB for each thread.
pub fn unpack_zip_file(
    archive: &File,
    destination: &Path,
    policy: &Policy,
    supervisor: &dyn Supervisor,
    manifest: &mut dyn Write,
) -> Result<Unpacked, ArchiveError> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    unpack_in(
        archive,
        destination,
        policy,
        supervisor,
        manifest,
        threads.min(MAX_THREADS),
    )
}

/// The same in so many threads.
pub(super) fn unpack_in(
    archive: &File,
    destination: &Path,
    policy: &Policy,
    supervisor: &dyn Supervisor,
    manifest: &mut dyn Write,
    threads: usize,
) -> Result<Unpacked, ArchiveError> {
    let policy = &policy.strict();
    let meter = Meter::new(supervisor, policy.limits());
    let layout = Layout::read(&mut Window::new(archive), policy)?;
    let mut assembly = Assembly::new(destination, policy, &meter, manifest, Taken::Refused)?;
    let job = Job {
        archive,
        layout: &layout,
        policy,
        meter: &meter,
        destination,
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    };
    let members = job.make_directories(&mut assembly)?;
    let threads = threads.clamp(
        1,
        1 + usize::try_from(layout.file_len() / WORTH_A_THREAD).unwrap_or(0),
    );
    let done = job.write_files(members, threads)?;
    let tally = job.settle(&mut assembly, &done)?;
    assembly.finish()?;
    Ok(tally.unpacked(ArchiveKind::Zip))
}

/// What came out of one member.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    sha256: manifest::Sha256,
    time: FileTime,
}

/// What all threads share.
struct Job<'a> {
    archive: &'a File,
    layout: &'a Layout,
    policy: &'a Policy,
    meter: &'a Meter<'a>,
    destination: &'a Path,
    /// The first member that nobody has taken on.
    next: AtomicUsize,
    /// Something failed, so there is no point in going on.
    stop: AtomicBool,
}

impl Job<'_> {
    /// Judges all members, and makes all directories; yields how many members there are.
    fn make_directories(&self, assembly: &mut Assembly<'_>) -> Result<usize, ArchiveError> {
        let mut directory = Window::new(self.archive);
        let mut content = Window::new(self.archive);
        let mut inflater = Inflater::default();
        let mut entries = self.layout.entries(&mut directory);
        let mut count = 0;
        while let Some(entry) = entries.next()? {
            self.meter.entry()?;
            count += 1;
            if judge(&entry, self.policy)? != Verdict::Make(Plan::Directory(0o755)) {
                assembly.parents(&entry.name)?;
                continue;
            }
            let mut body = self.body(&mut content, &mut inflater, &entry);
            if body.piece()?.is_some() {
                return Err(refuse(&entry.name, Refusal::DirectoryContent));
            }
            let time = body.time();
            assembly.directory(&entry.name, time)?;
        }
        Ok(count)
    }

    /// Writes all files; the error of the earliest member that failed wins.
    fn write_files(&self, members: usize, threads: usize) -> Result<Vec<Done>, ArchiveError> {
        let done = Mutex::new(vec![Done::default(); members]);
        let failed = Mutex::new(None::<(usize, ArchiveError)>);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut at = 0;
                    let Err(error) = self.write_some(&done, &mut at) else {
                        return;
                    };
                    // An interruption because of another thread's failure says nothing of its own.
                    let is_echo = self.stop.swap(true, Ordering::Relaxed);
                    if is_echo && matches!(error, ArchiveError::Interrupted) {
                        return;
                    }
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    if failed.as_ref().is_none_or(|(earlier, _)| at < *earlier) {
                        *failed = Some((at, error));
                    }
                });
            }
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Takes on members until there are no more; `at` is the one at work.
    fn write_some(&self, done: &Mutex<Vec<Done>>, at: &mut usize) -> Result<(), ArchiveError> {
        let mut no_lines = sink();
        let mut assembly = Assembly::new(
            self.destination,
            self.policy,
            self.meter,
            &mut no_lines,
            Taken::Refused,
        )?;
        let mut directory = Window::new(self.archive);
        let mut content = Window::new(self.archive);
        let mut inflater = Inflater::default();
        let mut entries = self.layout.entries(&mut directory);
        let mut mine = 0..0;
        while let Some(entry) = entries.next()? {
            if *at == mine.end {
                let start = self.next.fetch_add(BATCH, Ordering::Relaxed);
                mine = start..start + BATCH;
            }
            if mine.contains(at) {
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let mut body = self.body(&mut content, &mut inflater, &entry);
                if let Some(written) = self.write(&entry, &mut body, &mut assembly)? {
                    done.lock().unwrap_or_else(PoisonError::into_inner)[*at] = written;
                }
            }
            *at += 1;
        }
        Ok(())
    }

    fn write(
        &self,
        entry: &Entry,
        body: &mut Body<'_, '_>,
        assembly: &mut Assembly<'_>,
    ) -> Result<Option<Done>, ArchiveError> {
        let Verdict::Make(Plan::File(mode)) = judge(entry, self.policy)? else {
            return Ok(None);
        };
        body.open()?;
        let time = body.time();
        let mut counted = Counted { body, job: self };
        let (_, filled) = assembly.file(&entry.name, mode, time, &mut counted)?;
        Ok(Some(Done {
            sha256: filled.sha256,
            time,
        }))
    }

    /// Makes the links, and lists all members in the order of the directory.
    fn settle(&self, assembly: &mut Assembly<'_>, done: &[Done]) -> Result<Tally, ArchiveError> {
        let mut directory = Window::new(self.archive);
        let mut content = Window::new(self.archive);
        let mut inflater = Inflater::default();
        let mut entries = self.layout.entries(&mut directory);
        let mut tally = Tally::default();
        for Done { sha256, time } in done {
            self.meter.go_on()?;
            let Some(entry) = entries.next()? else { break };
            tally.entries += 1;
            match judge(&entry, self.policy)? {
                Verdict::Skip => tally.skipped += 1,
                Verdict::Make(Plan::Directory(_)) => {}
                Verdict::Make(Plan::File(mode)) => {
                    tally.file(entry.size);
                    let filled = Filled {
                        size: entry.size,
                        sha256: *sha256,
                    };
                    assembly.list_file(&clean(entry.name.as_bytes()), mode, *time, filled)?;
                }
                Verdict::Make(Plan::Symlink) => {
                    let mut body = self.body(&mut content, &mut inflater, &entry);
                    let text = link_text(&entry.name, &mut body)?;
                    let judged = self.policy.judge_link(&text);
                    judged.map_err(|refusal| refuse(&entry.name, refusal))?;
                    let time = body.time();
                    assembly.symlink(&entry.name, &text, time)?;
                }
            }
        }
        Ok(tally)
    }

    fn body<'r, 'f>(
        &self,
        window: &'r mut Window<'f>,
        inflater: &'r mut Inflater,
        entry: &'r Entry,
    ) -> Body<'r, 'f> {
        Body::new(
            window,
            inflater,
            entry,
            self.layout.ceiling(entry.header_at),
            true,
        )
    }
}

/// Content that stops with the others, and at the ratio.
struct Counted<'b, 'r, 'f, 'j> {
    body: &'b mut Body<'r, 'f>,
    job: &'j Job<'j>,
}

impl Content for Counted<'_, '_, '_, '_> {
    fn piece(&mut self) -> Result<Option<&[u8]>, ArchiveError> {
        if self.job.stop.load(Ordering::Relaxed) {
            return Err(ArchiveError::Interrupted);
        }
        let out = self.job.meter.bytes();
        if out > RATIO_FREE {
            let ratio = out / self.job.layout.file_len().max(1);
            within(Limit::Ratio, ratio, self.job.policy.limits().ratio)?;
        }
        self.body.piece()
    }
}
