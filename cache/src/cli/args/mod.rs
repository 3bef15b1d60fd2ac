//! What was typed, by command. Everything becomes a domain type here or in [`super::settings`]; nothing is looked up.

mod globals;
pub(super) mod inspect;
pub(super) mod manage;
pub(super) mod obtain;
pub(super) mod values;
pub(super) mod view;

use clap::{Parser, Subcommand};

pub(super) use globals::Globals;

/// Exit codes, as the end of the help shows them.
const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong usage or configuration
  3  no such key, object, lease or view
  4  the origin or the network failed
  5  in use, or punted
  6  damaged content, or not the content that was asked for
  7  no space, or quota
  8  offline and missing
  130  interrupted

Sizes are powers of 1024: 10G, 500M, 1.5GiB, 1048576. Durations: 90s, 5m, 1h30m, 24h.

Every option under Store, Network, Output and Rules can also be given as a variable (--min-free-bytes is \
CELLCACHE_MIN_FREE_BYTES) or as a member of the JSON file that --config or CELLCACHE_CONFIG names. The command line \
wins over the variable, the variable over the file.";

/// One download cache per cell: immutable objects, leases, private views.
#[derive(Parser)]
#[command(
    name = "cellcache",
    version,
    after_long_help = AFTER_HELP,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is to be done.
#[derive(Subcommand)]
pub(super) enum Command {
    Fetch(obtain::Fetch),
    Warm(obtain::Warm),
    #[command(subcommand)]
    View(view::View),
    #[command(subcommand)]
    Lease(manage::Lease),
    Ls(inspect::Ls),
    Show(inspect::Show),
    Df(inspect::Df),
    Stats(inspect::Stats),
    Explain(inspect::Explain),
    Declare(manage::Declare),
    Prune(manage::Prune),
    Evict(manage::Evict),
    Pin(manage::Pin),
    Verify(manage::Verify),
    Doctor(inspect::Doctor),
    Completions(inspect::Completions),
    Man(inspect::Man),
}

impl Command {
    /// The rules that the command line gives, for the commands that ask origins.
    pub(super) const fn rules(&self) -> Option<&obtain::RulesArgs> {
        match self {
            Self::Fetch(args) => Some(&args.rules),
            Self::Warm(args) => Some(&args.rules),
            Self::View(view::View::Create(args)) => Some(&args.rules),
            Self::View(view::View::Plan(args)) => Some(&args.rules),
            Self::Explain(args) => Some(&args.rules),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
