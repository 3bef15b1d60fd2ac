//! What one staging is to do, as it was asked for.

use std::path::PathBuf;
use std::time::Duration;

use builder::model::placement::Placement;
use cache::view::WantedWay;

use crate::bundle::{Isolation, RootFs};
use crate::host::Store;
use crate::model::buildpack::{Buildpack, Name};
use crate::model::limits::Memory;
use crate::model::variables::Variable;
use crate::runtime::Kind;

/// What is staged, with what, how, and where the results go.
#[derive(Clone)]
pub struct Job {
    /// A directory or an archive, absolute.
    pub app: PathBuf,
    /// The application's name.
    pub name: String,
    /// The buildpacks, first to last; no two of one name.
    pub buildpacks: Vec<Buildpack>,
    /// Use the first buildpack that detects the application, instead of all.
    pub detect: bool,
    /// The directory of the results, absolute.
    pub out: PathBuf,
    /// The stack that the application is told.
    pub stack: String,
    /// Variables that were typed.
    pub variables: Vec<Variable>,
    /// Make the droplet depend on nothing but its contents.
    pub reproducible: bool,
    /// Tell where each buildpack was found.
    pub explain: bool,
    /// What the builder is told of how buildpacks get to their scripts.
    pub placing: Placing,
    /// How it is contained.
    pub confinement: Confinement,
    /// How buildpacks get to where the builder finds them.
    pub bring: Bring,
    /// The buildpacks' home.
    pub store: Store,
}

/// How buildpacks get to their scripts.
#[derive(Debug, Clone, Default)]
pub struct Placing {
    /// All of them; unless it is the builder's choice.
    pub way: Placement,
    /// Those that run from a writable copy whatever the way.
    pub private: Vec<Name>,
}

/// How buildpacks get to where the builder finds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bring {
    /// Out of the cache, shown to the container.
    Shared {
        /// The way of the view.
        way: WantedWay,
        /// Show files as the container user's own, where that can be had.
        map_owner: bool,
    },
    /// The old way, to compare with: each staging downloads and unpacks copies of its own.
    Copied,
}

/// How processes are kept apart from this machine.
#[derive(Clone)]
pub struct Confinement {
    /// The runtime.
    pub runtime: Kind,
    /// Who root is outside.
    pub isolation: Isolation,
    /// The root file system.
    pub root: RootFs,
    /// The limit of memory.
    pub memory: Memory,
    /// The limit of time.
    pub timeout: Option<Duration>,
    /// Another builder than the one in this program, absolute.
    pub builder: Option<PathBuf>,
    /// What the disk of `scratch` is to keep free, in bytes: what would take it is ended.
    pub keep_free: u64,
    /// The directory for what is temporary.
    pub scratch: PathBuf,
}

impl Bring {
    /// Out of the cache, in the best way that can be had.
    pub const BEST: Self = Self::Shared {
        way: WantedWay::Auto,
        map_owner: true,
    };
}
