//! Why a command failed: what, which, why, and what now (design §8).

use std::error::Error;
use std::path::PathBuf;

use builder::model::size::Size;
use cache::archive::ArchiveError;
use cache::cli::Unusable;
use cache::sys::SysError;
use cache::{CacheError, ErrorKind};

use crate::clone::CloneFault;
use crate::exit_code::ExitCode;
use crate::model::buildpack::{InvalidBuildpack, Twice};
use crate::model::variables::InvalidVariable;
use crate::runtime::RuntimeError;
use crate::userns::Impossible;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CellError {
    /// The application is not there, or is nothing that can be staged.
    #[error("Failed to read the application {}", path.display())]
    App {
        /// As it was typed.
        path: PathBuf,
        /// Why.
        #[source]
        source: AppFault,
    },
    /// What was typed is no buildpack.
    #[error("Not a buildpack")]
    Buildpack(#[source] InvalidBuildpack),
    /// Two buildpacks would be one.
    #[error(transparent)]
    Twice(Twice),
    /// A buildpack was named that is none of those that were given.
    #[error("No buildpack is called `{0}`")]
    Unknown(String),
    /// What was typed is no variable.
    #[error("Not a variable")]
    Variable(#[source] InvalidVariable),
    /// The settings of the store cannot be used.
    #[error(transparent)]
    Settings(#[from] Unusable),
    /// The buildpacks could not be had, or not be shown.
    #[error("Failed to get the buildpacks")]
    Buildpacks(#[source] CacheError),
    /// A buildpack could not be downloaded, or not be unpacked.
    #[error("Failed to copy the buildpack {name}")]
    Copy {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A repository could not be cloned.
    #[error("Failed to clone {shown}")]
    Clone {
        /// Its printable form.
        shown: String,
        /// Why.
        #[source]
        source: CloneFault,
    },
    /// The system refused something that a staging needs.
    #[error("Failed to prepare")]
    Prepare(#[source] SysError),
    /// The container was not started, or was lost.
    #[error("Failed to run the container")]
    Runtime(#[source] RuntimeError),
    /// What was asked for needs a container: it would have the mounts, or keep the scripts from writing.
    #[error("Without a container a view is made of copies, not with --way {0}")]
    Uncontained(&'static str),
    /// The builder cannot run in that root file system.
    #[error("{} is not the root of a file system that this builder can run in", root.display())]
    Dynamic {
        /// The root file system.
        root: PathBuf,
        /// Where the builder asks for its loader.
        loader: String,
    },
    /// A program or directory that was named is not usable.
    #[error("{} is no {wanted}", path.display())]
    NotA {
        /// What was named.
        path: PathBuf,
        /// What it should be.
        wanted: &'static str,
    },
    /// The application would be copied with our own directory in it.
    #[error("{} lies in the application", path.display())]
    InApp {
        /// The directory.
        path: PathBuf,
        /// The option that names it.
        option: &'static str,
    },
    /// The builder failed, and said why.
    #[error("The builder ended with exit code {code}{}", meaning(*code))]
    Builder {
        /// Its exit code.
        code: u8,
    },
    /// A signal ended the builder.
    #[error("A signal ended the builder: {signal}{}", if *signal == libc::SIGKILL { " (SIGKILL)" } else { "" })]
    BuilderSignal {
        /// The signal's number.
        signal: i32,
        /// The limit of memory in bytes, if it is kept.
        memory: Option<u64>,
    },
    /// The builder wrote no droplet although it succeeded.
    #[error("The builder left no {what}")]
    NoOutput {
        /// What is missing.
        what: &'static str,
        /// Why.
        #[source]
        source: SysError,
    },
    /// The results could not be written.
    #[error("Failed to write {}", path.display())]
    Output {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: SysError,
    },
    /// It is done, but whoever waits for it cannot be told.
    #[error("The droplet is {}, but that cannot be told", droplet.display())]
    Untold {
        /// Where it is.
        droplet: PathBuf,
        /// Why.
        #[source]
        source: SysError,
    },
    /// Another staging writes its results there.
    #[error("{} is in use by another staging", .0.display())]
    Shared(PathBuf),
    /// The droplet cannot be started.
    #[error("Failed to use the droplet {}", path.display())]
    Droplet {
        /// As it was typed.
        path: PathBuf,
        /// Why.
        #[source]
        source: DropletFault,
    },
    /// The demo's application did not answer.
    #[error("The started application did not answer")]
    NoAnswer,
    /// The demo could not be prepared.
    #[error("Failed to prepare the demo")]
    Demo(#[source] Box<dyn Error + Send + Sync>),
    /// The process could not listen at the port that was asked for.
    #[error("Port {port} cannot be used")]
    Port {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: PortFault,
    },
    /// It took too long.
    #[error("Not done after {seconds} s")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// The disk is nearly full, or would have been.
    #[error(transparent)]
    NoRoom(Shortage),
    /// A signal asked us to stop.
    #[error("Interrupted")]
    Interrupted,
}

/// A disk of scratch directories without the room that is needed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "No room in the scratch directory {}: {} are free on its disk, of which --keep-free {} stay free",
    scratch.display(), Size(*free), Size(*keep_free)
)]
pub struct Shortage {
    /// The directory for what is temporary.
    pub scratch: PathBuf,
    /// What was free, in bytes.
    pub free: u64,
    /// What is to stay free, in bytes.
    pub keep_free: u64,
}

/// Why an application cannot be staged.
#[derive(Debug, thiserror::Error)]
pub enum AppFault {
    /// The system refused.
    #[error(transparent)]
    System(#[from] SysError),
    /// It could not be copied or unpacked.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The scratch directory has no room for it.
    #[error(transparent)]
    NoRoom(Shortage),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
}

/// Why a droplet cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum DropletFault {
    /// The system refused.
    #[error(transparent)]
    System(#[from] SysError),
    /// It is a directory.
    #[error("it is a directory without a droplet.tgz")]
    Directory,
    /// It is no archive of its kind, or torn.
    #[error("it is no whole tgz archive")]
    NotWhole,
    /// It holds no application.
    #[error("it is no droplet: there is no directory `app` in it")]
    NoApp,
    /// It holds no `staging_info.yml` that names a start command.
    #[error("it names no start command, and none was given")]
    NoCommand,
    /// Unpacking it failed in the container.
    #[error("it cannot be unpacked in its container, which is told above")]
    NotUnpacked,
    /// Its `staging_info.yml` is not YAML of a known form.
    #[error("its staging_info.yml cannot be read")]
    Malformed,
}

/// Why a process could not listen at a port.
#[derive(Debug, thiserror::Error)]
pub enum PortFault {
    /// Somebody listens there.
    #[error("it is taken")]
    Taken,
    /// It is for the privileged.
    #[error("the app has no privileges, which ports below {least} need")]
    Privileged {
        /// The first port for everybody.
        least: u16,
    },
    /// The system refused.
    #[error(transparent)]
    System(SysError),
}

impl CellError {
    /// How the program ends.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_)
            | Self::NotA { .. }
            | Self::Shared(_)
            | Self::InApp { .. }
            | Self::Buildpack(_)
            | Self::Twice(_)
            | Self::Unknown(_)
            | Self::Variable(_)
            | Self::Uncontained(_)
            | Self::Port { .. } => ExitCode::Usage,
            Self::Buildpacks(error) => match error.kind() {
                ErrorKind::Cancelled => ExitCode::Interrupted,
                ErrorKind::Usage => ExitCode::Usage,
                ErrorKind::NoSpace | ErrorKind::Quota => ExitCode::NoRoom,
                // The store's own fault, not that of any buildpack.
                ErrorKind::ReadOnly => ExitCode::Failed,
                _ if matches!(error, CacheError::Store(_)) => ExitCode::Failed,
                _ => ExitCode::Source,
            },
            Self::Clone { source, .. } => match source {
                CloneFault::Interrupted => ExitCode::Interrupted,
                _ => ExitCode::Source,
            },
            Self::Prepare(error) | Self::Output { source: error, .. } if is_short(error) => ExitCode::NoRoom,
            Self::Prepare(_)
            | Self::Output { .. }
            | Self::Untold { .. }
            | Self::NoOutput { .. }
            | Self::NoAnswer
            | Self::Demo(_) => ExitCode::Failed,
            Self::App { .. } | Self::Droplet { .. } | Self::Copy { .. } => ExitCode::Source,
            Self::Runtime(_) | Self::Dynamic { .. } => ExitCode::Runtime,
            Self::Builder { code } => ExitCode::Inside(*code),
            Self::BuilderSignal { signal, .. } => ExitCode::of_signal(*signal),
            Self::NoRoom(_) => ExitCode::NoRoom,
            Self::TimedOut { .. } => ExitCode::TimedOut,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }

    /// What the reader can do, a line each.
    #[must_use]
    pub fn help(&self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::App { .. } => &["give a directory, or an archive: zip, tgz or tar"],
            Self::Buildpacks(error) => match error.kind() {
                ErrorKind::NoSpace => &["cellcache df", "cellcache evict --all-unleased makes room"],
                ErrorKind::Quota => &[
                    "cellcache lease list",
                    "or raise --quota, or --scratch-quota for private copies and views",
                ],
                ErrorKind::ReadOnly => {
                    &["name another store with --store, or have it mounted to be written to"]
                }
                ErrorKind::OfflineMissing => &["stage once without --offline"],
                ErrorKind::ArchiveKind => &["a buildpack is a directory, a zip, a tgz or a tar"],
                ErrorKind::Transport | ErrorKind::Status => {
                    &["cellcache doctor shows proxies and certificates"]
                }
                _ => &[],
            },
            Self::Clone {
                source: CloneFault::Offline,
                ..
            } => &["a repository is asked in every staging: give a directory or an archive of it"],
            Self::Runtime(RuntimeError::Identity(Impossible::NeedsRoot)) => {
                &["leave --privileged out: an ordinary user has containers with a user namespace"]
            }
            Self::Runtime(_) => &[
                "--runtime embedded, runc or crun; --privileged for a container without a user namespace",
                "--runtime none runs the buildpacks' scripts on this machine, as you and without a container",
            ],
            Self::Dynamic { .. } => &[
                "name a static builder with --builder: RUSTFLAGS=\"-C target-feature=+crt-static\" cargo build \
                 --release -p builder --target x86_64-unknown-linux-gnu",
            ],
            Self::BuilderSignal { memory: Some(_), .. } => {
                &["the limit of memory may be too low: raise --memory"]
            }
            Self::Builder { code: 222 } => {
                &["no buildpack knows this application: --no-detect uses those that were given all the same"]
            }
            Self::TimedOut { .. } => &["raise --timeout"],
            Self::NoRoom(_) => &["name a directory on a larger disk with --scratch, or lower --keep-free"],
            Self::Prepare(error) if is_short(error) => &["name a directory on a larger disk with --scratch"],
            Self::Droplet {
                source: DropletFault::NotWhole | DropletFault::NoApp | DropletFault::Directory,
                ..
            } => &["a droplet is what `cell stage` leaves as droplet.tgz in its directory of results"],
            Self::Droplet {
                source: DropletFault::NoCommand,
                ..
            } => &["give the command: cell run DROPLET -- COMMAND"],
            Self::Droplet {
                source: DropletFault::NotUnpacked,
                ..
            } => &[
                "nothing of it was started: what its user may not make, such as a device, cannot be in a droplet",
            ],
            Self::Output { .. } => &["name another directory with --out"],
            Self::Shared(_) => {
                &["give each staging a directory of its own with --out, or wait for the other one"]
            }
            Self::Port {
                source: PortFault::Privileged { least },
                ..
            } => {
                return vec![format!(
                    "give a port from {least} on, or none; the limit is the system's net.ipv4.ip_unprivileged_port_start"
                )];
            }
            Self::Port { .. } => &["give another port, or none: then one is taken that is free"],
            Self::InApp { option, .. } => return vec![format!("name another directory with {option}")],
            Self::Unknown(_) => {
                &["a buildpack's name is what -b says before the `=`, else the last part of its source"]
            }
            _ => &[],
        };
        words.iter().map(|line| (*line).to_owned()).collect()
    }
}

/// What the builder's exit codes say (builder contract §17).
const fn meaning(code: u8) -> &'static str {
    match code {
        222 => ": no buildpack detected the application",
        223 => ": the final buildpack failed",
        224 => ": the final buildpack's release failed",
        225 => ": a buildpack failed while supplying, or was not found",
        _ => "",
    }
}

/// Whether the disk is full.
pub(crate) fn is_short(error: &SysError) -> bool {
    matches!(error.errno(), libc::ENOSPC | libc::EDQUOT)
}

/// An error and its causes, joined by `: `; a cause that only repeats what it caused is left out.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut last = text.clone();
    let mut cause = error.source();
    while let Some(current) = cause {
        let words = current.to_string();
        if words != last && !words.is_empty() {
            text.push_str(": ");
            text.push_str(&words);
        }
        last = words;
        cause = current.source();
    }
    text
}
