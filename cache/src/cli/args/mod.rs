//! What was typed, by command. Everything becomes a domain type here or in [`super::settings`]; nothing is looked up.

mod globals;
pub(super) mod inspect;
pub(super) mod manage;
pub(super) mod obtain;
pub(super) mod values;
pub(super) mod view;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

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

Every option under Store, Network, Archives, Output and Rules, but --config and --private, can also be given as a \
variable (--min-free-bytes is CELLCACHE_MIN_FREE_BYTES) or as a member of the JSON file that --config or \
CELLCACHE_CONFIG names. The command line wins over the variable, the variable over the file.";

/// What the help of each command ends with.
const SEE_ALSO: &str = "`cellcache --help` tells exit codes, units, variables and the configuration file.";

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

/// The words of the command line, and what they mean.
pub(super) fn command() -> clap::Command {
    with_foot(Args::command())
}

/// Reads what was typed, the program's name first.
pub(super) fn parse(
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Args, clap::Error> {
    let mut command = command();
    let mut found = command.try_get_matches_from_mut(words)?;
    Args::from_arg_matches_mut(&mut found).map_err(|error| error.format(&mut command))
}

/// The tree of commands has two levels.
fn with_foot(command: clap::Command) -> clap::Command {
    let names: Vec<_> = command
        .get_subcommands()
        .map(|one| one.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |one| with_foot(one.after_long_help(SEE_ALSO)))
    })
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
