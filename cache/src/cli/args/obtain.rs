//! Commands that bring assets in: `fetch`, `warm`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use super::super::text::duration::Span;
use super::values::{self, Handout, KeyText};
use crate::model::checksum::Checksum;
use crate::model::request::Source;

/// Reads a source without ever repeating it in an error.
fn source_parser() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().try_map(|text| values::source(&text))
}

/// Fetch one asset, or take it from the store, and lend it
///
/// Prints where it is and the id of the lease that keeps it there until `cellcache lease release ID`. The asset's
/// name in the store is its key; the same key with another content later is another version, and this lease keeps
/// this one.
#[derive(Args)]
pub(in crate::cli) struct Fetch {
    #[command(flatten)]
    pub(in crate::cli) asset: Asset,
    /// What to hand out
    #[arg(long = "as", value_enum, default_value_t = Handout::Dir, value_name = "FORM")]
    pub(in crate::cli) handout: Handout,
    /// Where a tar stream, a file or a view goes; `-` is standard output. The lease then ends with the command, except
    /// that of a view
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
    #[command(flatten)]
    pub(in crate::cli) holder: HolderArgs,
}

/// One asset as a caller names it.
#[derive(Args, Clone)]
pub(in crate::cli) struct Asset {
    /// An http(s) address, or a file or directory of this machine
    #[arg(value_parser = source_parser(), value_name = "SOURCE")]
    pub(in crate::cli) source: Source,
    /// The asset's name in the store; without one nothing is shared
    #[arg(long, short, value_name = "KEY", value_parser = OsStringValueParser::new().map(KeyText::from))]
    pub(in crate::cli) key: Option<KeyText>,
    /// The SHA-256 that the packed bytes must have; a match in the store is served without asking the origin
    #[arg(long, value_name = "HEX", value_parser = values::sha256, conflicts_with = "checksum")]
    pub(in crate::cli) sha256: Option<Checksum>,
    /// A checksum that the packed bytes must have: md5, sha1, sha256 or sha512
    #[arg(long, value_name = "ALG:HEX", value_parser = values::checksum)]
    pub(in crate::cli) checksum: Option<Checksum>,
    /// A label for statistics and pruning
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: Option<String>,
}

/// When the stored object may be served, and what may enter the store. Settings too: operators decide them for a cell.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Rules")]
pub(in crate::cli) struct RulesArgs {
    /// Make a copy for this lease alone, never shared
    #[arg(long)]
    pub(in crate::cli) private: bool,
    /// Serve without asking when the origin confirmed the content less than this ago [default: 0s]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) fresh_for: Option<Span>,
    /// When the origin fails, serve what it confirmed less than this ago
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) stale_if_error: Option<Span>,
    /// Never ask the origin
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) offline: Option<bool>,
    /// Ask the origin even when the stated sha256 is here
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) always_revalidate: Option<bool>,
    /// A Last-Modified alone does not make an answer fit to be stored
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) require_etag: Option<bool>,
    /// Fail on an answer without validators, as the legacy did, instead of making a private copy
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) strict_legacy: Option<bool>,
    /// Leave devices, fifos and sockets of archives out instead of refusing the archive
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) skip_special: Option<bool>,
}

/// Who holds the lease, and for how long.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Lease")]
pub(in crate::cli) struct HolderArgs {
    /// For whom the lease is, for instance a container's name; `lease reclaim --live` knows it by this
    #[arg(long, value_name = "LABEL")]
    pub(in crate::cli) holder: Option<String>,
    /// The process that holds the lease: when it is gone, `lease reclaim` takes the lease back
    #[arg(long, value_name = "PID", value_parser = clap::value_parser!(u32).range(1..=0x3fff_ffff))]
    pub(in crate::cli) holder_pid: Option<u32>,
    /// When the lease ends by itself
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) expires: Option<Span>,
}

/// Fetch a list of assets ahead of time
///
/// No lease is kept; the objects stay as long as there is room. Lines are `KEY SOURCE [ALG:HEX]`, or JSON objects with
/// the members key, source, and optionally name, checksum, sha256, group, as, optional, placement.
#[derive(Args)]
pub(in crate::cli) struct Warm {
    /// The list; `-` is standard input
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) file: PathBuf,
    /// A label for statistics and pruning, for lines that have none
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) group: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) rules: RulesArgs,
}
