//! What a droplet says of itself.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use builder::yaml;
use cache::ingest::download::Cancel;
use cache::sys::SysError;
use cache::sys::fs::read_bounded;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::error::DropletFault;
use crate::model::app;
use crate::model::report::Report;
use crate::places;
use crate::sys::disk;

/// The member that tells how the application is started (builder contract §13).
const INFO: &[u8] = b"staging_info.yml";

/// The directory of the application.
const APP: &[u8] = b"app";

/// Most that is read of a member or of a report, in bytes.
const LIMIT: u64 = 1 << 20;

/// A droplet that is whole and holds an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Droplet {
    /// The command that starts the web process, if it names one.
    pub command: Option<String>,
    /// The application's name, if the staging's report is still beside it.
    pub name: Option<String>,
}

/// Looks through a droplet, to its end: a torn one is told before anything is started. Ends early when it is to stop.
pub fn look(path: &Path, stop: &Cancel) -> Result<Droplet, DropletFault> {
    if cache::sys::fs::is_folder(path) {
        return Err(DropletFault::Directory);
    }
    let broken = |error: io::Error| match error.raw_os_error() {
        Some(_) => DropletFault::System(SysError::new("read", path, error)),
        None => DropletFault::NotWhole,
    };
    let mut packed = Hashing {
        file: BufReader::new(disk::open_plain(path)?),
        hash: Sha256::new(),
        stop,
    };
    let found = members(&mut packed).map_err(broken)?;
    if !found.has_app {
        return Err(DropletFault::NoApp);
    }
    Ok(Droplet {
        command: found.info.map_or(Ok(None), |text| read(&text))?,
        name: name(path, &hex::encode(packed.hash.finalize())),
    })
}

/// What there is among the members.
#[derive(Default)]
struct Found {
    has_app: bool,
    info: Option<Vec<u8>>,
}

fn members(packed: &mut Hashing<'_>) -> io::Result<Found> {
    let mut found = Found::default();
    let mut archive = tar::Archive::new(MultiGzDecoder::new(packed));
    // Raw: long names are not put together, so nothing of any length is kept.
    for member in archive.entries()?.raw(true) {
        let member = member?;
        let name = member.path_bytes().into_owned();
        let name = name.strip_prefix(b"./").unwrap_or(&name);
        found.has_app |= name.split(|byte| *byte == b'/').next() == Some(APP);
        if name == INFO {
            let mut text = Vec::new();
            member.take(LIMIT).read_to_end(&mut text)?;
            found.info = Some(text);
        }
    }
    // Behind the last member there are zeros, and the sums by which a torn archive is known.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink())?;
    io::copy(rest.get_mut(), &mut io::sink())?;
    Ok(found)
}

/// Reads `start_command`; the file is YAML, of which JSON is a part.
fn read(text: &[u8]) -> Result<Option<String>, DropletFault> {
    let node = yaml::parse(text).map_err(|_| DropletFault::Malformed)?;
    let members = node.as_map().ok_or(DropletFault::Malformed)?;
    let is_command = |key: &yaml::Node| key.as_text().is_some_and(|text| text == b"start_command");
    let command = members.iter().find(|(key, _)| is_command(key));
    let command = command.and_then(|(_, value)| value.as_text()).unwrap_or_default();
    let command = String::from_utf8(command).map_err(|_| DropletFault::Malformed)?;
    Ok((!command.is_empty()).then_some(command))
}

/// The name of the application, by a report of just these bytes.
fn name(droplet: &Path, sha256: &str) -> Option<String> {
    let text = read_bounded(&droplet.with_file_name(places::REPORT_FILE), LIMIT).ok()?;
    let report = Report::parse(&text).filter(|report| report.droplet.sha256 == sha256)?;
    Some(app::name(Path::new(&report.app)))
}

/// Bytes of a file, with their digest.
struct Hashing<'s> {
    file: BufReader<File>,
    hash: Sha256,
    stop: &'s Cancel,
}

impl Read for Hashing<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        // A few bytes of an archive may stand for gigabytes.
        if self.stop.is_cancelled() {
            return Err(io::Error::other("stopped"));
        }
        let count = self.file.read(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
