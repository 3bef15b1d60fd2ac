//! The counter file: what all processes counted.

use std::path::Path;

use super::counter::{Counter, Merge, merge};
use super::page::{Book, PAGE, Page, VERSION};
use super::tally::{Tally, Values, join};
use crate::sys::SysError;
use crate::sys::ledger::{Durability, Ledger, replace};

/// Why counters could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CountersFault {
    /// The system refused.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// The file was made by another version of this program, which knows what to do with it.
    #[error("Cannot count: format {found} of the statistics, this program writes format {VERSION}")]
    Format {
        /// The format found.
        found: u32,
    },
}

/// The counters at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters {
    /// Begin of the counting, in seconds since 1970; none when nothing was written yet.
    pub since: Option<u64>,
    values: Values,
}

impl Counters {
    /// A sum; for marks such as the last and the least, [`Counters::mark`].
    #[must_use]
    pub const fn get(&self, counter: Counter) -> u64 {
        match merge(counter.slot()) {
            Merge::Sum => self.values[counter.slot()],
            Merge::Last | Merge::Least => self.values[counter.slot()].saturating_sub(1),
        }
    }

    /// A mark; none when there is none yet.
    #[must_use]
    pub const fn mark(&self, counter: Counter) -> Option<u64> {
        self.values[counter.slot()].checked_sub(1)
    }

    pub(super) fn of(page: Option<&Page>, pending: &Values) -> Self {
        let written = page.map_or([0; super::counter::SLOTS], Page::values);
        Self {
            since: page.map(|page| page.since),
            values: std::array::from_fn(|slot| join(slot, written[slot], pending[slot])),
        }
    }
}

/// Adds what `tally` counted to the file at `path`, making it if needed; on failure the tally has everything again.
///
/// The caller holds the lock of the statistics.
pub(super) fn write(path: &Path, tally: &Tally, now: u64) -> Result<(), CountersFault> {
    let counted = tally.take();
    if counted.iter().all(|number| *number == 0) {
        return Ok(());
    }
    add(path, &counted, now).inspect_err(|_| tally.put_back(&counted))
}

fn add(path: &Path, counted: &Values, now: u64) -> Result<(), CountersFault> {
    let Some(file) = Ledger::update(path)? else {
        return begin(path, &Page::new(now).plus(counted));
    };
    match decode(&file)? {
        Book::Good(page, place) => {
            let next = page.plus(counted);
            let other = 1 - place.min(1);
            match file.write_at(&next.encode(), (other * PAGE) as u64) {
                Err(_) if is_in_force(&file, &next) => Ok(()),
                written => Ok(written?),
            }
        }
        Book::Damaged => {
            let mut counted = *counted;
            let lost = &mut counted[Counter::Lost.slot()];
            *lost = lost.saturating_add(1);
            begin(path, &Page::new(now).plus(&counted))
        }
        Book::Foreign(found) => Err(CountersFault::Format { found }),
    }
}

/// An error after the last byte must not count twice.
fn is_in_force(file: &Ledger, next: &Page) -> bool {
    matches!(decode(file), Ok(Book::Good(page, _)) if page == *next)
}

/// Bytes of the whole file.
pub(super) const BYTES: u64 = 2 * PAGE as u64;

/// Both pages are written, so that no later count needs room (S-05).
fn begin(path: &Path, page: &Page) -> Result<(), CountersFault> {
    let mut bytes = page.encode().to_vec();
    bytes.resize(2 * PAGE, 0);
    Ok(replace(path, &bytes, Durability::Process)?)
}

fn decode(file: &Ledger) -> Result<Book, SysError> {
    let mut bytes = [0; 2 * PAGE];
    let length = file.read_at(&mut bytes, 0)?;
    Ok(Book::decode(&bytes[..length]))
}

/// Reads the file's state; none when it is missing or damaged. Needs no lock: of the two pages one is always whole.
pub(super) fn read(path: &Path) -> Result<Option<Page>, CountersFault> {
    // A reader that two writers overtake may find both pages in motion; it looks again.
    for _ in 0..8 {
        let Some(file) = Ledger::read(path)? else {
            return Ok(None);
        };
        match decode(&file)? {
            Book::Good(page, _) => return Ok(Some(page)),
            Book::Foreign(found) => return Err(CountersFault::Format { found }),
            Book::Damaged => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
