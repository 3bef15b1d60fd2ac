//! How a git repository is cloned: the arguments and the environment of git, decided before it is started (§6.4).
//!
//! What the plan makes sure of (threats G-01 to G-09): only known transports, nothing that reads as an option, nobody
//! is asked for anything, nothing of the repository runs on this machine, and the credentials of the URL appear neither
//! in arguments nor in the environment nor in the clone.

mod environment;
mod secret;

use std::ffi::{OsStr, OsString};
use std::os::fd::RawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::go_url::GoUrl;
pub use environment::Ssh;
pub use secret::Credentials;

/// Seconds after which git gives up on a transfer that is slower than [`LOW_SPEED`] (G-05).
const LOW_SPEED_SECONDS: u32 = 60;

/// Bytes per second.
const LOW_SPEED: u32 = 1;

/// A repository that git is not asked to clone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unclonable {
    /// Host, user, path or fragment begins like an option of a command.
    #[error("No part of the address may start with a dash")]
    LeadingDash,
    /// A decoded part holds a control character, which could forge lines of a protocol.
    #[error("The address holds an escaped control character")]
    ControlCharacter,
    /// User name and password, but no `//` in front of them; git would show them to everybody on this machine.
    #[error("The address has credentials but no host: `//` is missing after the scheme")]
    CredentialsWithoutHost,
    /// Credentials for a host whose name cannot stand in git's configuration.
    #[error("The address has credentials for a host with unusual characters")]
    UnusualHost,
}

/// How much history is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The newest commit only.
    Shallow,
    /// All of it.
    Full,
}

/// A clone, decided but not begun.
///
/// Every list of arguments is to be run with [`ClonePlan::environment`] and, if there are [`Credentials`], with their
/// text behind the descriptor that the list names. Has no `Debug`, since the address may carry a token in its query.
pub struct ClonePlan {
    /// Without user information, except for ssh, and without fragment.
    address: OsString,
    scheme: String,
    revision: Option<OsString>,
    destination: PathBuf,
    credentials: Option<Credentials>,
}

/// Plans the clone of `url` into `destination`.
pub fn plan(url: &GoUrl, destination: &Path) -> Result<ClonePlan, Unclonable> {
    refuse_hostile_parts(url)?;
    let credentials = Credentials::of(url)?;
    let address = address(url);
    Ok(ClonePlan {
        address: OsString::from_vec(address.expose()),
        scheme: url.scheme().to_owned(),
        revision: url
            .fragment()
            .map(|fragment| OsStr::from_bytes(fragment).to_owned()),
        destination: destination.to_owned(),
        credentials,
    })
}

/// Asks for the way in which git runs ssh when the environment has no word in it; git's status is 0 when there is one.
#[must_use]
pub fn ssh_setting() -> Vec<OsString> {
    ["config", "--get", "core.sshCommand"]
        .map(OsString::from)
        .to_vec()
}

/// The URL for git: no fragment, no password; of the user name only what ssh needs.
fn address(url: &GoUrl) -> GoUrl {
    let address = url.clone().without_fragment();
    if is_ssh(url.scheme()) {
        address.without_password()
    } else {
        address.without_user()
    }
}

impl ClonePlan {
    /// What git is to answer when a server asks who is there.
    #[must_use]
    pub const fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// Tells whether git will run ssh for this address itself, submodules aside; `host:path` is one, too.
    #[must_use]
    pub fn is_ssh(&self) -> bool {
        is_ssh(&self.scheme) || !self.address.as_bytes().windows(3).any(|window| window == b"://")
    }

    /// The environment for git, made from the builder's own.
    #[must_use]
    pub fn environment(&self, inherited: Vec<(OsString, OsString)>, ssh: Ssh) -> Vec<(OsString, OsString)> {
        environment::for_git(inherited, ssh, self.is_local())
    }

    /// `git clone`, recursively; a fragment names a branch or tag.
    #[must_use]
    pub fn clone_with(&self, depth: Depth, secret: Option<RawFd>) -> Vec<OsString> {
        let mut args = self.configuration(secret);
        args.push("clone".into());
        if depth == Depth::Shallow {
            args.extend(["--depth".into(), "1".into()]);
        }
        args.extend(["--recursive".into(), "--progress".into(), "--template=".into()]);
        if let Some(revision) = &self.revision {
            let mut branch = OsString::from("--branch=");
            branch.push(revision);
            args.push(branch);
        }
        args.extend(["--".into(), self.address.clone(), self.destination.clone().into()]);
        args
    }

    /// The commit that the fragment may mean when it names no branch and no tag (L-19).
    #[must_use]
    pub fn commit(&self) -> Option<CommitPlan<'_>> {
        let text = self.revision.as_ref()?.to_str()?;
        let is_hash = (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then_some(CommitPlan {
            plan: self,
            commit: text,
        })
    }

    fn is_local(&self) -> bool {
        self.scheme == "file"
    }

    /// Settings that win over those of the system, of the user and of the repository.
    fn configuration(&self, secret: Option<RawFd>) -> Vec<OsString> {
        let mut settings = vec![
            // Nothing of the repository or of a template runs (G-07).
            "core.hooksPath=/dev/null".to_owned(),
            "core.fsmonitor=false".to_owned(),
            // Only what was asked for is fetched (G-09).
            "transfer.bundleURI=false".to_owned(),
            // No process stays behind to tidy up.
            "gc.auto=0".to_owned(),
            "maintenance.auto=false".to_owned(),
            // Nobody is asked, and nobody is waited for without end (G-04, G-05).
            "core.askPass=".to_owned(),
            format!("http.lowSpeedLimit={LOW_SPEED}"),
            format!("http.lowSpeedTime={LOW_SPEED_SECONDS}"),
        ];
        settings.extend(self.transports().iter().copied().map(str::to_owned));
        if let (Some(credentials), Some(descriptor)) = (&self.credentials, secret) {
            settings.extend(credentials.configuration(descriptor));
        }
        settings
            .into_iter()
            .flat_map(|setting| ["-c".into(), setting.into()])
            .collect()
    }

    /// For local repositories the environment's list is too coarse: one may be cloned, but what it names as a
    /// submodule is for git to decide, which refuses local ones unless it is configured otherwise (G-01, G-03).
    fn transports(&self) -> &'static [&'static str] {
        if self.is_local() {
            &["protocol.ext.allow=never", "protocol.fd.allow=never"]
        } else {
            &[]
        }
    }
}

/// A checkout of one commit, in steps; each is run only when those before it have succeeded.
pub struct CommitPlan<'p> {
    plan: &'p ClonePlan,
    commit: &'p str,
}

impl CommitPlan<'_> {
    /// Looks for a branch or tag of this name; git's status is 2 when there is none.
    #[must_use]
    pub fn look_for_name(&self, secret: Option<RawFd>) -> Vec<OsString> {
        let refs =
            ["refs/heads/", "refs/tags/"].map(|place| OsString::from(format!("{place}{}", self.commit)));
        let words = ["ls-remote", "--exit-code", "--"].map(OsString::from);
        self.with_configuration(
            secret,
            words.into_iter().chain([self.plan.address.clone()]).chain(refs),
        )
    }

    /// Makes an empty repository.
    #[must_use]
    pub fn start(&self) -> Vec<OsString> {
        let words = ["init", "--quiet", "--template=", "--"].map(OsString::from);
        self.with_configuration(
            None,
            words.into_iter().chain([self.plan.destination.clone().into()]),
        )
    }

    /// Notes where it comes from, which submodules with relative addresses need.
    #[must_use]
    pub fn name_origin(&self) -> Vec<OsString> {
        let words = ["remote", "add", "--", "origin"].map(OsString::from);
        self.inside(None, words.into_iter().chain([self.plan.address.clone()]))
    }

    /// Fetches the commit; an abbreviated hash, or a server that gives out only what has a name, needs full depth.
    #[must_use]
    pub fn fetch(&self, depth: Depth, secret: Option<RawFd>) -> Vec<OsString> {
        let words: &[&str] = match depth {
            Depth::Shallow => &["fetch", "--depth", "1", "--progress", "--", "origin", self.commit],
            Depth::Full => &["fetch", "--progress", "--tags", "--", "origin"],
        };
        self.inside(secret, words.iter().map(OsString::from))
    }

    /// Tells whether the hash has its full length, so that a server can be asked for it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.commit.len(), 40 | 64)
    }

    /// Checks the commit out.
    #[must_use]
    pub fn check_out(&self) -> Vec<OsString> {
        self.inside(
            None,
            ["checkout", "--quiet", "--detach", self.commit, "--"].map(OsString::from),
        )
    }

    /// Brings in the submodules.
    #[must_use]
    pub fn bring_in_submodules(&self, secret: Option<RawFd>) -> Vec<OsString> {
        self.inside(
            secret,
            ["submodule", "update", "--init", "--recursive", "--progress"].map(OsString::from),
        )
    }

    fn inside(&self, secret: Option<RawFd>, words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
        let place = ["-C".into(), self.plan.destination.clone().into()];
        self.with_configuration(secret, place.into_iter().chain(words))
    }

    fn with_configuration(
        &self,
        secret: Option<RawFd>,
        words: impl IntoIterator<Item = OsString>,
    ) -> Vec<OsString> {
        self.plan.configuration(secret).into_iter().chain(words).collect()
    }
}

fn is_ssh(scheme: &str) -> bool {
    matches!(scheme, "ssh" | "git+ssh" | "ssh+git")
}

/// Refuses what a program down the line could read as an option or as a line of its own (G-02).
fn refuse_hostile_parts(url: &GoUrl) -> Result<(), Unclonable> {
    let (name, password) = url
        .user()
        .map_or((&b""[..], None), |user| (user.name(), user.password()));
    let fragment = url.fragment().unwrap_or_default();
    let parts = [
        url.host(),
        url.opaque(),
        name,
        password.unwrap_or_default(),
        url.path(),
        fragment,
    ];
    if parts.iter().any(|part| part.iter().any(u8::is_ascii_control)) {
        return Err(Unclonable::ControlCharacter);
    }
    if [url.host(), url.opaque(), name, fragment]
        .iter()
        .any(|part| part.starts_with(b"-"))
    {
        return Err(Unclonable::LeadingDash);
    }
    let is_transport = matches!(url.scheme(), "http" | "https" | "git" | "file") || is_ssh(url.scheme());
    if is_transport && url.opaque().contains(&b'@') {
        return Err(Unclonable::CredentialsWithoutHost);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
