//! A loopback origin below any HTTP library, so that it can lie about framing. It keeps connections open between
//! requests, and logs all it is asked and when a connection ends.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Longest wait for something to show up in the log.
const PATIENCE: Duration = Duration::from_secs(10);

/// One thing to do for a reply.
#[derive(Clone)]
pub(super) enum Step {
    Send(Vec<u8>),
    /// Ends the connection.
    Close,
    /// Says nothing more, and waits for the other side to end the connection.
    Hold,
    /// Sends this again and again until the other side ends the connection, with a pause after each.
    Flood(Vec<u8>, Duration),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Which connection it came on, from 0.
    pub(super) connection: usize,
    pub(super) target: String,
    head: String,
}

/// What the n-th request gets.
type Script = Box<dyn Fn(usize, &Seen) -> Vec<Step> + Send + Sync>;

/// A running origin.
pub(super) struct Origin {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
}

struct Shared {
    script: Script,
    tls: Option<Arc<ServerConfig>>,
    log: Mutex<Log>,
    changed: Condvar,
}

#[derive(Default)]
struct Log {
    requests: Vec<Seen>,
    connections: usize,
    ended: usize,
}

impl Seen {
    /// The value of a header, if it is there exactly once.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.lines().filter_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        let only = values.next();
        assert!(values.next().is_none(), "`{name}` twice");
        only
    }
}

impl Origin {
    /// Gives the n-th request the n-th reply; the last one repeats.
    pub(super) fn replies<const N: usize>(replies: [Vec<Step>; N]) -> Self {
        Self::scripted(move |n, _| replies[n.min(N - 1)].clone())
    }

    /// Gives the n-th request what `script` says.
    pub(super) fn scripted(script: impl Fn(usize, &Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::start(script, None)
    }

    /// The same over TLS.
    pub(super) fn tls(
        config: ServerConfig,
        script: impl Fn(usize, &Seen) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        Self::start(script, Some(Arc::new(config)))
    }

    fn start(
        script: impl Fn(usize, &Seen) -> Vec<Step> + Send + Sync + 'static,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("a bound socket");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            script: Box::new(script),
            tls,
            log: Mutex::default(),
            changed: Condvar::new(),
        });
        let inside = Arc::clone(&shared);
        std::thread::spawn(move || accept(&listener, &inside));
        Self {
            address,
            scheme,
            shared,
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    pub(super) fn requests(&self) -> Vec<Seen> {
        self.log().requests.clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.log().connections
    }

    /// Waits until this many requests came.
    pub(super) fn wait_for_requests(&self, count: usize) {
        self.wait_for(|log| log.requests.len() >= count);
    }

    /// Waits until this many connections were ended by the other side.
    pub(super) fn wait_for_ends(&self, count: usize) {
        self.wait_for(|log| log.ended >= count);
    }

    fn wait_for(&self, is_there: impl Fn(&Log) -> bool) {
        let (log, waited) = self
            .shared
            .changed
            .wait_timeout_while(self.log(), PATIENCE, |log| !is_there(log))
            .expect("a whole lock");
        assert!(
            !waited.timed_out(),
            "{:?}, {} of {} ended",
            log.requests,
            log.ended,
            log.connections
        );
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.shared.log.lock().expect("a whole lock")
    }
}

impl Shared {
    fn note<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        let outcome = change(&mut self.log.lock().expect("a whole lock"));
        self.changed.notify_all();
        outcome
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let stream = stream.expect("a connection");
        stream.set_nodelay(true).expect("an option");
        let connection = shared.note(|log| {
            log.connections += 1;
            log.connections - 1
        });
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            let _ = receive(stream, connection, &shared);
            shared.note(|log| log.ended += 1);
        });
    }
}

fn receive(stream: TcpStream, connection: usize, shared: &Shared) -> io::Result<()> {
    let socket = stream.try_clone()?;
    match &shared.tls {
        None => converse(stream, &socket, connection, shared),
        Some(config) => {
            let session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
            converse(StreamOwned::new(session, stream), &socket, connection, shared)
        }
    }
}

/// Answers one request after the other.
fn converse<S: Read + Write>(
    mut stream: S,
    socket: &TcpStream,
    connection: usize,
    shared: &Shared,
) -> io::Result<()> {
    while let Some(head) = read_head(&mut stream)? {
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let seen = Seen {
            connection,
            target,
            head,
        };
        let number = shared.note(|log| {
            log.requests.push(seen.clone());
            log.requests.len() - 1
        });
        for step in (shared.script)(number, &seen) {
            match step {
                Step::Send(bytes) => {
                    stream.write_all(&bytes)?;
                    stream.flush()?;
                }
                Step::Close => return socket.shutdown(Shutdown::Both),
                Step::Hold => return wait_for_end(&mut stream),
                Step::Flood(bytes, pause) => loop {
                    stream.write_all(&bytes)?;
                    stream.flush()?;
                    std::thread::sleep(pause);
                },
            }
        }
    }
    Ok(())
}

fn wait_for_end(stream: &mut impl Read) -> io::Result<()> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored)? > 0 {}
    Ok(())
}

fn read_head(stream: &mut impl Read) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

/// A whole answer: the status line's rest and header lines by `\n`, then the body as it is.
pub(super) fn raw(head: &str, body: &[u8]) -> Vec<Step> {
    let head = head.replace('\n', "\r\n");
    let text = [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat();
    vec![Step::Send(text)]
}

/// A whole 200 with its length and these header lines.
pub(super) fn ok(lines: &str, body: &[u8]) -> Vec<Step> {
    status("200 OK", lines, body)
}

/// The same with another status.
pub(super) fn status(status: &str, lines: &str, body: &[u8]) -> Vec<Step> {
    let lines = if lines.is_empty() {
        String::new()
    } else {
        format!("\n{lines}")
    };
    raw(&format!("{status}\nContent-Length: {}{lines}", body.len()), body)
}

/// The same reply, followed by these steps.
pub(super) fn then(mut reply: Vec<Step>, steps: &[Step]) -> Vec<Step> {
    reply.extend_from_slice(steps);
    reply
}
