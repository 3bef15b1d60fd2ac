//! Commands that change what is kept: `lease`, `declare`, `prune`, `evict`, `pin`, `verify`.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::super::text::duration::Span;
use super::values::Named;

fn named() -> impl TypedValueParser<Value = Named> {
    OsStringValueParser::new().map(Named::from)
}

/// List, release and reclaim leases
#[derive(Subcommand)]
pub(in crate::cli) enum Lease {
    List(LeaseList),
    Release(LeaseRelease),
    Reclaim(LeaseReclaim),
}

/// List the leases of this store
#[derive(Args)]
pub(in crate::cli) struct LeaseList {}

/// Release leases; releasing one twice is no error
#[derive(Args)]
pub(in crate::cli) struct LeaseRelease {
    /// Ids, as `fetch` printed them
    #[arg(required = true, value_name = "ID")]
    pub(in crate::cli) ids: Vec<String>,
}

/// Take leases back whose holder is gone
///
/// A holder that is a process is looked up. One that is only a label counts as gone when --live is given and does not
/// list it. A lease with neither is released by its id, or ends by itself where --expires was given.
#[derive(Args)]
pub(in crate::cli) struct LeaseReclaim {
    /// The labels of all living holders, one per line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) live: Option<PathBuf>,
}

/// Say which keys a consumer of a group still wants
#[derive(Args)]
pub(in crate::cli) struct Declare {
    /// The group
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: String,
    /// Who says so; a later declaration of the same consumer replaces this one
    #[arg(long, value_name = "CONSUMER")]
    pub(in crate::cli) consumer: String,
    /// The wanted keys, one per line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) keys: PathBuf,
    /// How long the declaration counts
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    pub(in crate::cli) ttl: Span,
}

/// Remove what no consumer of a group wants any more
///
/// Shows what would go; --apply does it. When the consumers disagree, or none has declared anything, nothing is
/// removed and the exit code is 5.
#[derive(Args)]
pub(in crate::cli) struct Prune {
    /// The group
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: String,
    /// Do it
    #[arg(long)]
    pub(in crate::cli) apply: bool,
}

/// Remove objects that nobody holds
#[derive(Args)]
pub(in crate::cli) struct Evict {
    /// Keys or objects
    #[arg(required_unless_present = "all_unleased", value_name = "KEY|OBJECT", value_parser = named())]
    pub(in crate::cli) names: Vec<Named>,
    /// Everything that nobody holds
    #[arg(long, conflicts_with = "names")]
    pub(in crate::cli) all_unleased: bool,
}

/// Keep a key's object whatever the need for room
#[derive(Args)]
pub(in crate::cli) struct Pin {
    /// The key, or the object, as `ls` shows it
    #[arg(value_name = "KEY|OBJECT", value_parser = named())]
    pub(in crate::cli) name: Named,
    /// No longer keep it
    #[arg(long)]
    pub(in crate::cli) unpin: bool,
}

/// Compare stored objects with what was recorded when they were made
#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// Remove what is damaged, so that the next fetch brings it back
    #[arg(long)]
    pub(in crate::cli) repair: bool,
    /// Keys or objects; all, if none is given
    #[arg(value_name = "KEY|OBJECT", value_parser = named())]
    pub(in crate::cli) names: Vec<Named>,
}
