//! What goes into an archive: one tree as `./`, and in a droplet the application's tree grafted into it.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::error::{Cause, PackError};
use crate::sys::tree::Kind;

/// The application's name in the droplet.
pub(crate) const APP: &str = "app";

/// Which of the two archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// What runs.
    Droplet,
    /// What the next staging of the same application finds.
    ArtifactsCache,
}

/// Which tree of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Root,
    Graft,
}

/// An archive to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(crate) archive: Archive,
    /// The folder that becomes `./`.
    pub(crate) root: PathBuf,
    /// The application's folder.
    pub(crate) app: Option<PathBuf>,
    /// Folders and files that never enter the archive, wherever they are met.
    pub(crate) left_out: Vec<PathBuf>,
}

/// Where the application's tree hangs in the droplet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Graft {
    /// The folder on disk.
    pub(crate) source: PathBuf,
    /// Member name of the folder it hangs in: `./` or `./app/`.
    pub(crate) parent: &'static [u8],
    /// Its name there. What else has this name there is left out.
    pub(crate) name: CString,
}

/// A thing that a script did to the droplet's folder and that the droplet does not show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackWarning {
    /// `app` was a link; the legacy wrote the application through it, outside the droplet.
    #[error("{} is a link and was replaced by the application", .0.display())]
    LinkReplaced(PathBuf),
    /// `app` was a folder, so the application stands in a folder below it, as with the legacy.
    #[error("{} exists, so the application is packed below it", .0.display())]
    AppBelow(PathBuf),
}

impl Plan {
    /// The droplet: `contents` with the application's folder `app` as `./app`.
    ///
    /// `contents` itself is left out of the application's tree if it lies within (B-10).
    #[must_use]
    pub fn droplet(contents: impl Into<PathBuf>, app: impl Into<PathBuf>) -> Self {
        let root = contents.into();
        Self {
            archive: Archive::Droplet,
            left_out: vec![root.clone()],
            root,
            app: Some(app.into()),
        }
    }

    /// The artifacts cache: just `cache`.
    #[must_use]
    pub fn artifacts_cache(cache: impl Into<PathBuf>) -> Self {
        Self {
            archive: Archive::ArtifactsCache,
            root: cache.into(),
            app: None,
            left_out: Vec::new(),
        }
    }

    /// Leaves out `path` too, if it exists.
    #[must_use]
    pub fn without(mut self, path: impl Into<PathBuf>) -> Self {
        self.left_out.push(path.into());
        self
    }

    /// Gives `cause` the words of the part that failed.
    pub(crate) const fn failed(archive: Archive, part: Part, cause: Cause) -> PackError {
        match (archive, part) {
            (Archive::Droplet, Part::Graft) => PackError::App(cause),
            (Archive::Droplet, Part::Root) => PackError::Droplet(cause),
            (Archive::ArtifactsCache, _) => PackError::ArtifactsCache(cause),
        }
    }
}

/// Decides where the application goes, given what stands at `<root>/app` already (§16.2, oddities).
pub(crate) fn graft(
    root: &Path,
    app: &Path,
    occupant: Option<Kind>,
) -> Result<(Graft, Option<PackWarning>), Cause> {
    let place = root.join(APP);
    let direct = Graft {
        source: app.to_owned(),
        parent: b"./",
        name: c"app".to_owned(),
    };
    match occupant {
        None => Ok((direct, None)),
        Some(Kind::Symlink) => Ok((direct, Some(PackWarning::LinkReplaced(place)))),
        Some(Kind::Directory) => {
            let name = app.file_name().map_or(&b"app"[..], OsStr::as_bytes);
            let below = Graft {
                parent: b"./app/",
                // A path from the system has no zero byte.
                name: CString::new(name).unwrap_or_else(|_| c"app".to_owned()),
                ..direct
            };
            Ok((below, Some(PackWarning::AppBelow(place))))
        }
        Some(_) => Err(Cause::Occupied(place)),
    }
}

#[cfg(test)]
mod tests;
