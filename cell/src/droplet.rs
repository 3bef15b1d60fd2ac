//! What a droplet says of itself.

use std::io::{self, Read};
use std::path::Path;

use builder::yaml;
use cache::sys::SysError;
use flate2::read::MultiGzDecoder;

use crate::error::DropletFault;
use crate::sys::disk;

/// The member that tells how the application is started (builder contract §13).
const INFO: &[u8] = b"staging_info.yml";

/// Most that is read of it, in bytes.
const LIMIT: u64 = 1 << 20;

/// The command that starts the web process.
pub fn start_command(droplet: &Path) -> Result<String, DropletFault> {
    let file = disk::open_plain(droplet)?;
    let broken = |error: io::Error| SysError::new("read", droplet, error);
    let mut archive = tar::Archive::new(MultiGzDecoder::new(io::BufReader::new(file)));
    // As they stand: the names of other members may be as long as the archive says, and are not wanted in memory.
    let members = archive.entries().map_err(broken)?.raw(true);
    for member in members {
        let member = member.map_err(broken)?;
        let name = member.path_bytes();
        if name.strip_prefix(b"./").unwrap_or(&name) != INFO {
            continue;
        }
        let mut text = Vec::new();
        member.take(LIMIT).read_to_end(&mut text).map_err(broken)?;
        return read(&text);
    }
    Err(DropletFault::NoCommand)
}

/// Reads `start_command`; the file is YAML, of which JSON is a part.
fn read(text: &[u8]) -> Result<String, DropletFault> {
    let node = yaml::parse(text).map_err(|_| DropletFault::Malformed)?;
    let members = node.as_map().ok_or(DropletFault::Malformed)?;
    let is_command = |key: &yaml::Node| key.as_text().is_some_and(|text| text == b"start_command");
    let command = members.iter().find(|(key, _)| is_command(key));
    let command = command.and_then(|(_, value)| value.as_text()).unwrap_or_default();
    if command.is_empty() {
        return Err(DropletFault::NoCommand);
    }
    String::from_utf8(command).map_err(|_| DropletFault::Malformed)
}

#[cfg(test)]
mod tests;
