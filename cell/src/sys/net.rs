//! Ports of this machine.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use cache::sys::SysError;

/// How long a connection to this machine may take.
const PATIENCE: Duration = Duration::from_millis(200);

/// A port that nobody listens at now.
pub fn free_port() -> Result<u16, SysError> {
    let refused = |error| SysError::new("bind", "127.0.0.1", error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(refused)?;
    Ok(listener.local_addr().map_err(refused)?.port())
}

/// Whether nobody listens at this port.
#[must_use]
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}

/// Whether somebody answers at this port.
#[must_use]
pub fn answers(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE).is_ok()
}
