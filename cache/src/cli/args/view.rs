//! `view`: what one container is shown.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::obtain::{HolderArgs, RulesArgs};
use crate::view::DESTINATION;

/// Make and release views: directories that show what one container asked for
#[derive(Subcommand)]
pub(in crate::cli) enum View {
    Create(ViewCreate),
    Plan(ViewPlan),
    Release(ViewRelease),
    List(ViewList),
}

/// Fetch everything on a list and show it in one new directory
///
/// All or nothing: the directory appears when every asset is there. Its files are the store's own, under further
/// names: mount it read-only. It stays as it is until `cellcache view release`.
#[derive(Args)]
pub(in crate::cli) struct ViewCreate {
    /// Where to make it: a link to the directory, which lies in the store
    #[arg(value_name = "DIR")]
    pub(in crate::cli) directory: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) entries: ViewEntries,
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

/// How a plan is printed.
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
