//! The environment of git.

use std::ffi::{OsStr, OsString};

/// The transports that a buildpack and its submodules may come by; files are a case of their own (G-01).
pub(super) const TRANSPORTS: [&str; 4] = ["http", "https", "ssh", "git"];

/// Who decides how ssh is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ssh {
    /// We do, unless the environment has a word in it.
    Ours,
    /// Somebody has configured it for git.
    Configured,
}

/// What would let the environment point git at another repository, ask somebody, or widen what is allowed.
const REMOVED: [&str; 19] = [
    "GIT_ALLOW_PROTOCOL",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ASKPASS",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_PROTOCOL_FROM_USER",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_TERMINAL_PROMPT",
    "GIT_TRACE_REDACT",
    "GIT_WORK_TREE",
    "SSH_ASKPASS",
    "SSH_ASKPASS_REQUIRE",
];

pub(super) fn for_git(
    inherited: Vec<(OsString, OsString)>,
    ssh: Ssh,
    is_local: bool,
) -> Vec<(OsString, OsString)> {
    let kept = inherited
        .into_iter()
        .filter(|(name, _)| !REMOVED.iter().any(|removed| name == removed));
    let mut variables: Vec<_> = kept.collect();
    let has_ssh = variables
        .iter()
        .any(|(name, value)| is_ssh_choice(name) && !value.is_empty());
    let mut set = |name: &str, value: &str| variables.push((name.into(), value.into()));
    set("GIT_TERMINAL_PROMPT", "0");
    set("GIT_NO_REPLACE_OBJECTS", "1");
    set("GIT_TEMPLATE_DIR", "");
    set("GIT_TRACE_REDACT", "1");
    if !is_local {
        set("GIT_ALLOW_PROTOCOL", &TRANSPORTS.join(":"));
    }
    if ssh == Ssh::Ours && !has_ssh {
        variables.retain(|(name, _)| name != "GIT_SSH_COMMAND");
        variables.push(("GIT_SSH_COMMAND".into(), "ssh -oBatchMode=yes".into()));
    }
    variables
}

fn is_ssh_choice(name: &OsStr) -> bool {
    name == "GIT_SSH_COMMAND" || name == "GIT_SSH"
}
