//! What the operating system refused, in the words that platforms already match on.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A refused system call: what was tried, on which path, and the reason.
///
/// Displays as `open /x: no such file or directory`, the form of the legacy (builder contract, classes P and M).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SysError {
    verb: &'static str,
    path: PathBuf,
    errno: i32,
}

impl SysError {
    /// Notes that `verb` on `path` failed with `source`.
    ///
    /// An error that does not come from the operating system counts as an input/output error.
    #[must_use]
    pub fn new(verb: &'static str, path: impl AsRef<Path>, source: impl Into<io::Error>) -> Self {
        let source = source.into();
        // A name with a zero byte is refused before the system sees it.
        let refused_early = if source.kind() == io::ErrorKind::InvalidInput {
            libc::EINVAL
        } else {
            libc::EIO
        };
        let errno = source.raw_os_error().unwrap_or(refused_early);
        Self {
            verb,
            path: path.as_ref().to_owned(),
            errno,
        }
    }

    /// The system's number for the reason, as in `errno(3)`.
    #[must_use]
    pub const fn errno(&self) -> i32 {
        self.errno
    }

    /// What was tried: the name of the call.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        self.verb
    }

    /// The path that the call was about.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether the path, or a folder on the way to it, does not exist.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.errno == libc::ENOENT
    }

    /// Tells whether nobody reads what was written any more.
    #[must_use]
    pub const fn is_broken_pipe(&self) -> bool {
        self.errno == libc::EPIPE
    }
}

impl fmt::Display for SysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.verb, self.path.display(), reason(self.errno))
    }
}

impl std::error::Error for SysError {}

/// Where the legacy's texts differ from those of `nix`; a static program must not ask the C library, whose texts vary.
const OWN_TEXTS: &[(i32, &str)] = &[
    (libc::EIO, "input/output error"),
    (libc::ENOEXEC, "exec format error"),
    (libc::EBADF, "bad file descriptor"),
    (libc::EAGAIN, "resource temporarily unavailable"),
    (libc::ENOMEM, "cannot allocate memory"),
    (libc::EXDEV, "invalid cross-device link"),
    (libc::ENFILE, "too many open files in system"),
    (libc::ENOTTY, "inappropriate ioctl for device"),
    (libc::ERANGE, "numerical result out of range"),
    (libc::EDEADLK, "resource deadlock avoided"),
    (libc::ENAMETOOLONG, "file name too long"),
    (libc::ENOLCK, "no locks available"),
    (libc::ELOOP, "too many levels of symbolic links"),
    (libc::EBADMSG, "bad message"),
    (libc::EILSEQ, "invalid or incomplete multibyte or wide character"),
    (libc::EOPNOTSUPP, "operation not supported"),
    (libc::ENETRESET, "network dropped connection on reset"),
    (libc::ESTALE, "stale NFS file handle"),
    (libc::EDQUOT, "disk quota exceeded"),
];

/// Spells out a system error number as the legacy does: in lower case, without the number.
#[must_use]
pub fn reason(errno: i32) -> String {
    if let Some((_, text)) = OWN_TEXTS.iter().find(|(number, _)| *number == errno) {
        return (*text).to_owned();
    }
    let text = nix::errno::Errno::from_raw(errno).desc();
    let mut letters = text.chars();
    match letters.next() {
        // An acronym such as `RPC` keeps its capitals.
        Some(first) if letters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
