//! The commands of views.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::obtain::{HolderArgs, RulesArgs};
use crate::view::DESTINATION;

/// Make and remove views: private read-only directories that show what one container asked for
#[derive(Subcommand)]
pub(in crate::cli) enum View {
    Create(ViewCreate),
    Plan(ViewPlan),
    Release(ViewRelease),
    List(ViewList),
}

/// Fetch everything on a list and show it in one new directory
///
/// All or nothing: the directory appears when every asset is there. Mount it read-only.
#[derive(Args)]
pub(in crate::cli) struct ViewCreate {
    #[command(flatten)]
    pub(in crate::cli) wanted: Wanted,
    /// Also make a link to the directory, which goes with the view
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) link: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
    #[command(flatten)]
    pub(in crate::cli) holder: HolderArgs,
}

/// Fetch everything on a list and print the mounts that would show it
///
/// The view holds its leases as one that was made does.
#[derive(Args)]
pub(in crate::cli) struct ViewPlan {
    #[command(flatten)]
    pub(in crate::cli) wanted: Wanted,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
    #[command(flatten)]
    pub(in crate::cli) holder: HolderArgs,
}

/// What a view shows, and to whom.
#[derive(Args, Clone)]
pub(in crate::cli) struct Wanted {
    /// What you call the view, for instance the container's name
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// The list, with lines as for `warm`; an asset is called there by its member `name`, else by its key. `-` is
    /// standard input
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) file: PathBuf,
    /// A label for statistics and pruning, for lines that have none
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: Option<String>,
    /// Where the container sees the view
    #[arg(long, value_name = "DIR", default_value = DESTINATION)]
    pub(in crate::cli) at: PathBuf,
    /// How to print the mounts
    #[arg(long, value_enum, default_value_t = MountFormat::Lines, value_name = "FORMAT")]
    pub(in crate::cli) format: MountFormat,
}

/// How mounts are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum MountFormat {
    /// A line each
    #[default]
    Lines,
    /// The `mounts` of an OCI runtime configuration
    Oci,
    /// The `bind_mounts` of a Garden container
    Garden,
}

/// Remove views and release their leases
#[derive(Args)]
pub(in crate::cli) struct ViewRelease {
    /// Ids or names, as `view list` shows them; a name stands for all views of that name
    #[arg(required = true, value_name = "VIEW")]
    pub(in crate::cli) views: Vec<String>,
}

/// List the views of this store
#[derive(Args)]
pub(in crate::cli) struct ViewList {}
