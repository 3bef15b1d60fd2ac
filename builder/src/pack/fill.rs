//! All archives at once: a reader for each, and the threads they share.

use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::{self, Builder};

use cache::sys::fs::read_bounded;

use super::PackOptions;
use super::accounts::Accounts;
use super::error::Cause;
use super::lane::{Drain, Lane};
use super::manner::Manner;
use super::member::{Members, Tally};
use super::plan::Part;
use super::ready::Ready;
use super::stream::Stream;
use super::walk;
use super::yard::{Crew, Yard};
use crate::sys::credentials::Credentials;
use crate::sys::output::Output;

/// The most that is read of `/etc/passwd` and `/etc/group`, in bytes.
const ACCOUNTS: u64 = 4 * 1024 * 1024;

/// How the packing of one archive ended, before it has its name.
pub(crate) type End = Result<(Tally, Drain), (Part, Cause)>;

/// Packs every archive into its output. Once one failed, those after it are given up.
pub(crate) fn fill(ready: &[Ready], outputs: Vec<Output>, options: &PackOptions) -> Vec<End> {
    let own: Vec<_> = outputs.iter().flat_map(|output| output.ids().to_vec()).collect();
    let (builder, accounts) = (Credentials::current(), accounts());
    let manners: Vec<_> = ready
        .iter()
        .map(|archive| Manner {
            builder: &builder,
            accounts: &accounts,
            reproducible: options.reproducible,
            root: &archive.plan.root,
            graft: archive.graft.as_ref(),
            left_out: archive.left_out.iter().chain(&own).copied().collect(),
        })
        .collect();
    let lanes = outputs
        .into_iter()
        .map(|output| Lane::new(Drain::new(output, options.compression)));
    let yard = Yard::new(lanes.collect(), options.compression, threads(options));
    thread::scope(|scope| {
        let crew = Crew { yard: &yard, scope };
        let _close = CloseAtEnd(&yard);
        side_by_side(&crew, &manners)
    })
}

/// The first archive is read by this thread, each other one by its own.
fn side_by_side<'env>(crew: &Crew<'_, 'env>, manners: &'env [Manner<'env>]) -> Vec<End> {
    thread::scope(|readers| {
        let read = move |lane| read(crew, manners, lane);
        let others: Vec<_> = (1..manners.len())
            .map(|lane| {
                (
                    lane,
                    Builder::new()
                        .name("read".to_owned())
                        .spawn_scoped(readers, move || read(lane)),
                )
            })
            .collect();
        let first = manners.first().map(|_| read(0));
        let rest = others.into_iter().map(|(lane, reader)| match reader {
            Ok(reader) => reader.join().unwrap_or(Err((Part::Root, Cause::GivenUp))),
            // No more threads are allowed here: one after the other, then.
            Err(_) => read(lane),
        });
        first.into_iter().chain(rest).collect()
    })
}

/// Walks the trees of one archive and waits until it is written.
fn read(crew: &Crew<'_, '_>, manners: &[Manner<'_>], lane: usize) -> End {
    let lanes = crew.yard.lanes();
    let walked = Stream::new(crew, lane)
        .map_err(|cause| (Part::Root, cause))
        .and_then(|stream| walk::pack(Members::new(&manners[lane], stream)));
    if walked.is_err() {
        lanes[lane].give_up();
    }
    let written = lanes[lane].finish().map_err(|cause| (Part::Root, cause));
    #[expect(clippy::match_same_arms, reason = "the order of the arms decides")]
    let end = match (walked, written) {
        // The walk only stopped because the writing had failed.
        (Err((_, Cause::GivenUp)), Err(failure)) => Err(failure),
        (Err(failure), _) | (Ok(_), Err(failure)) => Err(failure),
        (Ok(tally), Ok(drain)) => Ok((tally, drain)),
    };
    if end.is_err() {
        lanes[lane + 1..].iter().for_each(Lane::give_up);
    }
    end
}

/// Closes the yard, so that its threads end, however the readers did.
struct CloseAtEnd<'a>(&'a Yard);

impl Drop for CloseAtEnd<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The container's share of the machine counts, not the machine.
fn threads(options: &PackOptions) -> usize {
    options
        .threads
        .or_else(|| thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}

/// Names are an extra: without the files, or with broken ones, there are only numbers.
fn accounts() -> Accounts {
    let text = |path| read_bounded(Path::new(path), ACCOUNTS).unwrap_or_default();
    Accounts::parse(&text("/etc/passwd"), &text("/etc/group"))
}
