//! `view`: what one container is shown.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::obtain::{HolderArgs, RulesArgs};
use super::values;
use crate::view::{DESTINATION, MappedOwner, Showing, WantedWay};

/// Make and release views: directories that show what one container asked for
#[derive(Subcommand)]
pub(in crate::cli) enum View {
    Create(ViewCreate),
    Plan(ViewPlan),
    Add(ViewAdd),
    Detach(ViewDetach),
    Release(ViewRelease),
    List(ViewList),
}

/// Fetch everything on a list and show it in one new directory
///
/// All or nothing: the directory appears when every asset is there. A container sees it by the mounts that --format
/// prints. It stays as it is until `cellcache view release`.
#[derive(Args)]
pub(in crate::cli) struct ViewCreate {
    /// Where to make it: a link to the directory, which lies in the store
    #[arg(value_name = "DIR")]
    pub(in crate::cli) directory: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) entries: ViewEntries,
    #[command(flatten)]
    pub(in crate::cli) showing: ShowingArgs,
    /// Print the mounts that a container needs, in their order; `json` is as with `--json`
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<PlanFormat>,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
    #[command(flatten)]
    pub(in crate::cli) holder: HolderArgs,
}

/// Fetch everything on a list and print the mounts that would show it
///
/// No directory is made; the leases stay until `cellcache view release`.
#[derive(Args)]
pub(in crate::cli) struct ViewPlan {
    #[command(flatten)]
    pub(in crate::cli) entries: ViewEntries,
    /// How to print the mounts; `json` is as with `--json`
    #[arg(long, value_enum, default_value_t = PlanFormat::Table, value_name = "FORMAT")]
    pub(in crate::cli) format: PlanFormat,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
    #[command(flatten)]
    pub(in crate::cli) holder: HolderArgs,
}

/// Fetch more and show it in a view, also while a container sees it
///
/// What the view shows already does not change.
#[derive(Args)]
pub(in crate::cli) struct ViewAdd {
    /// The view, by its id, name or directory
    #[arg(value_name = "VIEW")]
    pub(in crate::cli) view: String,
    /// The list, with lines as for `view create`; `-` is standard input
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) file: PathBuf,
    /// A label for statistics and pruning, for lines that have none
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: Option<String>,
    /// A process of a container that runs already: where the view is made of mounts, it gets the new ones
    #[arg(long, value_name = "PID", value_parser = clap::value_parser!(u32).range(1..=0x3fff_ffff))]
    pub(in crate::cli) pid: Option<u32>,
    /// Print the mounts that a container needs now, in their order; `json` is as with `--json`
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<PlanFormat>,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
}

/// Take the mounts of views away from this machine, once their containers run
///
/// Containers keep their own, and while they have them the leases are in force.
#[derive(Args)]
pub(in crate::cli) struct ViewDetach {
    /// Views by their ids, names or directories; a name means all that have it
    #[arg(required = true, value_name = "VIEW")]
    pub(in crate::cli) views: Vec<String>,
}

/// In what way a view is shown.
#[derive(Args, Clone)]
#[command(next_help_heading = "Way")]
pub(in crate::cli) struct ShowingArgs {
    /// How the content comes to be there; a way that is named and cannot be had is an error
    #[arg(long, value_enum, default_value_t = WayName::Auto, value_name = "WAY")]
    pub(in crate::cli) way: WayName,
    /// Who owns the content as the container sees it: the number that its user has on this machine. The group's, if
    /// not given, is the same
    #[arg(long, value_name = "UID[:GID]", value_parser = values::owner)]
    pub(in crate::cli) map_owner: Option<MappedOwner>,
    /// The container is privileged: it gets copies, and no file of the store
    #[arg(long)]
    pub(in crate::cli) privileged: bool,
}

/// The way that is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum WayName {
    /// The best that can be had, found by trial.
    #[default]
    Auto,
    /// One read-only mount per asset.
    Slots,
    /// Hard links in one directory.
    Links,
    /// Symbolic links into one mount of all objects: the container can reach every object whose name it knows.
    Symlinks,
    /// Copies.
    Copy,
}

impl ShowingArgs {
    /// What is meant.
    pub(in crate::cli) const fn showing(&self) -> Showing {
        Showing {
            way: match self.way {
                WayName::Auto => WantedWay::Auto,
                WayName::Slots => WantedWay::Slots,
                WayName::Links => WantedWay::Links,
                WayName::Symlinks => WantedWay::Symlinks,
                WayName::Copy => WantedWay::Copy,
            },
            owner: self.map_owner,
            privileged: self.privileged,
        }
    }
}

/// How mounts are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormat {
    /// A line per mount.
    #[default]
    Table,
    /// Everything, for programs.
    Json,
    /// The `mounts` of an OCI runtime configuration.
    Oci,
    /// The `bind_mounts` of a Garden container.
    Garden,
}

/// What a view shows.
#[derive(Args, Clone)]
pub(in crate::cli) struct ViewEntries {
    /// The list, with lines as for `warm`; the name in the view is the member `name`, else the key. `-` is standard
    /// input
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) file: PathBuf,
    /// A label for statistics and pruning, for lines that have none
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: Option<String>,
    /// What the view is called, for instance the container's name; the holder, if nothing is said
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// Where the container sees it
    #[arg(long, value_name = "PATH", default_value = DESTINATION)]
    pub(in crate::cli) destination: PathBuf,
}

/// Remove views and release their leases
#[derive(Args)]
pub(in crate::cli) struct ViewRelease {
    /// Views by their ids, names or directories; a name means all that have it
    #[arg(required = true, value_name = "VIEW")]
    pub(in crate::cli) views: Vec<String>,
}

/// List the views of this store
#[derive(Args)]
pub(in crate::cli) struct ViewList {}
