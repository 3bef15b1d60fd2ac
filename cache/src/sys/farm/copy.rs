//! Copies, for files that cannot get a further name.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::super::SysError;
use super::super::reflink::clone_content;
use super::super::times;
use super::branch::Branch;
use super::{BLOCK, FarmError, Planting, add, take, time};

/// Bytes copied at once.
const PIECE: usize = 256 << 10;

const SAFE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

/// Where the copy of each file with several names is.
pub(super) type Twins = HashMap<(u64, u64), (Rc<Branch>, CString)>;

impl Planting<'_> {
    /// Copies a file, or gives its copy a further name.
    pub(super) fn copy(
        &self,
        branch: &Rc<Branch>,
        (from, name): (BorrowedFd<'_>, &CStr),
        (to, new): (BorrowedFd<'_>, &CStr),
    ) -> Result<(), FarmError> {
        let refused = |verb| move |errno| self.refused(verb, branch, Some(name), errno);
        let original = open_file(from, name).map_err(refused("open"))?;
        let facts = rustix::fs::fstat(&original).map_err(refused("stat"))?;
        if facts.st_nlink < 2 {
            return self.copy_content(branch, (&original, &facts, name), (to, new));
        }
        let identity = (facts.st_dev, facts.st_ino);
        if let Some((place, first)) = self.twins.borrow().get(&identity) {
            let holder = place.open(self.farm.root.as_fd()).map_err(refused("open"))?;
            if rustix::fs::linkat(&holder, first, to, new, AtFlags::empty()).is_ok() {
                add(&self.farm.counts.copied, 1);
                return Ok(());
            }
        }
        self.copy_content(branch, (&original, &facts, name), (to, new))?;
        let copied = (Rc::clone(branch), new.to_owned());
        self.twins.borrow_mut().insert(identity, copied);
        Ok(())
    }

    fn copy_content(
        &self,
        branch: &Branch,
        (original, facts, name): (&File, &Stat, &CStr),
        (to, new): (BorrowedFd<'_>, &CStr),
    ) -> Result<(), FarmError> {
        let refused = |verb| move |errno| self.refused(verb, branch, Some(name), errno);
        let size = u64::try_from(facts.st_size).unwrap_or(0);
        take(self.farm.overseer, size.next_multiple_of(BLOCK), 1)?;
        let file = new_file(to, new).map_err(refused("open"))?;
        if size == 0 || !clone_content(original, &file) {
            self.pour(original, &file).map_err(|error| match error {
                Pouring::Stopped => FarmError::Stopped,
                Pouring::Failed(error) => SysError::new("copy", self.path(branch, Some(name)), error).into(),
            })?;
        }
        let mode = Mode::from_bits_truncate(facts.st_mode & 0o7777);
        rustix::fs::fchmod(&file, mode).map_err(refused("chmod"))?;
        times::set_time(&file, time(facts)).map_err(|refusal| refusal.at(self.path(branch, Some(name))))?;
        let stat = rustix::fs::fstat(&file).map_err(refused("stat"))?;
        self.farm.counts.add(&stat);
        add(&self.farm.counts.copied, 1);
        Ok(())
    }

    fn pour(&self, mut from: &File, mut to: &File) -> Result<(), Pouring> {
        let mut buffer = vec![0; PIECE];
        loop {
            if self.farm.overseer.is_stopped() {
                return Err(Pouring::Stopped);
            }
            let count = match from.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Pouring::Failed(error)),
            };
            let piece = buffer.get(..count).unwrap_or_default();
            to.write_all(piece).map_err(Pouring::Failed)?;
        }
    }
}

/// Why content was not copied.
enum Pouring {
    Stopped,
    Failed(std::io::Error),
}

/// Makes a file that nobody else can open until it is finished.
pub(super) fn new_file(at: BorrowedFd<'_>, name: &CStr) -> Result<File, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | SAFE;
    rustix::fs::openat(at, name, flags, Mode::RUSR | Mode::WUSR).map(Into::into)
}

fn open_file(at: BorrowedFd<'_>, name: &CStr) -> Result<File, Errno> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | SAFE;
    let file = rustix::fs::openat(at, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Errno::AGAIN);
    }
    Ok(file.into())
}
