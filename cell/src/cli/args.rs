//! What is typed. Addresses and variables stay raw here: their faults must not repeat secrets.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;

use builder::model::placement::Placement;
use cache::view::WantedWay;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};

use crate::model::limits::{Limit, Memory, Room};
use crate::runtime::Kind;

/// Exit codes, as the end of the help shows them.
const AFTER_HELP: &str = "\
Exit codes:
  0         done
  1 to 4, 222 to 225  the builder's own, passed through: 222 no buildpack detected the app, 223 the final buildpack
            failed, 224 its release failed, 225 a buildpack failed while supplying
  2         wrong usage, too
  100       the system refused something; the store cannot be opened or written to
  101       the app, a buildpack or a droplet could not be read or fetched
  102       no space, or quota
  103       no container can be run here as asked for
  124       --timeout
  128+N     a signal ended the builder
  130       interrupted

The store and its options are those of `cellcache`: its variables and its configuration file count here, too.";

/// Stages an application in a container, with buildpacks that lie once per machine.
#[derive(Parser)]
#[command(name = "cell", version, after_long_help = AFTER_HELP, disable_help_subcommand = true, max_term_width = 100)]
pub(super) struct Args {
    /// Tell errors only
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is to be done.
#[derive(Subcommand)]
pub(super) enum Command {
    Stage(Box<Stage>),
    Run(Run),
    Demo(Demo),
}

/// Stage an application: buildpacks into the cache, the builder in a container, a droplet out
///
/// Writes droplet.tgz, result.json, artifacts-cache.tgz and staging.json to the directory of results, and prints the
/// droplet's path. What a staging of the same app has cached is used by the next one with the same --out.
#[derive(clap::Args)]
pub(super) struct Stage {
    /// The application: a directory, or a zip, tgz or tar
    pub(super) app: PathBuf,
    /// A buildpack: SOURCE or NAME=SOURCE, where SOURCE is a directory, a zip, tgz or tar, an http(s) address of one, or
    /// the address of a git repository (#BRANCH, #TAG or #COMMIT); may be given several times, in order
    #[arg(short, long = "buildpack", value_name = "BUILDPACK", required = true)]
    pub(super) buildpacks: Vec<OsString>,
    /// Where the results go [default: NAME-staged in the working directory]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Run all buildpacks in order, the last one as the final one, instead of the first that detects the app
    #[arg(long)]
    pub(super) no_detect: bool,
    /// The stack that buildpacks are told of
    #[arg(long, value_name = "NAME", default_value = "cflinuxfs4")]
    pub(super) stack: String,
    /// Make the droplet depend on nothing but its contents
    #[arg(long)]
    pub(super) reproducible: bool,
    /// Tell where each buildpack was found, and why one did not detect
    #[arg(long)]
    pub(super) explain: bool,
    /// How buildpacks get to their scripts; the builder's -placement
    #[arg(long, value_name = "WAY", default_value = "auto", value_parser = placement())]
    pub(super) placement: Placement,
    /// Buildpacks that run from a writable copy of their own; the builder's -privateBuildpacks
    #[arg(
        long,
        alias = "privateBuildpacks",
        value_name = "NAME,...",
        value_delimiter = ','
    )]
    pub(super) private_buildpacks: Vec<String>,
    #[command(flatten)]
    pub(super) process: Process,
    #[command(flatten)]
    pub(super) container: Container,
    #[command(flatten)]
    pub(super) store: Store,
    #[command(flatten)]
    pub(super) shown: Shown,
    /// Another builder in the place of the one in this program
    #[arg(long, value_name = "PATH", help_heading = "Container")]
    pub(super) builder: Option<PathBuf>,
    /// Longest time for the builder [platform: 15m]
    #[arg(long, value_name = "TIME", default_value = "15m", help_heading = "Container")]
    pub(super) timeout: Limit,
}

/// How a container sees the buildpacks.
#[derive(clap::Args)]
pub(super) struct Shown {
    /// How the container is shown the buildpacks; as for `cellcache view create`
    #[arg(long, value_name = "WAY", value_enum, default_value_t = Way::Auto, help_heading = "Container")]
    pub(super) way: Way,
    /// Show buildpacks with the owner that they have on the disk, not as the container user's own
    #[arg(long, help_heading = "Container")]
    pub(super) no_map_owner: bool,
}

/// The builder's own words.
fn placement() -> impl TypedValueParser<Value = Placement> {
    let words = Placement::ALL.map(Placement::name);
    PossibleValuesParser::new(words).map(|word| {
        let is_meant = |way: &Placement| way.name() == word;
        Placement::ALL.into_iter().find(is_meant).unwrap_or_default()
    })
}

/// Start a droplet's process as the platform would, until Ctrl-C
#[derive(clap::Args)]
pub(super) struct Run {
    /// The droplet, as `cell stage` or the platform makes it
    pub(super) droplet: PathBuf,
    /// What is started instead of the droplet's command: a program and its arguments, or one word that is a line for
    /// a shell
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
    /// The port that the process is told to listen at [default: one that is free]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,
    /// The stack that the process is told of
    #[arg(long, value_name = "NAME", default_value = "cflinuxfs4")]
    pub(super) stack: String,
    #[command(flatten)]
    pub(super) process: Process,
    #[command(flatten)]
    pub(super) container: Container,
}

/// Show in a minute what this is about: a bundled app, staged the old way, cold and warm, and started
#[derive(clap::Args)]
pub(super) struct Demo {
    /// Show what the builder says
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Files of the heavy buildpack
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub(super) files: u32,
    /// Bytes of each of its files
    #[arg(long, value_name = "BYTES", default_value_t = 40 << 10, value_parser = clap::value_parser!(u32).range(1..=1 << 30))]
    pub(super) file_size: u32,
    /// How often the old way and the warm cache are measured, in turns; the figures are then medians
    #[arg(long, value_name = "N", default_value = "1")]
    pub(super) rounds: NonZeroU32,
    #[command(flatten)]
    pub(super) container: Container,
}

/// What the process inside sees.
#[derive(clap::Args)]
pub(super) struct Process {
    /// A variable for the process, or the NAME of one that is set here; may be given several times
    #[arg(short, long = "env", value_name = "NAME=VALUE")]
    pub(super) env: Vec<OsString>,
    /// The limit of memory
    #[arg(short, long, value_name = "SIZE", default_value = "1G")]
    pub(super) memory: Memory,
}

/// How processes are kept apart from this machine.
#[derive(clap::Args)]
#[command(next_help_heading = "Container")]
pub(super) struct Container {
    /// What runs containers: the runtime in this program, an installed one, or none at all
    #[arg(long, value_name = "RUNTIME", value_enum, default_value_t = Runtime::Embedded)]
    pub(super) runtime: Runtime,
    /// Without a user namespace, as the platform's privileged containers
    #[arg(long)]
    pub(super) privileged: bool,
    /// The root file system, instead of this machine's own
    #[arg(long, value_name = "DIR")]
    pub(super) rootfs: Option<PathBuf>,
    /// Where scratch directories are made [default: TMPDIR, else /var/tmp]
    #[arg(long, value_name = "DIR")]
    pub(super) scratch: Option<PathBuf>,
    /// What the disk of the scratch directories keeps free: what takes more is ended
    #[arg(long, value_name = "SIZE", default_value = "256M")]
    pub(super) keep_free: Room,
}

/// The cache of buildpacks; as the options of `cellcache`.
#[derive(clap::Args)]
#[command(next_help_heading = "Store")]
#[expect(clippy::struct_field_names, reason = "fields are named as the options are")]
pub(super) struct Store {
    /// The store's directory [default: /var/lib/cellcache for root, else cellcache in the user's cache directory]
    #[arg(long, value_name = "DIR")]
    pub(super) store: Option<PathBuf>,
    /// Read settings of the store from this JSON file
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Most that the store may take on the disk [default: 10G]
    #[arg(long, value_name = "SIZE")]
    pub(super) quota: Option<String>,
    /// Most that private copies and views may take beside the quota [default: 2G]
    #[arg(long, value_name = "SIZE")]
    pub(super) scratch_quota: Option<String>,
    /// Also believe the certificates of this PEM file
    #[arg(long, value_name = "FILE")]
    pub(super) ca_cert: Vec<PathBuf>,
    /// Serve without asking what the origin confirmed less than this ago [default: 0s]
    #[arg(long, value_name = "DURATION")]
    pub(super) fresh_for: Option<String>,
    /// Never ask an origin
    #[arg(long)]
    pub(super) offline: bool,
}

/// The way that is wanted; one that is named and cannot be had is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Way {
    /// The best that can be had, found by trial.
    Auto,
    /// One read-only mount per buildpack.
    Slots,
    /// Hard links in one directory.
    Links,
    /// Symbolic links into one mount of all objects: the container can reach every object whose name it knows.
    Symlinks,
    /// Copies.
    Copy,
}

impl From<Way> for WantedWay {
    fn from(way: Way) -> Self {
        match way {
            Way::Auto => Self::Auto,
            Way::Slots => Self::Slots,
            Way::Links => Self::Links,
            Way::Symlinks => Self::Symlinks,
            Way::Copy => Self::Copy,
        }
    }
}

/// A runtime's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Runtime {
    Embedded,
    Runc,
    Crun,
    None,
}

impl From<Runtime> for Kind {
    fn from(runtime: Runtime) -> Self {
        match runtime {
            Runtime::Embedded => Self::Embedded,
            Runtime::Runc => Self::Runc,
            Runtime::Crun => Self::Crun,
            Runtime::None => Self::None,
        }
    }
}
