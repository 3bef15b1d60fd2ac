//! `staging_info.yml`: what the launcher reads inside the droplet (builder contract §13).

use super::config_yml::BuildpackRecord;
use super::process::StartCommands;
use super::staging_result::{config, member};
use crate::json::Writer;

/// Renders the file: one line of JSON, in the subset that a YAML 1.1 reader takes too.
#[must_use]
pub fn render(last: &BuildpackRecord, commands: &StartCommands) -> Vec<u8> {
    let mut json = Writer::new();
    json.open_object();
    member(&mut json, "detected_buildpack", &last.name);
    member(&mut json, "start_command", commands.web().unwrap_or_default());
    config(&mut json, last.config.as_ref());
    json.close_object();
    json.into_line()
}

#[cfg(test)]
mod tests;
