//! Ports of this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use cache::sys::SysError;

use super::files;

/// How long a connection to this machine may take.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// Most that is read of an answer, in bytes.
const MOST: u64 = 1 << 20;

/// A port that nobody listens at now.
pub fn free_port() -> Result<u16, SysError> {
    let refused = |error| SysError::new("bind", "127.0.0.1", error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(refused)?;
    Ok(listener.local_addr().map_err(refused)?.port())
}

/// Listens at this port for a moment: what is refused now is refused to others, too.
pub fn try_port(port: u16) -> Result<(), SysError> {
    let listened = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port));
    listened
        .map(drop)
        .map_err(|error| SysError::new("bind", format!("0.0.0.0:{port}"), error))
}

/// The first port that whoever has no privileges may listen at.
#[must_use]
pub fn least_port() -> u16 {
    let told = files::peek(Path::new("/proc/sys/net/ipv4/ip_unprivileged_port_start"), 64);
    let least = told.ok().and_then(|text| text.trim().parse().ok());
    least.unwrap_or(1024)
}

/// Whether somebody answers at this port.
#[must_use]
pub fn answers(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE).is_ok()
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The status.
    pub status: u16,
    /// The body, as far as it is kept.
    pub body: String,
}

impl Said {
    /// The first heading of a page.
    #[must_use]
    pub fn title(&self) -> String {
        let heading = self
            .body
            .split_once("<h1>")
            .and_then(|(_, rest)| rest.split_once("</h1>"));
        heading.map_or_else(String::new, |(title, _)| title.to_owned())
    }
}

/// Asks this machine at a port for a path; nothing where nobody answers.
#[must_use]
pub fn get(port: u16, path: &str) -> Option<Said> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut peer = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    peer.set_read_timeout(Some(ANSWER)).ok()?;
    peer.write_all(format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").as_bytes())
        .ok()?;
    let mut text = Vec::new();
    peer.take(MOST).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some(Said {
        status: head.split(' ').nth(1)?.parse().ok()?,
        body: body.to_owned(),
    })
}
