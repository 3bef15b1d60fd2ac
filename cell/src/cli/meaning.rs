//! From what was typed to what it means.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cache::sys::fs::{is_folder, is_plain_file};
use cache::view::WantedWay;

use super::args;
use crate::bundle::{Isolation, RootFs};
use crate::demo;
use crate::env::Environment;
use crate::error::CellError;
use crate::host::Store;
use crate::job::{Bring, Confinement, Job, Placing};
use crate::model::app;
use crate::model::buildpack::{Buildpack, Name};
use crate::model::limits::Memory;
use crate::model::variables::{InvalidVariable, Variable};
use crate::places;
use crate::run::Start;

/// What `stage` is to do.
pub(super) fn job(typed: &args::Stage, environment: &Environment) -> Result<Job, CellError> {
    let parse = |text: &OsString| Buildpack::parse(text).map_err(CellError::Buildpack);
    let buildpacks: Vec<_> = typed.buildpacks.iter().map(parse).collect::<Result<_, _>>()?;
    Buildpack::check_names(&buildpacks).map_err(CellError::Twice)?;
    let app = environment.absolute(&typed.app);
    let name = app::name(&app);
    let out = typed
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{name}-staged")));
    let mut confinement = confinement(&typed.container, typed.process.memory, environment)?;
    confinement.timeout = Some(typed.timeout.0);
    confinement.builder = typed.builder.as_deref().map(|path| environment.absolute(path));
    Ok(Job {
        name,
        detect: !typed.no_detect,
        out: environment.absolute(&out),
        app,
        stack: typed.stack.clone(),
        variables: variables(&typed.process.env, environment)?,
        reproducible: typed.reproducible,
        explain: typed.explain,
        placing: Placing {
            way: typed.placement,
            private: private(&typed.private_buildpacks, &buildpacks)?,
        },
        confinement,
        bring: Bring::Shared {
            way: way(typed.shown.way.into(), typed.container.runtime)?,
            map_owner: !typed.shown.no_map_owner,
        },
        store: store(&typed.store, environment),
        buildpacks,
    })
}

/// A view that shares files needs a container.
fn way(wanted: WantedWay, runtime: args::Runtime) -> Result<WantedWay, CellError> {
    match (runtime, wanted) {
        // Through links the scripts, which are this user, could write into the store.
        (args::Runtime::None, WantedWay::Slots | WantedWay::Symlinks | WantedWay::Links) => {
            Err(CellError::Uncontained(wanted.name()))
        }
        (_, wanted) => Ok(wanted),
    }
}

/// Names of buildpacks that were given.
fn private(typed: &[String], buildpacks: &[Buildpack]) -> Result<Vec<Name>, CellError> {
    let find = |name: &String| {
        let known = buildpacks.iter().map(|buildpack| &buildpack.name);
        let found = known.clone().find(|known| known.as_str() == name);
        found.cloned().ok_or_else(|| CellError::Unknown(name.clone()))
    };
    typed.iter().map(find).collect()
}

/// What `run` is to do.
pub(super) fn start(typed: &args::Run, environment: &Environment) -> Result<Start, CellError> {
    let mut droplet = environment.absolute(&typed.droplet);
    // The results of a staging stand for their droplet.
    let among = droplet.join(places::DROPLET_FILE);
    if is_plain_file(&among) {
        droplet = among;
    }
    Ok(Start {
        name: app::name(&droplet),
        droplet,
        command: command(&typed.command),
        port: typed.port,
        stack: typed.stack.clone(),
        variables: variables(&typed.process.env, environment)?,
        confinement: confinement(&typed.container, typed.process.memory, environment)?,
    })
}

/// One word is a line for a shell; several are a program and its arguments, each as it was typed.
fn command(words: &[String]) -> Option<String> {
    match words {
        [] => None,
        [line] => Some(line.clone()),
        words => {
            let quoted = words.iter().map(|word| quoted(word));
            Some(quoted.collect::<Vec<_>>().join(" "))
        }
    }
}

/// A word that a shell takes as it stands.
fn quoted(word: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || "_-./:,+@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_bare) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What `demo` is to do.
pub(super) fn demo(typed: &args::Demo, environment: &Environment) -> Result<demo::Demo, CellError> {
    let memory = Memory { bytes: 1 << 30 };
    Ok(demo::Demo {
        verbose: typed.verbose,
        heavy: demo::Shape {
            files: typed.files,
            length: typed.file_size,
        },
        rounds: typed.rounds,
        confinement: confinement(&typed.container, memory, environment)?,
    })
}

fn confinement(
    typed: &args::Container,
    memory: Memory,
    environment: &Environment,
) -> Result<Confinement, CellError> {
    let absolute = |path: &Path| environment.absolute(path);
    let root = match typed.rootfs.as_deref().map(absolute) {
        None => RootFs::Host,
        Some(path) if is_folder(&path) => RootFs::Directory(path),
        Some(path) => {
            return Err(CellError::NotA {
                path,
                wanted: "directory",
            });
        }
    };
    Ok(Confinement {
        runtime: typed.runtime.into(),
        isolation: if typed.privileged {
            Isolation::Privileged
        } else {
            Isolation::UserNamespace
        },
        root,
        memory,
        timeout: None,
        builder: None,
        keep_free: typed.keep_free.bytes,
        scratch: match &typed.scratch {
            Some(path) => absolute(path),
            None => environment.temporary.clone(),
        },
    })
}

fn variables(typed: &[OsString], environment: &Environment) -> Result<Vec<Variable>, CellError> {
    let here = |name: &str| Some(environment.get(name)?.to_str()?.to_owned());
    let parse = |text: &OsString| {
        let text = text.to_str().ok_or(InvalidVariable::NotText)?;
        Variable::parse(text, here)
    };
    typed
        .iter()
        .map(parse)
        .collect::<Result<_, _>>()
        .map_err(CellError::Variable)
}

/// The options as `cellcache` reads them.
fn store(typed: &args::Store, environment: &Environment) -> Store {
    let mut options = Vec::new();
    let mut add = |name: &str, value: OsString| {
        let mut word = OsString::from(format!("--{name}="));
        word.push(value);
        options.push(word);
    };
    let paths = [("store", &typed.store), ("config", &typed.config)];
    for (name, path) in paths {
        if let Some(path) = path {
            add(name, path.clone().into());
        }
    }
    let texts = [
        ("quota", &typed.quota),
        ("scratch-quota", &typed.scratch_quota),
        ("fresh-for", &typed.fresh_for),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            add(name, text.into());
        }
    }
    for path in &typed.ca_cert {
        add("ca-cert", path.clone().into());
    }
    if typed.offline {
        add("offline", "true".into());
    }
    Store::new(options, environment.variables.clone())
}

#[cfg(test)]
mod tests;
