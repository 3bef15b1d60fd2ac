//! `Procfile`: the start commands that the application itself names (builder contract §10.2).

use super::fields::Reader;
use super::process::Process;
use crate::yaml::{self, YamlError};

/// Reads the processes, in document order.
pub fn parse(bytes: &[u8]) -> Result<Vec<Process>, YamlError> {
    let root = yaml::parse(bytes)?;
    let mut reader = Reader::default();
    let processes = reader.text_map(&root, "map[string]string");
    reader.finish(
        processes
            .into_iter()
            .map(|(kind, command)| Process::new(kind, command))
            .collect(),
    )
}

#[cfg(test)]
mod tests;
