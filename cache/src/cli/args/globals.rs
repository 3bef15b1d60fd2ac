//! The options that every command takes: the settings, as far as the command line gives them.
//!
//! An option that is absent is `None`, so that variables and the configuration file can have their say.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::super::text::duration::Span;
use super::super::text::size;
use super::values::ProgressMode;
use crate::model::size::Size;

/// The settings as the command line gives them.
#[derive(Args, Clone, Default)]
pub(in crate::cli) struct Globals {
    #[command(flatten)]
    pub(in crate::cli) store: StoreArgs,
    #[command(flatten)]
    pub(in crate::cli) network: NetworkArgs,
    #[command(flatten)]
    pub(in crate::cli) archive: ArchiveArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Where the store is and how much it may take.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Store")]
pub(in crate::cli) struct StoreArgs {
    /// The store's directory [default: /var/lib/cellcache for root, else cellcache in the user's cache directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub(in crate::cli) store: Option<PathBuf>,
    /// Make the store also in a directory that has other files in it
    #[arg(long, global = true, hide_short_help = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) allow_nonempty: Option<bool>,
    /// Read settings from this JSON file
    #[arg(long, global = true, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Most that the store may take on the disk, in allocated blocks [default: 10G]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse)]
    pub(in crate::cli) quota: Option<Size>,
    /// Most that private copies and views may take beside the quota [default: 2G]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse, hide_short_help = true)]
    pub(in crate::cli) scratch_quota: Option<Size>,
    /// Room for bytes under way is set aside in steps of this size [default: 16M]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse, hide_short_help = true)]
    pub(in crate::cli) slack: Option<Size>,
    /// Leave at least so much of the file system free [default: 0]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse, hide_short_help = true)]
    pub(in crate::cli) min_free_bytes: Option<Size>,
    /// Leave at least so many inodes of the file system free [default: 0]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub(in crate::cli) min_free_inodes: Option<u64>,
    /// Exceed the quota rather than fail when everything is leased
    #[arg(long, global = true, hide_short_help = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) overcommit: Option<bool>,
}

/// How origins are asked.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Network")]
pub(in crate::cli) struct NetworkArgs {
    /// Also believe the certificates of this PEM file; may be given several times
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub(in crate::cli) ca_cert: Vec<PathBuf>,
    /// Show this certificate (PEM) to origins; needs --client-key
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub(in crate::cli) client_cert: Option<PathBuf>,
    /// The key (PEM) of --client-cert
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub(in crate::cli) client_key: Option<PathBuf>,
    /// Believe any certificate
    #[arg(long, global = true, hide_short_help = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) skip_cert_verify: Option<bool>,
    /// Tries of one download in all [default: 4]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub(in crate::cli) attempts: Option<u32>,
    /// Longest time without a byte of an answer that has begun; its head may take --connect-timeout longer [default:
    /// 10s]
    #[arg(long, global = true, value_name = "DURATION", hide_short_help = true)]
    pub(in crate::cli) idle_timeout: Option<Span>,
    /// Longest time for look-up, connection and TLS handshake [default: 10s]
    #[arg(long, global = true, value_name = "DURATION", hide_short_help = true)]
    pub(in crate::cli) connect_timeout: Option<Span>,
    /// Longest time for one asset as a whole; 0 for no limit [default: 0s]
    #[arg(long, global = true, value_name = "DURATION", hide_short_help = true)]
    pub(in crate::cli) deadline: Option<Span>,
    /// Largest body that is accepted [default: 8G]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse, hide_short_help = true)]
    pub(in crate::cli) max_download: Option<Size>,
    /// Bodies that are fetched at the same time [default: 5]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub(in crate::cli) downloads: Option<u32>,
    /// Origins that are asked for changes at the same time [default: 64]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub(in crate::cli) revalidations: Option<u32>,
}

/// What one archive may bring (C-79).
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Archives")]
#[expect(clippy::struct_field_names, reason = "fields are named as the options are")]
pub(in crate::cli) struct ArchiveArgs {
    /// Most members of one archive [default: 500000]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub(in crate::cli) max_entries: Option<u64>,
    /// Most bytes that one archive may unpack to [default: 16G]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse, hide_short_help = true)]
    pub(in crate::cli) max_unpacked: Option<Size>,
    /// Most bytes of one file in an archive [default: 8G]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size::parse, hide_short_help = true)]
    pub(in crate::cli) max_file: Option<Size>,
    /// Most bytes out per packed byte, once 64M have come out [default: 200]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub(in crate::cli) max_ratio: Option<u64>,
}

/// What is printed.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct OutputArgs {
    /// Print JSON, one value per line; errors too
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) json: Option<bool>,
    /// Print results and errors only
    #[arg(long, short, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub(in crate::cli) quiet: Option<bool>,
    /// Tell each step; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count, overrides_with = "quiet")]
    pub(in crate::cli) verbose: u8,
    /// Show progress bars [default: auto, on a terminal only]
    #[arg(long, global = true, value_name = "WHEN", hide_short_help = true)]
    pub(in crate::cli) progress: Option<ProgressMode>,
}
