//! What one question to an origin on loopback costs, from one thread and from 64, and how fast a body comes; each next
//! to a bare socket that does the same.
//!
//! ```text
//! cargo bench -p cache --bench ask
//! ```
//!
//! The origin says 304 at once to whoever asks conditionally, and sends a body to anyone else. Times are of the wall:
//! run it on a machine that is otherwise idle, and more than once.

#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use cache::ingest::download::transport::ProxySettings;
use cache::ingest::download::{Answer, Cancel, Origins, Policy, Slots};
use cache::ingest::remote_url::RemoteUrl;
use cache::ingest::tls::Trust;
use cache::model::validators::Validators;

const REVALIDATION: &[u8] =
    b"GET /x HTTP/1.1\r\nHost: h\r\nAccept-Encoding: identity\r\nIf-None-Match: \"v1\"\r\n\r\n";
const PLAIN: &[u8] = b"GET /x HTTP/1.1\r\nHost: h\r\nAccept-Encoding: identity\r\n\r\n";
const UNCHANGED: &[u8] = b"HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n";
const BODY: u64 = 512 << 20;

fn main() {
    let address = start_origin();
    let origins = Origins::new(
        Policy::cache(),
        &Trust::anyone(),
        None,
        ProxySettings::default(),
        Slots::default(),
    )
    .expect("a way to origins");
    let url = RemoteUrl::parse(&format!("http://{address}/x")).expect("an address");

    let mut socket = TcpStream::connect(address).expect("a connection");
    socket.set_nodelay(true).expect("an option");
    report("bare socket, 1 thread", 20_000, || bare(&mut socket));
    report("ask, 1 thread", 20_000, || ask(&origins, &url));
    let all = Mutex::new(Vec::new());
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let times = measure(500, || ask(&origins, &url));
                all.lock().expect("a whole lock").extend(times);
            });
        }
    });
    show(
        "ask, 64 threads",
        all.into_inner().expect("a whole lock"),
        started.elapsed(),
    );
    for _ in 0..3 {
        rate("bare socket, body", || bare_body(address));
        rate("body", || body(&origins, &url));
    }
}

fn ask(origins: &Origins, url: &RemoteUrl) {
    let validators = Validators::new(Some(b"\"v1\""), None);
    let mut exchange = origins.exchange(url.clone(), Some(validators), Cancel::new());
    assert!(matches!(exchange.ask(), Ok(Answer::NotModified(_))));
}

fn bare(socket: &mut TcpStream) {
    let mut answer = [0; 256];
    socket.write_all(REVALIDATION).expect("sent");
    let length = socket.read(&mut answer).expect("an answer");
    assert_eq!(&answer[..length], UNCHANGED);
}

fn body(origins: &Origins, url: &RemoteUrl) {
    let mut exchange = origins.exchange(url.clone(), None, Cancel::new());
    let Ok(Answer::Body(mut body)) = exchange.ask() else {
        unreachable!("the origin sends one");
    };
    let copied = std::io::copy(&mut body, &mut std::io::sink());
    assert_eq!(copied.expect("read"), BODY);
}

fn bare_body(address: SocketAddr) {
    let mut socket = TcpStream::connect(address).expect("a connection");
    socket.write_all(PLAIN).expect("sent");
    let mut buffer = vec![0; 256 << 10];
    let mut left = BODY;
    while left > 0 {
        let came = socket.read(&mut buffer).expect("bytes");
        left = left.saturating_sub(u64::try_from(came).expect("a length"));
    }
}

fn report(what: &str, count: usize, mut work: impl FnMut()) {
    measure(count / 10, &mut work);
    let started = Instant::now();
    let times = measure(count, work);
    show(what, times, started.elapsed());
}

fn measure(count: usize, mut work: impl FnMut()) -> Vec<Duration> {
    let timed = |_| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..count).map(timed).collect()
}

fn show(what: &str, mut times: Vec<Duration>, whole: Duration) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    let count = u32::try_from(times.len()).expect("a count");
    println!(
        "{what:<24} p50 {:>9.1?}  p90 {:>9.1?}  p99 {:>9.1?}  worst {:>9.1?}  {:>7.0} per second",
        at(50),
        at(90),
        at(99),
        at(100),
        f64::from(count) / whole.as_secs_f64()
    );
}

fn rate(what: &str, work: impl FnOnce()) {
    let started = Instant::now();
    work();
    let mebibytes = f64::from(u32::try_from(BODY >> 20).expect("a size"));
    println!(
        "{what:<24} {:>6.0} MiB/s",
        mebibytes / started.elapsed().as_secs_f64()
    );
}

fn start_origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = listener.local_addr().expect("a bound socket");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Serves until the other side goes.
fn serve(mut stream: TcpStream) {
    stream.set_nodelay(true).expect("an option");
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(came @ 1..) = stream.read(&mut buffer) {
        head.extend_from_slice(&buffer[..came]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let is_conditional = head
            .to_ascii_lowercase()
            .windows(13)
            .any(|word| word == b"if-none-match");
        let sent = if is_conditional {
            stream.write_all(UNCHANGED)
        } else {
            send_body(&mut stream)
        };
        if sent.is_err() {
            return;
        }
        head.clear();
    }
}

fn send_body(stream: &mut TcpStream) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let piece = vec![0; 256 << 10];
    for _ in 0..BODY / (256 << 10) {
        stream.write_all(&piece)?;
    }
    Ok(())
}
