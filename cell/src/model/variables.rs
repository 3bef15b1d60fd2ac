//! The environment that the platform gives to a staging and to a started application.

use serde::Serialize;

use super::limits::Memory;

/// Where programs are looked for, as in the platform's containers.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The most open files of one process, as the platform has it: told, and kept.
pub const FILES: u64 = 16_384;

/// The user of an application, inside.
pub const USER: &str = "vcap";

/// A variable that somebody typed as `NAME=VALUE`; the value may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A text that is no variable. Does not repeat it, since its value may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVariable {
    /// No name.
    #[error("Expected NAME=VALUE, or NAME for a variable that is set here")]
    Nameless,
    /// A name alone, and nothing by that name.
    #[error("That variable is not set here: say NAME=VALUE")]
    Unset,
    /// A zero byte cannot stand in a variable.
    #[error("A variable cannot hold a zero byte")]
    Zero,
    /// Not UTF-8.
    #[error("Expected UTF-8")]
    NotText,
}

/// What the environment tells about the application.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Its name.
    pub app: &'a str,
    /// The stack, for instance `cflinuxfs4`.
    pub stack: &'a str,
    /// Its limit of memory.
    pub memory: Memory,
    /// The language of programs, one that the root file system has.
    pub language: &'a str,
    /// The droplet is to depend on nothing but its contents.
    pub is_reproducible: bool,
    /// The user's directory, as the process sees it.
    pub home: &'a str,
    /// The directory for temporary files, as the process sees it.
    pub temporary: &'a str,
}

/// `VCAP_APPLICATION`, as far as it can be known without a platform.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the platform's names")]
struct Application<'a> {
    application_name: &'a str,
    name: &'a str,
    application_id: &'static str,
    application_version: &'static str,
    version: &'static str,
    space_name: &'static str,
    organization_name: &'static str,
    application_uris: Vec<String>,
    uris: Vec<String>,
    limits: Limits,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
}

#[derive(Serialize)]
struct Limits {
    mem: u64,
    disk: u64,
    fds: u64,
}

/// An application has this id where there is no platform.
const ID: &str = "00000000-0000-0000-0000-000000000000";

impl Variable {
    /// Reads `NAME=VALUE`; `look_up` is asked for a name alone.
    pub fn parse(text: &str, look_up: impl FnOnce(&str) -> Option<String>) -> Result<Self, InvalidVariable> {
        if text.contains('\0') {
            return Err(InvalidVariable::Zero);
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => (text, look_up(text).ok_or(InvalidVariable::Unset)?),
        };
        if name.is_empty() {
            return Err(InvalidVariable::Nameless);
        }
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

/// What every process of a staging sees; what was typed wins.
#[must_use]
pub fn staging(facts: &Facts<'_>, typed: &[Variable]) -> Vec<(String, String)> {
    let application = application(facts, None);
    let memory = facts.memory.megabytes();
    let mut given = vec![
        ("HOME", facts.home),
        ("USER", USER),
        ("PATH", PATH),
        ("LANG", facts.language),
        ("TMPDIR", facts.temporary),
        ("CF_STACK", facts.stack),
        ("VCAP_APPLICATION", &application),
        ("VCAP_SERVICES", "{}"),
        ("MEMORY_LIMIT", &memory),
    ];
    if facts.is_reproducible {
        // The time of everything in a droplet that is to be the same tomorrow.
        given.push(("SOURCE_DATE_EPOCH", "0"));
    }
    merged(&given, typed)
}

/// What a started application sees before its scripts in `profile.d` run; what was typed wins.
#[must_use]
pub fn running(facts: &Facts<'_>, root: &str, port: u16, typed: &[Variable]) -> Vec<(String, String)> {
    let application = application(facts, Some(port));
    let port = port.to_string();
    let given = [
        ("HOME", facts.home),
        ("USER", USER),
        ("PATH", PATH),
        ("LANG", facts.language),
        ("TMPDIR", facts.temporary),
        ("DEPS_DIR", &format!("{root}/deps")),
        ("PORT", &port),
        ("VCAP_APP_PORT", &port),
        ("VCAP_APP_HOST", "0.0.0.0"),
        ("CF_INSTANCE_INDEX", "0"),
        ("CF_INSTANCE_IP", "127.0.0.1"),
        ("CF_INSTANCE_INTERNAL_IP", "127.0.0.1"),
        ("CF_INSTANCE_PORT", &port),
        ("CF_INSTANCE_ADDR", &format!("127.0.0.1:{port}")),
        ("INSTANCE_INDEX", "0"),
        ("VCAP_APPLICATION", &application),
        ("VCAP_SERVICES", "{}"),
        ("MEMORY_LIMIT", &facts.memory.megabytes()),
    ];
    merged(&given, typed)
}

fn merged(given: &[(&str, &str)], typed: &[Variable]) -> Vec<(String, String)> {
    let is_typed = |name: &str| typed.iter().any(|variable| variable.name == name);
    let kept = given.iter().filter(|(name, _)| !is_typed(name));
    let kept = kept.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let typed = typed
        .iter()
        .map(|variable| (variable.name.clone(), variable.value.clone()));
    kept.chain(typed).collect()
}

fn application(facts: &Facts<'_>, port: Option<u16>) -> String {
    let uris: Vec<String> = port.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let told = Application {
        application_name: facts.app,
        name: facts.app,
        application_id: ID,
        application_version: ID,
        version: ID,
        space_name: "cell",
        organization_name: "cell",
        application_uris: uris.clone(),
        uris,
        limits: Limits {
            mem: facts.memory.bytes >> 20,
            disk: 1024,
            fds: FILES,
        },
        instance_index: port.map(|_| 0),
        port,
    };
    // Fails only for maps whose keys are no text; there is none.
    serde_json::to_string(&told).unwrap_or_default()
}

#[cfg(test)]
mod tests;
