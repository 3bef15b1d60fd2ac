//! Commands that only look: `ls`, `show`, `df`, `stats`, `explain`, `doctor`, `completions`, `man`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use super::obtain::RulesArgs;
use super::values::{self, KeyText, Named, Order};
use crate::model::checksum::Checksum;

/// List what is stored
#[derive(Args)]
pub(in crate::cli) struct Ls {
    /// The order
    #[arg(long, value_enum, default_value_t = Order::Used, value_name = "ORDER")]
    pub(in crate::cli) sort: Order,
    /// This group only
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: Option<String>,
}

/// Show all that is known about one key or object
#[derive(Args)]
pub(in crate::cli) struct Show {
    /// The key or the object
    #[arg(value_name = "KEY|OBJECT", value_parser = OsStringValueParser::new().map(Named::from))]
    pub(in crate::cli) name: Named,
}

/// Show what the store takes on the disk
#[derive(Args)]
pub(in crate::cli) struct Df {
    /// Count the blocks on the disk instead of believing the records, and say whether they agree
    #[arg(long)]
    pub(in crate::cli) recount: bool,
}

/// Show how well the cache does, and whether it is too small
#[derive(Args)]
pub(in crate::cli) struct Stats {
    /// In the text format of Prometheus
    #[arg(long, conflicts_with = "curve")]
    pub(in crate::cli) prometheus: bool,
    /// The hit rate against the quota, from the access log
    #[arg(long)]
    pub(in crate::cli) curve: bool,
}

/// Say what a fetch would do now and why, or what a word of ours means
///
/// With --key: what fetching SOURCE under that key would do, without asking the origin. Without: the meaning of a
/// verdict (`too_small`), of an exit code (`7`), of a kind of error (`no-space`) or of an outcome (`revalidated`).
#[derive(Args)]
pub(in crate::cli) struct Explain {
    /// A source, with --key; else a word
    #[arg(value_name = "SOURCE|WORD")]
    pub(in crate::cli) subject: OsString,
    /// The key of the fetch to explain
    #[arg(long, short, value_name = "KEY", value_parser = OsStringValueParser::new().map(KeyText::from))]
    pub(in crate::cli) key: Option<KeyText>,
    /// The SHA-256 that the packed bytes must have
    #[arg(long, value_name = "HEX", value_parser = values::sha256, conflicts_with = "checksum")]
    pub(in crate::cli) sha256: Option<Checksum>,
    /// A checksum that the packed bytes must have
    #[arg(long, value_name = "ALG:HEX", value_parser = values::checksum)]
    pub(in crate::cli) checksum: Option<Checksum>,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
}

/// Look at the store, the disk, the network settings, and say what to do
#[derive(Args)]
pub(in crate::cli) struct Doctor {}

/// Print completions for a shell
#[derive(Args)]
pub(in crate::cli) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(in crate::cli) shell: clap_complete::Shell,
}

/// Print the manual, or write its pages
#[derive(Args)]
pub(in crate::cli) struct Man {
    /// Write one page per command into this directory
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
}
