//! How a cached buildpack gets to the path that its scripts are run by (design §4). Pure.

use std::fmt;

use cache::view;

/// What `-placement` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Placement {
    /// In place, but for small trees that a script could not write to and could be expected to.
    #[default]
    Auto,
    /// Where it is, by its canonical path.
    InPlace,
    /// Through a link in the platform's folder of buildpacks.
    Link,
    /// Archives as ever; says nothing about directories.
    Extract,
    /// A copy that the scripts may write to.
    Copy,
}

impl Placement {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Auto, Self::InPlace, Self::Link, Self::Extract, Self::Copy];

    /// Its word on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::InPlace => "inplace",
            Self::Link => "link",
            Self::Extract => "extract",
            Self::Copy => "copy",
        }
    }
}

/// What stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A directory.
    Directory,
    /// A file.
    Archive,
}

/// What is to be done with an entry, before anybody has looked into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Exactly this.
    Plain(How),
    /// A copy of a tree with a script that lacks the x bit, or of a small one that is read-only or cannot be run; else in
    /// place.
    CopyIfSmall,
}

/// What was done with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is run where it is.
    InPlace,
    /// It is run through a link.
    Link,
    /// It was extracted.
    Extract,
    /// It was copied.
    Copy,
}

/// Trees with more than this are not copied unless somebody asks for it, or a script needs it: bytes of content.
pub const MOST_BYTES: u64 = 64 << 20;

/// Trees with more than this are not copied unless somebody asks for it: entries of every kind.
pub const MOST_ENTRIES: u64 = 5_000;

/// What was found out about a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tree {
    /// Scripts may write to it, and nobody else has these very files.
    pub is_private: bool,
    /// Programs in it can be started.
    pub is_runnable: bool,
    /// Every script is a program.
    pub is_executable: bool,
}

/// Tells whether it matters how large the tree is, which costs a walk.
#[must_use]
pub const fn depends_on_size(intent: Intent, tree: Tree) -> bool {
    matches!(intent, Intent::CopyIfSmall) && tree.is_executable && !(tree.is_private && tree.is_runnable)
}

/// Decides what is done with a directory that was looked at.
///
/// A script without the x bit cannot be started in place, whatever a copy costs.
#[must_use]
pub const fn settle(intent: Intent, tree: Tree, is_small: bool) -> How {
    match intent {
        Intent::Plain(how) => how,
        Intent::CopyIfSmall if !tree.is_executable => How::Copy,
        Intent::CopyIfSmall if depends_on_size(intent, tree) && is_small => How::Copy,
        Intent::CopyIfSmall => How::InPlace,
    }
}

/// Decides what is to be done: the operator's list first, then the flag, then what the view's maker has said.
#[must_use]
pub fn intent(form: Form, flag: Placement, hint: Option<view::Placement>, is_private: bool) -> Intent {
    if form == Form::Archive {
        return Intent::Plain(How::Extract);
    }
    if is_private {
        return Intent::Plain(How::Copy);
    }
    let wish = match (flag, hint) {
        (Placement::Auto, Some(hint)) => hint.into(),
        (flag, _) => flag,
    };
    match wish {
        Placement::Auto | Placement::Extract => Intent::CopyIfSmall,
        Placement::InPlace => Intent::Plain(How::InPlace),
        Placement::Link => Intent::Plain(How::Link),
        Placement::Copy => Intent::Plain(How::Copy),
    }
}

impl From<view::Placement> for Placement {
    fn from(hint: view::Placement) -> Self {
        match hint {
            view::Placement::InPlace => Self::InPlace,
            view::Placement::Link => Self::Link,
            view::Placement::Extract => Self::Extract,
            view::Placement::Copy => Self::Copy,
        }
    }
}

impl How {
    /// The word of the staging report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InPlace => "inplace",
            Self::Link => "link",
            Self::Extract => "extract",
            Self::Copy => "copy",
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InPlace => "in place",
            Self::Link => "through a link",
            Self::Extract => "extracted",
            Self::Copy => "as a writable copy",
        })
    }
}

#[cfg(test)]
mod tests;
