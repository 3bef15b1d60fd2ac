//! The origin: as quick as an origin on loopback can be, so that what is measured is the cache.
//!
//! A path says how it is answered, by segments of the form `NAME=VALUE`; what else is in it only tells it from others.
//!
//! | segment | answer |
//! | --- | --- |
//! | `tar=FxB`, `tgz=FxB`, `zip=FxB` | an archive of F files of B bytes |
//! | `seed=N` | with another content |
//! | `size=N` | N bytes, other ones for each path |
//! | `delay=MS` | after a wait |
//! | `status=N` | this status and no body |
//!
//! `/asked/PATH` tells how often `/PATH` was asked for, `/cpu` the microseconds of CPU that the origin has used.
//! Everything has the same strong tag, and is not sent to whoever has it.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::made::Shape;
use crate::{made, measure};

const TAG: &str = "\"v1\"";

/// Connections that are served at once: threads stand ready, so that none needs to be started for a connection.
const AT_ONCE: usize = 256;

/// An archive, made once.
type Made = Arc<Vec<u8>>;

#[derive(Default)]
struct Origin {
    made: Mutex<HashMap<(&'static str, Shape), Made>>,
    asked: Mutex<HashMap<String, u64>>,
}

/// Prints the address and serves until the input ends.
pub(crate) fn run() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    println!("http://{}", listener.local_addr().expect("a bound socket"));
    let (listener, origin) = (Arc::new(listener), Arc::new(Origin::default()));
    for _ in 0..AT_ONCE {
        let (listener, origin) = (Arc::clone(&listener), Arc::clone(&origin));
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                // The peer may leave whenever it likes.
                let _ = origin.serve(stream);
            }
        });
    }
    let mut waste = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut waste);
}

impl Origin {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut head = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let came = stream.read(&mut buffer)?;
            if came == 0 {
                return Ok(());
            }
            head.extend_from_slice(&buffer[..came]);
            if !head.ends_with(b"\r\n\r\n") {
                continue;
            }
            let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
            self.answer(&text, &mut stream)?;
            if text.contains("\r\nconnection: close\r\n") {
                return Ok(());
            }
            head.clear();
        }
    }

    fn answer(&self, head: &str, stream: &mut TcpStream) -> std::io::Result<()> {
        let path = head.split(' ').nth(1).unwrap_or("/");
        if path == "/cpu" {
            return send(stream, 200, measure::cpu().as_micros().to_string().as_bytes());
        }
        if let Some(path) = path.strip_prefix("/asked") {
            let count = lock(&self.asked).get(path).copied().unwrap_or(0);
            return send(stream, 200, count.to_string().as_bytes());
        }
        *lock(&self.asked).entry(path.to_owned()).or_default() += 1;
        if let Some(delay) = value(path, "delay").and_then(|delay| delay.parse().ok()) {
            std::thread::sleep(Duration::from_millis(delay));
        }
        if let Some(status) = value(path, "status").and_then(|status| status.parse().ok()) {
            return send(stream, status, b"");
        }
        if head.contains(&format!("\r\nif-none-match: {TAG}\r\n")) {
            return send(stream, 304, b"");
        }
        let body = self.body(path);
        send(stream, 200, &body)
    }

    fn body(&self, path: &str) -> Arc<Vec<u8>> {
        if let Some(size) = value(path, "size").and_then(|size| size.parse().ok()) {
            let seed = path
                .bytes()
                .fold(7_u64, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte));
            return Arc::new(made::noise(size, seed));
        }
        let mut kinds = ["tar", "tgz", "zip"].into_iter();
        let Some((kind, shape)) = kinds.find_map(|kind| Some((kind, shape(path, kind)?))) else {
            return Arc::default();
        };
        let mut made = lock(&self.made);
        let made = made
            .entry((kind, shape))
            .or_insert_with(|| Arc::new(made::archive(kind, shape)));
        Arc::clone(made)
    }
}

fn shape(path: &str, kind: &str) -> Option<Shape> {
    let (files, bytes) = value(path, kind)?.split_once('x')?;
    Some(Shape {
        files: files.parse().ok()?,
        bytes: bytes.parse().ok()?,
        seed: value(path, "seed")
            .and_then(|seed| seed.parse().ok())
            .unwrap_or(0),
    })
}

fn value<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    path.split('/')
        .find_map(|segment| segment.strip_prefix(name)?.strip_prefix('='))
}

/// Head and beginning in one piece, as an origin with a buffer does.
fn send(stream: &mut TcpStream, status: u16, body: &[u8]) -> std::io::Result<()> {
    let length = if status == 304 {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let mut piece = format!("HTTP/1.1 {status} Told\r\nETag: {TAG}\r\n{length}\r\n").into_bytes();
    let first = body.len().min(16 << 10);
    piece.extend_from_slice(&body[..first]);
    stream.write_all(&piece)?;
    stream.write_all(&body[first..])
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
