//! Heads that are too large, lie, or send us elsewhere.

use std::time::Duration;

use super::super::transport::Fault;
use super::super::{DownloadError, Policy};
use super::origin::{Origin, Step, ok, raw, status, then};
use super::{Told, expect_whole, fault, fetch, origins, quick, tagged, words};
use crate::ingest::remote_url::UrlFault;
use crate::model::validators::LONGEST_VALIDATOR;

fn once() -> Policy {
    Policy {
        attempts: 1,
        ..quick()
    }
}

/// Rules: N-07.
#[test]
fn headers_have_a_size() {
    let many = "X: y\n".repeat(100_000);
    let origin = Origin::replies([raw(&format!("200 OK\n{many}Content-Length: 0"), b"")]);
    let fetched = fetch(&origins(once()), &origin.url("/x"), None);
    assert_eq!(fault(&fetched), Some(&Fault::Malformed));

    for start in ["HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 ", "x"] {
        let line = vec![
            Step::Send(start.into()),
            Step::Flood(vec![b'x'; 64 << 10], Duration::ZERO),
        ];
        let origin = Origin::replies([line]);
        let fetched = fetch(&origins(once()), &origin.url("/x"), None);
        assert_eq!(fault(&fetched), Some(&Fault::Malformed), "{start}");
        // The flood stopped: nobody reads on.
        origin.wait_for_ends(1);
    }
}

/// Rules: N-12.
#[test]
fn odd_validators_are_left_out() {
    let long = format!("\"{}\"", "x".repeat(LONGEST_VALIDATOR));
    for lines in [
        format!("ETag: {long}"),
        "ETag: \"a\"\nETag: \"b\"".to_owned(),
        "ETag:".to_owned(),
        String::new(),
    ] {
        let origin = Origin::replies([ok(&lines, b"body")]);
        let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
        expect_whole(&fetched, b"body");
        assert!(fetched.head.expect("a head").validators.is_empty());
    }
    let origin = Origin::replies([ok("ETag: \"../../etc/passwd\"", b"body")]);
    let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
    assert_eq!(
        fetched.head.expect("a head").validators,
        tagged("\"../../etc/passwd\"")
    );
}

fn moved(location: &str) -> Vec<Step> {
    status("302 Found", &format!("Location: {location}"), b"elsewhere")
}

/// Rules: C-33, C-35, N-13.
#[test]
fn redirects_are_followed_with_the_question() {
    let origin = Origin::scripted(|_, seen| match seen.target.as_str() {
        "/a" => moved("/b"),
        "/b" => moved("c?d=e"),
        _ => raw("304 Not Modified\nETag: \"v1\"", b""),
    });
    let fetched = fetch(&origins(quick()), &origin.url("/a"), Some(tagged("\"v1\"")));
    assert_eq!(fetched.outcome, Ok(Told::NotModified));
    assert_eq!((fetched.requests, fetched.retries), (3, 0));
    let requests = origin.requests();
    assert_eq!(requests[2].target, "/c?d=e");
    assert!(
        requests
            .iter()
            .all(|seen| seen.header("if-none-match") == Some("\"v1\""))
    );
    assert_eq!(origin.connections(), 1);
}

/// Rules: C-33, N-12.
#[test]
fn validators_are_those_of_the_last_answer() {
    let origin = Origin::scripted(|_, seen| match seen.target.as_str() {
        "/a" => status("301 Moved", "Location: /b\nETag: \"hop\"", b""),
        _ => ok("ETag: \"end\"", b"body"),
    });
    let fetched = fetch(&origins(quick()), &origin.url("/a"), None);
    assert_eq!(fetched.head.expect("a head").validators, tagged("\"end\""));
}

#[track_caller]
fn check_astray(location: &str, expected: &Fault, requests: u32) {
    let reply = moved(location);
    let origin = Origin::scripted(move |_, _| reply.clone());
    let fetched = fetch(&origins(quick()), &origin.url("/a?key=zebra"), None);
    assert_eq!(fault(&fetched), Some(expected), "{location}");
    assert_eq!(fetched.requests, requests, "{location}");
    assert!(!words(&fetched.outcome.expect_err("an error")).contains("zebra"));
}

/// Rules: N-13, K-01.
#[test]
fn redirects_to_nowhere_end_at_once() {
    check_astray("?again=zebra", &Fault::TooManyRedirects(10), 11);
    let file = Fault::Url(UrlFault::UnsupportedScheme("file".into()));
    check_astray("file:///etc/passwd", &file, 1);
    check_astray("http://[::1?zebra", &Fault::BadLocation, 1);
    let origin = Origin::replies([status("302 Found", "", b"")]);
    let fetched = fetch(&origins(quick()), &origin.url("/a"), None);
    assert_eq!(fault(&fetched), Some(&Fault::NoLocation(302)));
    assert_eq!(fetched.requests, 1);
}

/// Rules: C-33, N-14, S-11.
#[test]
fn credentials_never_cross_and_never_come_back() {
    let other = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let back = std::sync::Arc::clone(&other);
    let home = Origin::scripted(move |_, seen| match seen.target.as_str() {
        "/a" => moved("/b"),
        "/b" => moved(back.get().expect("an address")),
        _ => ok("", b"body"),
    });
    let home_again = home.url("/c");
    let away = Origin::scripted(move |_, _| moved(&home_again));
    other.set(away.url("/away")).expect("set once");
    let start = home.url("/a").replacen("://", "://kim:pony@", 1);
    let fetched = fetch(&origins(quick()), &start, None);
    expect_whole(&fetched, b"body");
    assert!(fetched.head.expect("a head").served_to_credentials);
    let requests = home.requests();
    assert!(requests[0].header("authorization").is_some());
    assert!(requests[1].header("authorization").is_some());
    assert_eq!(requests[2].target, "/c");
    for seen in [&requests[2], &away.requests()[0]] {
        for name in ["authorization", "referer", "cookie"] {
            assert_eq!(seen.header(name), None);
        }
    }
}

/// Rules: N-18.
#[test]
fn what_is_not_http_1_is_malformed() {
    let settings: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    for bytes in [settings, b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 999999 OK\r\n\r\n"] {
        let origin = Origin::replies([then(vec![Step::Send(bytes.to_vec())], &[Step::Close])]);
        let fetched = fetch(&origins(quick()), &origin.url("/x"), None);
        assert!(
            matches!(fault(&fetched), Some(Fault::Malformed | Fault::Cut)),
            "{fetched:?}"
        );
        assert_eq!(fetched.requests, 4);
    }
}

/// Rules: C-42, C-114, K-03.
#[test]
fn a_dead_origin_is_tried_four_times() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let address = format!("http://kim:pony@127.0.0.1:{port}/x?token=zebra");
    let fetched = fetch(&origins(quick()), &address, None);
    assert_eq!((fetched.requests, fetched.retries), (4, 3));
    let error = fetched.outcome.expect_err("an error");
    assert!(matches!(
        error,
        DownloadError::Get {
            fault: Fault::Dial { .. },
            ..
        }
    ));
    assert_eq!(
        words(&error),
        format!(
            "Get \"http://***@127.0.0.1:{port}/x?token=...\": dial tcp 127.0.0.1:{port}: connect: connection refused"
        )
    );
    for secret in ["kim", "pony", "zebra"] {
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
    }
}
