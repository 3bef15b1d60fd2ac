//! An origin on this machine: serves the files of one directory over HTTP, each with an `ETag`.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use cache::sys::SysError;

use crate::sys::disk;

/// Longest line of a request that is read, in bytes.
const LINE: u64 = 8 << 10;

/// How long a client may take for its question.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server; it ends when this is dropped.
pub(super) struct Origin {
    address: SocketAddr,
    sent: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Origin {
    /// Serves the files of `directory`.
    pub(super) fn serve(directory: PathBuf) -> Result<Self, SysError> {
        let refused = |error| SysError::new("bind", "127.0.0.1", error);
        let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(refused)?;
        let origin = Self {
            address: door.local_addr().map_err(refused)?,
            sent: Arc::default(),
            is_over: Arc::default(),
        };
        let (sent, is_over) = (Arc::clone(&origin.sent), Arc::clone(&origin.is_over));
        thread::spawn(move || {
            for peer in door.incoming().flatten() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (directory, sent) = (directory.clone(), Arc::clone(&sent));
                // A client that goes away is the client's affair.
                thread::spawn(move || drop(answer(&peer, &directory, &sent)));
            }
        });
        Ok(origin)
    }

    /// The address of a file.
    pub(super) fn address(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// Bytes of bodies sent since it was asked last.
    pub(super) fn sent(&self) -> u64 {
        self.sent.swap(0, Ordering::SeqCst)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The thread that waits for clients sees one more.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut peer: &TcpStream, directory: &Path, sent: &AtomicU64) -> io::Result<()> {
    peer.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(io::Read::take(peer, LINE)).lines();
    let question = lines.next().transpose()?.unwrap_or_default();
    let mut known = String::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("if-none-match")
        {
            value.trim().clone_into(&mut known);
        }
    }
    let name = question
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .trim_start_matches('/');
    let file = if name.contains('/') {
        None
    } else {
        disk::open_plain(&directory.join(name)).ok()
    };
    let Some(mut file) = file else {
        return peer.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let length = file.metadata()?.len();
    let tag = format!("\"{name}-{length}\"");
    if known == tag {
        let head = format!("HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nConnection: close\r\n\r\n");
        return peer.write_all(head.as_bytes());
    }
    let head =
        format!("HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // Before the client can have all of it, so that who asks for the figure then has it.
    sent.fetch_add(length, Ordering::SeqCst);
    peer.write_all(head.as_bytes())?;
    io::copy(&mut file, &mut peer).map(drop)
}
