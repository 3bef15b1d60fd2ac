//! A process that uses a store in every way, and says what it was told.

use std::path::PathBuf;
use std::process::ExitCode;

use cache::model::entry::EntryRecord;
use cache::model::key::Key;
use cache::store::{Found, Lease, Published, Store, StoreError};
use cache::sys::failpoint;

use crate::content::{id, is_whole, limits, make, new_object, terms};

/// One thread of it, with keys and objects of its own.
struct Worker<'s> {
    store: &'s Store,
    name: u64,
}

pub(crate) fn run(mut args: impl Iterator<Item = String>) -> ExitCode {
    let root = PathBuf::from(args.next().expect("a root"));
    let mut numbers = args.by_ref().take(4).map(|arg| arg.parse().expect("a number"));
    let mut next = || -> u64 { numbers.next().expect("four numbers") };
    let (seed, rounds, threads, quota) = (next(), next(), next(), next());
    drop(numbers);
    failpoint::set(&args.next().unwrap_or_default()).expect("points");
    // An error that was asked for is met at the first opening, too.
    let store = Store::open(&root, limits(quota)).or_else(|_| Store::open(&root, limits(quota)));
    let store = store.expect("opened");
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let worker = Worker {
                store: &store,
                name: seed * 100 + thread,
            };
            scope.spawn(move || worker.work(rounds));
        }
    });
    ExitCode::SUCCESS
}

impl Worker<'_> {
    fn work(&self, rounds: u64) {
        for round in 0..rounds {
            // What was asked to fail fails; everything goes on.
            let _ = self.round(round);
        }
    }

    fn object(&self, round: u64) -> u64 {
        self.name * 1000 + round
    }

    fn key(&self, round: u64) -> Key {
        Key::new(format!("{}-{}", self.name, round % 5)).expect("not empty")
    }

    fn round(&self, round: u64) -> Result<(), StoreError> {
        let number = self.object(round);
        if round >= 5 {
            // Its key gets another object now.
            println!("removing {}", self.object(round - 5));
        }
        self.publish(round, number)?;
        let again = self.lease(number)?;
        match round % 6 {
            0 => self.private(number)?,
            1 => {
                let _ = self.store.stage()?;
                let side = self.store.stats()?;
                let path = side.path().join(self.name.to_string());
                let written = side.change(8192 * (round + 1), || {
                    let length = usize::try_from(8192 * round).expect("small");
                    std::fs::write(path, vec![b'x'; length])
                })?;
                written.expect("written");
            }
            2 => {
                println!("removing {number}");
                self.store.retire(self.key(round).id())?;
            }
            3 => {
                if let Some(lease) = &again {
                    self.store.hand_over(lease.id(), &terms())?;
                }
                self.store.pin(id(number), true)?;
                self.store.pin(id(number), false)?;
                println!("removing {number}");
                self.store.quarantine(id(number))?;
            }
            4 => self.fill_up(round)?,
            _ => {
                self.share(round, number)?;
                self.store.evict(id(number))?;
                self.store.reclaim(&|_| false)?;
            }
        }
        if let Some(lease) = again {
            assert!(
                is_whole(&lease.tree(), number),
                "{number} changed while it was held"
            );
            if round.is_multiple_of(2) {
                self.release(&lease)?;
            }
        }
        Ok(())
    }

    fn publish(&self, round: u64, number: u64) -> Result<(), StoreError> {
        let staging = self.store.stage()?;
        if !make(&staging, number)? {
            return Ok(());
        }
        let key = self.key(round);
        let entry = EntryRecord::new(&key, id(number), 1);
        let published = staging.publish(&new_object(number), Some(&key), Some(&entry), &terms())?;
        if matches!(published, Published::Private(_)) {
            panic!("nothing was damaged");
        }
        println!("stored {number}\nheld {} {number}", published.lease().id());
        if round.is_multiple_of(3) {
            self.release(published.lease())?;
        }
        Ok(())
    }

    fn lease(&self, number: u64) -> Result<Option<Lease>, StoreError> {
        let found = self.store.lease(id(number), None, &terms())?;
        match found {
            Found::Held(lease) => {
                println!("held {} {number}", lease.id());
                Ok(Some(lease))
            }
            Found::Absent => Ok(None),
            Found::Damaged => panic!("nothing was damaged"),
        }
    }

    fn private(&self, number: u64) -> Result<(), StoreError> {
        let staging = self.store.stage()?;
        if make(&staging, number)? {
            let lease = staging.keep_private(&new_object(number), None, &terms())?;
            println!("held {} {number}", lease.id());
            if number.is_multiple_of(2) {
                self.release(&lease)?;
            }
        }
        Ok(())
    }

    /// Enough objects of no key that the index has to grow.
    fn fill_up(&self, round: u64) -> Result<(), StoreError> {
        for more in 0..12 {
            let number = self.object(round) * 100 + more;
            let staging = self.store.stage()?;
            if !make(&staging, number)? {
                continue;
            }
            let published = staging.publish(&new_object(number), None, None, &terms())?;
            println!("stored {number}");
            self.store.release(published.lease().id())?;
        }
        println!("removing {}", self.object(round) * 100);
        self.store.evict(id(self.object(round) * 100))?;
        Ok(())
    }

    /// Another key for the same object, and one of its own for another that is evicted with it.
    fn share(&self, round: u64, number: u64) -> Result<(), StoreError> {
        let key = Key::new(format!("{}-shared", self.name)).expect("not empty");
        self.store.put_entry(&EntryRecord::new(&key, id(number), 1))?;
        let number = self.object(round) * 100;
        println!("removing {number}");
        let staging = self.store.stage()?;
        if make(&staging, number)? {
            let key = Key::new(format!("{}-evicted", self.name)).expect("not empty");
            let entry = EntryRecord::new(&key, id(number), 1);
            let published = staging.publish(&new_object(number), Some(&key), Some(&entry), &terms())?;
            self.store.release(published.lease().id())?;
            self.store.evict(id(number))?;
        }
        Ok(())
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        println!("releasing {}", lease.id());
        self.store.release(lease.id())?;
        Ok(())
    }
}
