//! Silence, drips, floods, and being told to stop.

use std::time::{Duration, Instant};

use cache::ingest::download::{Cancel, Policy, RateFloor, Timeouts};
use cache::ingest::remote_url::RemoteUrl;
use cache::ingest::tls::Trust;
use tests::origin::{Origin, Reply, Resource, Route, Step};

use super::{check, client, fetch, impatient, quick};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
const SILENT_HEAD: &str = "Get \"URL\": timeout awaiting response headers for 600ms";

fn drip(head: &str, bytes: &str, every: u64) -> Reply {
    let endless = Step::Endless {
        bytes: bytes.into(),
        every: Duration::from_millis(every),
    };
    Reply::raw_then(head, endless)
}

/// Rows: R6.2-07, N-06.
#[test]
fn silent_peers() {
    check(
        impatient(),
        [Reply::Steps(vec![Step::Stall])],
        Err(SILENT_HEAD),
        2,
    );
    check(
        impatient(),
        [Reply::raw_then("HTTP/1.1 2", Step::Stall)],
        Err(SILENT_HEAD),
        2,
    );
    check(
        impatient(),
        [drip("HTTP/1.1 200 OK\r\n", "X: y\r\n", 20)],
        Err(SILENT_HEAD),
        2,
    );
    check(
        impatient(),
        [drip("", "HTTP/1.1 100 Continue\r\n\r\n", 20)],
        Err(SILENT_HEAD),
        2,
    );
    let stalls = Reply::raw_then(format!("{HEAD}zip"), Step::Stall);
    check(impatient(), [stalls], Err("Get \"URL\": no data for 300ms"), 2);
}

/// Rows: R6.2-07, N-06.
#[test]
fn silence_once_is_forgiven() {
    let silent = Reply::Steps(vec![Step::Stall]);
    check(impatient(), [silent, Reply::ok(b"zip")], Ok(b"zip"), 2);
    let stalls = Resource::new(b"0123456789", "\"v1\"").broken(4, Step::Stall);
    let whole = Resource::new(b"0123456789", "\"v1\"");
    check(
        impatient(),
        [Reply::Resource(stalls), Reply::Resource(whole)],
        Ok(b"0123456789"),
        2,
    );
}

/// Rows: N-06.
#[test]
fn the_second_wait_is_the_long_one() {
    let policy = Policy {
        timeouts: Timeouts {
            headers: Duration::from_secs(20),
            ..impatient().timeouts
        },
        ..impatient()
    };
    let slow = Reply::Steps(vec![
        Step::Pause(Duration::from_millis(900)),
        Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nzip".to_vec()),
    ]);
    check(policy, [slow], Ok(b"zip"), 2);
}

/// Rows: N-06.
#[test]
fn drips_end_by_the_least_rate() {
    let policy = Policy {
        rate: Some(RateFloor {
            bytes_per_second: 10_000,
            window: Duration::from_millis(300),
        }),
        ..quick()
    };
    let expected = "Get \"URL\": less than 10000 bytes per second for 300ms";
    check(policy, [drip(HEAD, "z", 20)], Err(expected), 2);
}

/// Rows: N-06: the framing of empty progress is no progress.
#[test]
fn only_bytes_of_the_body_count_as_life() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;";
    check(
        impatient(),
        [drip(head, "x", 20)],
        Err("Get \"URL\": no data for 300ms"),
        2,
    );
}

/// Rows: N-05.
#[test]
fn floods_stop_at_the_limit() {
    let policy = || Policy {
        max_bytes: 1000,
        ..quick()
    };
    let refused = Err("Get \"URL\": larger than 1000 bytes");
    let body = vec![b'z'; 1000];
    check(policy(), [Reply::ok(&body)], Ok(&body), 1);
    check(policy(), [Reply::ok(&[b'z'; 1001])], refused, 1);
    let flood = "z".repeat(4096);
    check(policy(), [drip("HTTP/1.1 200 OK\r\n\r\n", &flood, 0)], refused, 1);
}

/// Rows: N-16: a handshake that never ends.
#[test]
fn a_handshake_that_never_ends() {
    let origin = Origin::start_mute();
    let url = format!("https://{}/x.zip", origin.address());
    let words = fetch(impatient(), &url).expect_err("refused");
    assert_eq!(
        words,
        format!("Get \"{url}\": dial tcp {}: i/o timeout", origin.address())
    );
}

/// Tells after how long a download ends that is told to stop 200 ms after it began.
fn time_to_stop(policy: Policy, url: &str) -> Duration {
    let client = client(policy, &Trust::default());
    let url = RemoteUrl::parse(url).expect("an address");
    let cancel = Cancel::new();
    let (from_outside, wait) = (cancel.clone(), Duration::from_millis(200));
    let other = std::thread::spawn(move || {
        std::thread::sleep(wait);
        from_outside.cancel();
        Instant::now()
    });
    let mut file = tempfile::tempfile().expect("a file");
    let error = client.download(&url, &mut file, &cancel).expect_err("cancelled");
    let ended = Instant::now();
    assert_eq!(error.to_string(), "Cancelled");
    ended.saturating_duration_since(other.join().expect("no panic"))
}

/// Rows: C-48. The bound is far above 100 ms because the machine may be busy, and far below every limit at work.
#[test]
fn stops_at_every_wait() {
    let origin = Origin::start([
        ("/silent", Route::always(Reply::Steps(vec![Step::Stall]))),
        (
            "/stalls",
            Route::always(Reply::raw_then(format!("{HEAD}zip"), Step::Stall)),
        ),
        ("/drips", Route::always(drip(HEAD, "z", 10))),
        ("/busy", Route::always(Reply::status(503))),
    ]);
    let patient = || Policy {
        pauses: vec![Duration::from_mins(1)],
        timeouts: Timeouts {
            connect: Duration::from_mins(1),
            idle: Duration::from_mins(1),
            headers: Duration::from_mins(1),
        },
        ..quick()
    };
    let mute = Origin::start_mute();
    let handshake = format!("https://{}/", mute.address());
    let urls = ["/silent", "/stalls", "/drips", "/busy"].map(|path| origin.url(path));
    for url in urls.iter().chain([&handshake]) {
        let late = time_to_stop(patient(), url);
        assert!(late < Duration::from_secs(5), "{url} {late:?}");
    }
}

#[test]
fn a_flag_that_is_set_stops_before_anything_is_asked() {
    let origin = Origin::start([("/x", Route::always(Reply::ok(b"zip")))]);
    let cancel = Cancel::new();
    cancel.cancel();
    let mut file = tempfile::tempfile().expect("a file");
    let url = RemoteUrl::parse(&origin.url("/x")).expect("an address");
    let client = client(quick(), &Trust::default());
    assert!(client.download(&url, &mut file, &cancel).is_err());
    assert_eq!(origin.connections(), 0);
}
