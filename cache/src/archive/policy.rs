//! What may come out of an archive, and how. Pure.

use crate::sys::dir::{Existing, Links, Resolution};

use super::error::Refusal;
use super::limits::{LINK_BYTES, Limits};
use super::member::{Kind, Member};

/// Who the extraction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    /// One staging, in its own container: what the legacy extracts without harm still extracts (§6.3).
    Builder,
    /// A shared object of the cache: one reading, or none.
    Store,
}

/// The verdicts over members, and the limits, as one value.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    profile: Profile,
    limits: Limits,
    umask: u32,
    drop_set_id: bool,
    skip_special: bool,
    digest_stated: bool,
    resolution: Resolution,
}

/// What to do with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Make the directory, and parents that are missing, with this mode.
    Directory(u32),
    /// Write the file with this mode.
    File(u32),
    /// Make a symbolic link with the content as text.
    Symlink,
}

impl Policy {
    /// The builder's policy: §6.3. `umask` is taken off every mode.
    #[must_use]
    pub fn builder(umask: u32) -> Self {
        Self {
            profile: Profile::Builder,
            limits: Limits::BUILDER,
            umask,
            drop_set_id: false,
            skip_special: false,
            digest_stated: false,
            resolution: Resolution::detect(),
        }
    }

    /// The cache's policy: modes normalised, and whatever is ambiguous or special refused.
    #[must_use]
    pub fn store() -> Self {
        Self {
            profile: Profile::Store,
            limits: Limits::STORE,
            umask: 0,
            drop_set_id: true,
            skip_special: false,
            digest_stated: false,
            resolution: Resolution::detect(),
        }
    }

    /// Drops set-uid and set-gid bits too: for a builder started as root (L-48, A-42).
    #[must_use]
    pub const fn drop_set_id(mut self, drop: bool) -> Self {
        self.drop_set_id = drop || matches!(self.profile, Profile::Store);
        self
    }

    /// Skips and counts devices, fifos and sockets, which are refused otherwise (C-74).
    #[must_use]
    pub const fn skip_special(mut self, skip: bool) -> Self {
        self.skip_special = skip;
        self
    }

    /// Accepts a tar without an end marker, as the caller knows the digest of the whole and compares it.
    #[must_use]
    pub const fn digest_stated(mut self, stated: bool) -> Self {
        self.digest_stated = stated;
        self
    }

    /// Replaces the limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Replaces the way names are resolved, which is otherwise chosen by trial.
    #[must_use]
    pub const fn with_resolution(mut self, resolution: Resolution) -> Self {
        self.resolution = resolution;
        self
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Decides about one member by what its header says.
    pub fn judge(&self, member: &Member) -> Result<Plan, Refusal> {
        self.judge_name(member)?;
        match (member.kind, self.profile) {
            (Kind::Directory, Profile::Builder) => {
                Ok(Plan::Directory(self.masked(member.permissions & 0o1777)))
            }
            (Kind::Directory, Profile::Store) => Ok(Plan::Directory(0o755)),
            (Kind::Symlink, _) => Ok(Plan::Symlink),
            (Kind::Special, Profile::Store) => Err(Refusal::Special),
            // The legacy makes a regular file of a special one; never a special file on disk.
            (Kind::File | Kind::Special, Profile::Builder) => Ok(Plan::File(self.masked(member.permissions))),
            (Kind::File, Profile::Store) if member.permissions & 0o111 != 0 => Ok(Plan::File(0o755)),
            (Kind::File, Profile::Store) => Ok(Plan::File(0o644)),
        }
    }

    /// Decides about a link by its text; whether it stays inside is judged when all members are in place.
    pub fn judge_link(&self, text: &[u8]) -> Result<(), Refusal> {
        if text.is_empty() || text.len() > LINK_BYTES {
            return Err(Refusal::LinkLength);
        }
        if text.contains(&0) {
            return Err(Refusal::Nul);
        }
        if self.is_strict() && text[0] == b'/' {
            return Err(Refusal::LinkLeaves);
        }
        Ok(())
    }

    fn judge_name(&self, member: &Member) -> Result<(), Refusal> {
        let bytes = member.name.as_bytes();
        if bytes.contains(&0) {
            return Err(Refusal::Nul);
        }
        if bytes.len() > self.limits.path_bytes {
            return Err(Refusal::Length);
        }
        let mut depth = 0_usize;
        for component in member.name.components() {
            depth += 1;
            if self.is_strict() && component == b".." {
                return Err(Refusal::Climbs);
            }
        }
        if depth > self.limits.depth {
            return Err(Refusal::Depth);
        }
        if depth == 0 && member.kind != Kind::Directory {
            return Err(Refusal::NoName);
        }
        Ok(())
    }

    const fn masked(&self, permissions: u32) -> u32 {
        let kept = if self.drop_set_id { 0o1777 } else { 0o7777 };
        permissions & kept & !self.umask
    }

    /// Mode of directories that a file or link needs and no member describes.
    pub(super) const fn parent_mode(&self) -> u32 {
        0o755 & !self.umask
    }

    /// The same limits and choices with the store's verdicts.
    pub(super) const fn strict(mut self) -> Self {
        self.profile = Profile::Store;
        self
    }

    pub(super) const fn skips_special(&self) -> bool {
        self.skip_special
    }

    pub(super) const fn needs_end_marker(&self) -> bool {
        !self.digest_stated
    }

    /// Tells whether anything but one reading of the archive is an error.
    pub(super) const fn is_strict(&self) -> bool {
        matches!(self.profile, Profile::Store)
    }

    /// What becomes of links on the way to a name.
    pub(super) const fn links(&self) -> Links {
        match self.profile {
            Profile::Builder => Links::Rerooted,
            Profile::Store => Links::Refused,
        }
    }

    /// What becomes of files that are there already.
    pub(super) const fn existing(&self) -> Existing {
        match self.profile {
            Profile::Builder => Existing::Overwrite,
            Profile::Store => Existing::Report,
        }
    }

    pub(super) const fn resolution(&self) -> Resolution {
        self.resolution
    }
}

#[cfg(test)]
mod tests;
