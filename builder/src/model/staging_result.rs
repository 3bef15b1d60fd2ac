//! The result file: what the platform reads about a staging (builder contract §12).

use std::collections::BTreeMap;

use super::config_yml::{BuildpackConfig, BuildpackRecord};
use super::process::{Process, StartCommands};
use crate::json::Writer;
use crate::yaml::Value;

/// The result of a staging that has come to the build, or further.
#[derive(Debug, Clone, PartialEq)]
pub struct StagingResult<'r> {
    /// The buildpacks that took part, the final one last.
    pub buildpacks: &'r [BuildpackRecord],
    /// The start commands; `None` for the failure form.
    pub commands: Option<&'r StartCommands>,
}

impl StagingResult<'_> {
    /// The file's bytes: one compact JSON object and a line end.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let mut json = Writer::new();
        json.open_object();
        self.lifecycle_metadata(&mut json);
        if let Some(commands) = self.commands {
            start_commands(&mut json, commands);
        } else {
            json.key(b"process_types");
            json.null();
        }
        member(&mut json, "execution_metadata", b"");
        member(&mut json, "lifecycle_type", b"buildpack");
        json.close_object();
        json.into_line()
    }

    fn lifecycle_metadata(&self, json: &mut Writer) {
        let nothing = BuildpackRecord::default();
        let last = self.buildpacks.last().unwrap_or(&nothing);
        json.key(b"lifecycle_metadata");
        json.open_object();
        member_unless_empty(json, "buildpack_key", &last.key);
        member(json, "detected_buildpack", &last.name);
        json.key(b"buildpacks");
        json.open_list();
        self.buildpacks.iter().for_each(|record| buildpack(json, record));
        json.close_list();
        json.close_object();
    }
}

fn buildpack(json: &mut Writer, record: &BuildpackRecord) {
    json.open_object();
    member(json, "key", &record.key);
    member(json, "name", &record.name);
    member_unless_empty(json, "version", &record.version);
    config(json, record.config.as_ref());
    if !record.output_metadata.is_empty() {
        json.key(b"output_metadata");
        metadata(json, &record.output_metadata);
    }
    json.close_object();
}

/// Writes the member `config`, if there is one.
pub(super) fn config(json: &mut Writer, config: Option<&BuildpackConfig>) {
    let Some(config) = config else { return };
    json.key(b"config");
    json.open_object();
    member_unless_empty(json, "entrypoint_prefix", &config.entrypoint_prefix);
    json.close_object();
}

fn start_commands(json: &mut Writer, commands: &StartCommands) {
    json.key(b"process_types");
    json.open_object();
    for (kind, command) in &commands.process_types {
        json.key(kind);
        json.text(command);
    }
    json.close_object();
    list(json, "processes", &commands.processes, |json, process| {
        member(json, "type", &process.kind);
        member(json, "command", &process.command);
    });
    list(json, "sidecars", &commands.sidecars, sidecar);
}

fn sidecar(json: &mut Writer, sidecar: &Process) {
    member(json, "name", &sidecar.kind);
    json.key(b"process_types");
    json.open_list();
    sidecar.sidecar_for.iter().for_each(|kind| json.text(kind));
    json.close_list();
    member(json, "command", &sidecar.command);
    if sidecar.memory != 0 {
        json.key(b"memory");
        json.integer(sidecar.memory);
    }
}

/// Writes a list of objects, which is left out when empty.
fn list(json: &mut Writer, name: &str, items: &[Process], write: impl Fn(&mut Writer, &Process)) {
    if items.is_empty() {
        return;
    }
    json.key(name.as_bytes());
    json.open_list();
    for item in items {
        json.open_object();
        write(json, item);
        json.close_object();
    }
    json.close_list();
}

/// Writes a text member.
pub(super) fn member(json: &mut Writer, name: &str, text: &[u8]) {
    json.key(name.as_bytes());
    json.text(text);
}

fn member_unless_empty(json: &mut Writer, name: &str, text: &[u8]) {
    if !text.is_empty() {
        member(json, name, text);
    }
}

/// A step of writing a nested value without recursion: its depth is the buildpack's choice.
enum Step<'v> {
    Value(&'v Value),
    Key(&'v [u8]),
    CloseList,
    CloseObject,
}

fn metadata(json: &mut Writer, members: &[(Vec<u8>, Value)]) {
    let mut steps = Vec::new();
    open_object(json, members, &mut steps);
    while let Some(step) = steps.pop() {
        match step {
            Step::Key(name) => json.key(name),
            Step::CloseList => json.close_list(),
            Step::CloseObject => json.close_object(),
            Step::Value(Value::List(items)) => {
                json.open_list();
                steps.push(Step::CloseList);
                steps.extend(items.iter().rev().map(Step::Value));
            }
            Step::Value(Value::Map(members)) => open_object(json, members, &mut steps),
            Step::Value(scalar) => write_scalar(json, scalar),
        }
    }
}

fn open_object<'v>(json: &mut Writer, members: &'v [(Vec<u8>, Value)], steps: &mut Vec<Step<'v>>) {
    json.open_object();
    steps.push(Step::CloseObject);
    // Sorted by name as the legacy's maps are; of two names that became equal as text the later one counts.
    let sorted: BTreeMap<&[u8], &Value> = members
        .iter()
        .map(|(name, value)| (name.as_slice(), value))
        .collect();
    for (name, value) in sorted.into_iter().rev() {
        steps.push(Step::Value(value));
        steps.push(Step::Key(name));
    }
}

fn write_scalar(json: &mut Writer, scalar: &Value) {
    match scalar {
        Value::Bool(value) => json.boolean(*value),
        Value::Int(value) => json.integer(*value),
        Value::Uint(value) => json.integer(*value),
        Value::Float(value) => json.float(*value),
        Value::Text(text) => json.text(text),
        Value::Null | Value::List(_) | Value::Map(_) => json.null(),
    }
}

#[cfg(test)]
mod tests;
