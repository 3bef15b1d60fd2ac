//! Why a command failed: what, which, why, and what now (design §8).

mod advice;
mod report;

use std::error::Error;
use std::io;
use std::path::PathBuf;

use super::args::values::SourceFault;
use super::console::Console;
use super::exit_code::ExitCode;
use super::kind::ErrorKind;
use super::library::SetupFault;
use super::request::HolderFault;
use super::settings::SettingsFault;
use super::show::usage::Room;
use super::text::count::count;
use super::text::list::ListFault;
use crate::error::CacheError;
use crate::model::lease_record::InvalidLeaseId;
use crate::model::object::ObjectId;
use crate::model::request::{Request, Rules, Source};
use crate::model::view::ViewId;
use crate::sys::SysError;
use crate::sys::failpoint::InvalidFailPoints;
use crate::sys::fs::ReadError;

pub(super) use report::report_json;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Settings that cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsFault),
    /// Words that do not fit together.
    #[error(transparent)]
    Usage(#[from] UsageFault),
    /// A list that cannot be read.
    #[error("Failed to read the list {}", path.display())]
    List {
        /// The file.
        path: PathBuf,
        /// Which line and why.
        #[source]
        source: ListFault,
    },
    /// A file of the caller that cannot be read.
    #[error("Failed to read the list")]
    Read(#[source] ReadError),
    /// A file of the caller that cannot be written.
    #[error("Failed to write the output")]
    Write(#[source] SysError),
    /// Standard output took no more.
    #[error("Failed to print the result")]
    Output(#[source] SysError),
    /// Standard input gave no more.
    #[error("Failed to read the list")]
    Input(#[source] SysError),
    /// The system refused something before the work began.
    #[error("Failed to prepare")]
    Prepare(#[source] SysError),
    /// The variable of the fail points says nothing that can be set.
    #[error("Invalid CELLCACHE_FAILPOINTS")]
    FailPoints(#[source] InvalidFailPoints),
    /// The library cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupFault),
    /// The named holder cannot hold a lease.
    #[error(transparent)]
    Holder(#[from] HolderFault),
    /// Not the id of a lease.
    #[error("Malformed lease id")]
    LeaseId(#[source] InvalidLeaseId),
    /// Several objects have names that begin so.
    #[error("Several objects have names that begin with `{0}`")]
    Ambiguous(String),
    /// Somebody holds it.
    #[error("`{name}` is held by {}", count((*.leases).into(), "lease"))]
    Held {
        /// As it was named.
        name: String,
        /// How many leases hold it.
        leases: u32,
    },
    /// It is to be kept.
    #[error("`{0}` is pinned")]
    Pinned(String),
    /// It is not what was stored.
    #[error("`{name}` ({object}) is damaged: {damage}")]
    Damaged {
        /// As it was named.
        name: String,
        /// The object.
        object: ObjectId,
        /// What is wrong with it.
        damage: &'static str,
    },
    /// A view's record cannot be read.
    #[error("The record of view `{view}` is damaged")]
    DamagedView {
        /// The view.
        view: ViewId,
        /// A container may have it mounted, so that it was not released.
        is_seen: bool,
    },
    /// The consumers of a group do not want the same.
    #[error("The consumers of `{}` disagree: nothing was removed", .0.escape_default())]
    Disputed(String),
    /// No consumer of a group says what it wants.
    #[error("Nobody declares what `{}` needs: nothing was removed", .0.escape_default())]
    Undeclared(String),
    /// Figures that could not be written down.
    #[error("Failed to print the figures")]
    Json(#[source] serde_json::Error),
    /// The library failed.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The library had no room for something that is no asset.
    #[error(transparent)]
    Short(Box<Shortage>),
    /// There was no room for a declaration: the one before it, if any, stays in force.
    #[error("The declaration was not kept")]
    NotDeclared(#[source] Box<Self>),
    /// An asset could not be had.
    #[error(transparent)]
    Asset(Box<AssetFault>),
    /// Reported already, item by item.
    #[error("Some items failed")]
    Reported(ExitCode),
}

/// Why an asset could not be had, and which one.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(super) struct AssetFault {
    key: Option<String>,
    /// The source in its printable form.
    from: String,
    /// Whether the address has user info.
    shows_credentials: bool,
    /// What the caller accepts.
    rules: Rules,
    /// What the store takes, where that is the reason.
    room: Option<Room>,
    #[source]
    error: CacheError,
}

/// Why there was no room, and what the store takes.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(super) struct Shortage {
    room: Option<Room>,
    #[source]
    error: CacheError,
}

/// Words that do not fit together, found after the command line was read.
#[derive(Debug, thiserror::Error)]
pub(super) enum UsageFault {
    /// `--as tar` without a place.
    #[error("`--as {0}` needs `--out PATH`, or `--out -` for standard output")]
    NoOut(&'static str),
    /// `--as view` without a place.
    #[error("`--as view` needs `--out DIR`")]
    NoViewOut,
    /// `--out` where nothing is written.
    #[error("`--out` goes with `--as tar`, `--as file` and `--as view`, not with `--as dir`")]
    NeedlessOut,
    /// Two forms of one result.
    #[error("`--prometheus` and `--json` are two forms of the same: expected one of them")]
    TwoForms,
    /// A store would lie among files of somebody else.
    #[error("`{}` is no store, and not empty: `{}` is in it", path.display(), name.display())]
    Occupied {
        /// The directory.
        path: PathBuf,
        /// One of its entries.
        name: PathBuf,
    },
    /// Standard input goes on and on.
    #[error("The list on standard input is longer than {0} bytes")]
    LongInput(u64),
    /// A word that we never print.
    #[error("`{0}` is no word of ours")]
    UnknownWord(String),
    /// Something that could not be one.
    #[error("That is no word of ours")]
    NoWord,
    /// Not something to fetch.
    #[error("Invalid SOURCE")]
    Source(#[source] SourceFault),
}

impl Failure {
    /// Standard output took no more.
    pub(super) fn output(error: io::Error) -> Self {
        Self::Output(SysError::new("write", "standard output", error))
    }

    /// `asked` could not be had; `room` is called where space is the reason.
    pub(super) fn asset(asked: &Request, error: CacheError, room: impl FnOnce() -> Option<Room>) -> Self {
        Self::Asset(Box::new(AssetFault {
            key: asked.key.as_ref().map(ToString::to_string),
            from: asked.source.printed(),
            shows_credentials: matches!(&asked.source, Source::Url(url) if url.has_credentials()),
            rules: asked.rules,
            room: if is_short(&error) { room() } else { None },
            error,
        }))
    }

    /// The library failed; `room` is called where space is the reason.
    pub(super) fn library(error: CacheError, room: impl FnOnce() -> Option<Room>) -> Self {
        if !is_short(&error) {
            return Self::Cache(error);
        }
        Self::Short(Box::new(Shortage { room: room(), error }))
    }

    /// Says of a declaration that found no room that it was not kept.
    pub(super) fn declaration(self) -> Self {
        match self {
            Self::Short(_) => Self::NotDeclared(Box::new(self)),
            other => other,
        }
    }

    /// Its kind, unless it was reported already.
    fn kind(&self) -> Option<ErrorKind> {
        Some(match self {
            Self::Settings(_)
            | Self::Usage(_)
            | Self::List { .. }
            | Self::Setup(_)
            | Self::FailPoints(_)
            | Self::Holder(_)
            | Self::Ambiguous(_) => ErrorKind::Usage,
            Self::LeaseId(_) => ErrorKind::UnknownLease,
            Self::Held { .. } | Self::Pinned(_) => ErrorKind::InUse,
            Self::Damaged { .. } | Self::DamagedView { .. } => ErrorKind::Damaged,
            Self::Disputed(_) | Self::Undeclared(_) => ErrorKind::Punted,
            Self::Write(fault) if matches!(fault.errno(), libc::ENOSPC | libc::EDQUOT) => ErrorKind::NoSpace,
            Self::Read(_)
            | Self::Write(_)
            | Self::Output(_)
            | Self::Input(_)
            | Self::Prepare(_)
            | Self::Json(_) => ErrorKind::Io,
            Self::Cache(error) => error.kind(),
            Self::Short(fault) => fault.error.kind(),
            Self::NotDeclared(inner) => return Self::kind(inner),
            Self::Asset(fault) => fault.error.kind(),
            Self::Reported(_) => return None,
        })
    }

    /// The asset, where it is one that could not be had.
    fn asset_fault(&self) -> Option<&AssetFault> {
        match self {
            Self::Asset(fault) => Some(fault),
            _ => None,
        }
    }

    /// What the store takes, where that is the reason.
    fn room(&self) -> Option<&Room> {
        match self {
            Self::Asset(fault) => fault.room.as_ref(),
            Self::Short(fault) => fault.room.as_ref(),
            Self::NotDeclared(inner) => inner.room(),
            _ => None,
        }
    }

    /// What the library said.
    fn cause(&self) -> Option<&CacheError> {
        let mut error = match self {
            Self::Cache(error) => error,
            Self::Asset(fault) => &fault.error,
            Self::Short(fault) => &fault.error,
            Self::NotDeclared(inner) => return Self::cause(inner),
            _ => return None,
        };
        while let CacheError::Shared(inner) = error {
            error = inner;
        }
        Some(error)
    }

    /// Whether there is nobody to tell: whoever read our output has gone, as `head` does.
    fn is_silent(&self) -> bool {
        match self {
            Self::Output(error) | Self::Write(error) => error.is_broken_pipe(),
            _ => false,
        }
    }

    /// What the reader can do, a line each.
    pub(super) fn help(&self) -> Vec<String> {
        advice::of(self)
    }

    /// Tells it of an asset that nobody fails for want of: as a note for people, as the usual object for programs.
    pub(super) fn report_left_out(&self, name: &str, console: &Console) {
        report::print_left_out(self, name, self.kind().unwrap_or(ErrorKind::Io), console);
    }

    /// Whether it was asked to stop, by a signal.
    pub(super) fn is_cancelled(&self) -> bool {
        self.kind() == Some(ErrorKind::Cancelled)
    }

    /// Prints it, unless there is nobody to tell, or it was told already.
    pub(super) fn report(&self, console: &Console) -> ExitCode {
        let kind = match (self, self.kind()) {
            (Self::Reported(code), _) => return *code,
            (_, kind) => kind.unwrap_or(ErrorKind::Io),
        };
        if !self.is_silent() {
            report::print(self, kind, console);
        }
        kind.into()
    }
}

/// Whether space is the reason.
fn is_short(error: &CacheError) -> bool {
    matches!(error.kind(), ErrorKind::Quota | ErrorKind::NoSpace)
}

/// What an origin did, without what was asked of it.
pub(super) fn origin_words(error: &CacheError) -> String {
    match error {
        CacheError::Shared(inner) => origin_words(inner),
        CacheError::Origin { fault, .. } => chain(fault),
        other => chain(other),
    }
}

/// An error and its causes, joined by `: `; a cause that only repeats what it caused is left out.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut last = text.clone();
    let mut cause = error.source();
    while let Some(current) = cause {
        let words = current.to_string();
        if words != last && !words.is_empty() {
            text.push_str(": ");
            text.push_str(&words);
        }
        last = words;
        cause = current.source();
    }
    text
}

#[cfg(test)]
mod tests;
