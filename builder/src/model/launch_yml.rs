//! `launch.yml`: the start commands of one buildpack (builder contract §10.2).

use super::fields::Reader;
use super::process::Process;
use crate::yaml::{self, Node, YamlError};

/// Reads the items of a launch file, in order.
pub fn parse(bytes: &[u8]) -> Result<Vec<Process>, YamlError> {
    let root = yaml::parse(bytes)?;
    let mut reader = Reader::default();
    let members = reader.members(&root, "resources.LaunchData");
    let list = reader.member(members, "processes");
    let elements = list.map_or(&[][..], |list| reader.elements(list, "[]resources.Process"));
    let processes = elements
        .iter()
        .map(|element| process(&mut reader, element))
        .collect();
    reader.finish(processes)
}

/// A null element is an entry with everything empty.
fn process(reader: &mut Reader, node: &Node) -> Process {
    let members = reader.members(node, "resources.Process");
    let mut text = |name| {
        reader
            .member(members, name)
            .map(|node| reader.text(node))
            .unwrap_or_default()
    };
    let (kind, command) = (text("type"), text("command"));
    let memory = nested(reader, members, &["limits", "memory"]).map_or(0, |node| reader.integer(node));
    let types = nested(reader, members, &["platforms", "cloudfoundry", "sidecar_for"]);
    let types = types.map_or(&[][..], |list| reader.elements(list, "[]string"));
    let sidecar_for = types.iter().map(|node| reader.text(node)).collect();
    Process {
        kind,
        command,
        sidecar_for,
        memory,
    }
}

/// The value at the end of a path of mappings.
fn nested<'n>(reader: &mut Reader, mut members: &'n [(Node, Node)], path: &[&str]) -> Option<&'n Node> {
    let (last, way) = path.split_last()?;
    for name in way {
        let node = reader.member(members, name)?;
        members = reader.members(node, "map");
    }
    reader.member(members, last)
}

#[cfg(test)]
mod tests;
