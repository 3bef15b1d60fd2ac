//! The output of `bin/release`: default start commands (builder contract §10.2).

use super::fields::Reader;
use super::process::Process;
use crate::yaml::{self, YamlError};

/// Reads the default processes, in document order; everything else in the output is ignored.
pub fn parse(bytes: &[u8]) -> Result<Vec<Process>, YamlError> {
    let root = yaml::parse(bytes)?;
    let mut reader = Reader::default();
    let members = reader.members(&root, "buildpackrunner.Release");
    let types = reader.member(members, "default_process_types");
    let processes = types.map_or_else(Vec::new, |types| {
        reader.text_map(types, "buildpackapplifecycle.ProcessTypes")
    });
    reader.finish(
        processes
            .into_iter()
            .map(|(kind, command)| Process::new(kind, command))
            .collect(),
    )
}

#[cfg(test)]
mod tests;
