//! `CredHub`: who is asked, with what, how often, and what becomes of the answer.

mod setup;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use builder::platform::credhub::{CredhubSettings, interpolate};
use cache::ingest::download::transport::ProxySettings;
use cache::ingest::tls::SystemRoots;
use tempfile::TempDir;
use tests::certificates::{Authority, Leaf, Purpose};
use tests::origin::{Origin, Reply, Route, Step, dead_address};

const SECRET: &str = "Xq7Zv2Kw9Canary";
const SERVICES: &str = r#"{"p":[{"credentials":{"credhub-ref":"<&>"}}], "a": 1.50}"#;
const SENT: &str = r#"{"a":1.5,"p":[{"credentials":{"credhub-ref":"\u003c\u0026\u003e"}}]}"#;
const ANSWER: &str = r#"{"p":[{"credentials":{"password":"Xq7Zv2Kw9Canary"}}]}"#;
const PATH: &str = "/api/v1/interpolate";
const REFS: &str = "Unable to interpolate credhub references";

/// An instance with its certificate, key and folder of authorities.
struct Instance {
    folder: TempDir,
    authority: Authority,
}

/// What a step came to, and what it said on the way.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    services: Result<Option<String>, String>,
    lines: Vec<String>,
}

impl Instance {
    fn new() -> Self {
        let instance = Self {
            folder: tempfile::tempdir().expect("a folder"),
            authority: Authority::new("platform"),
        };
        instance.identify(&instance.authority.issue(&["instance"], Purpose::Client));
        std::fs::create_dir(instance.path("certs")).expect("made");
        instance.write("certs/platform.crt", instance.authority.pem());
        instance.write("certs/readme.txt", "no certificate");
        instance
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn identify(&self, leaf: &Leaf) {
        self.write("instance.crt", &leaf.certificate);
        self.write("instance.key", &leaf.key);
    }

    fn settings(&self, attempts: i64) -> CredhubSettings {
        CredhubSettings {
            attempts,
            retry_delay: Duration::from_millis(1),
            limit: Duration::from_secs(10),
            is_skipped: false,
            certificate: Some(self.path("instance.crt")),
            key: Some(self.path("instance.key")),
            authorities: Some(self.path("certs")),
            system_roots: SystemRoots::At {
                file: None,
                folder: None,
            },
            proxies: Ok(ProxySettings::default()),
        }
    }

    /// A server that asks for a certificate of the platform.
    fn server<const N: usize>(&self, replies: [Reply; N]) -> Origin {
        let config = self
            .authority
            .issue(&["127.0.0.1"], Purpose::Server)
            .server(Some(&self.authority));
        Origin::start_tls([(PATH, Route::Replies(replies.into()))], config)
    }
}

fn ask(uri: &str, settings: &CredhubSettings, services: &str) -> Outcome {
    let options = OsString::from(serde_json::json!({ "credhub-uri": uri }).to_string());
    let mut lines = Vec::new();
    let services = OsString::from(services);
    let outcome = interpolate(Some(&options), settings, Some(&services), &mut |line| {
        lines.push(line.to_owned());
    });
    let services = outcome
        .map(|services| services.map(|text| text.into_string().expect("text")))
        .map_err(|error| {
            assert!(!format!("{error:?} {error:#?}").contains(SECRET));
            error.to_string()
        });
    for line in &lines {
        assert!(!line.contains(SECRET), "{line}");
    }
    Outcome { services, lines }
}

/// Asks a good server that gives `replies`; `expected` is the answer or the reason, which every try repeats.
#[track_caller]
fn check<const N: usize>(attempts: i64, replies: [Reply; N], expected: Result<&str, &str>, tries: usize) {
    let instance = Instance::new();
    let origin = instance.server(replies);
    let outcome = ask(&origin.url(""), &instance.settings(attempts), SERVICES);
    let url = origin.url(PATH);
    match expected {
        Ok(answer) => assert_eq!(outcome.services, Ok(Some(answer.to_owned()))),
        Err(reason) => {
            let reason = reason.replace("URL", &url);
            let line = format!("Unable to interpolate credhub refs: {REFS}: {reason}");
            assert_eq!(outcome.services, Err(line));
            let all = attempts.max(1);
            let failed = (1..=all).map(|n| format!("Failed on attempt {n} out of {all}: {REFS}: {reason}"));
            let reported = outcome.lines.len();
            assert_eq!(outcome.lines, failed.take(reported).collect::<Vec<_>>());
        }
    }
    assert_eq!(origin.requests().len(), tries);
}

/// Rows: R14-07, R14-08.
#[test]
fn asks_with_the_instance_s_certificate_and_takes_the_answer() {
    let instance = Instance::new();
    let origin = instance.server([Reply::ok(ANSWER.as_bytes())]);
    let uri = origin.url_with("u:p", "/some/path?query=1");
    let outcome = ask(&uri, &instance.settings(3), SERVICES);
    assert_eq!(outcome.services, Ok(Some(ANSWER.to_owned())));
    assert_eq!(outcome.lines, Vec::<String>::new());
    let requests = origin.requests();
    let [request] = &requests[..] else {
        panic!("one request, not {requests:?}");
    };
    assert_eq!(request.line(), format!("POST {PATH}"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(String::from_utf8_lossy(&request.body), SENT);
}

/// Rows: R14-08, R14-15.
#[test]
fn answers() {
    for status in [200, 201, 204, 299] {
        check(
            3,
            [Reply::with_body(status, &[], b"{}")],
            if status == 204 {
                Err("The answer is not a JSON object")
            } else {
                Ok("{}")
            },
            1,
        );
    }
    for body in [
        "",
        "[]",
        "null",
        "<html>Xq7Zv2Kw9Canary</html>",
        "{} {}",
        "{\"a\":\"\0\"}",
    ] {
        check(
            3,
            [Reply::ok(body.as_bytes())],
            Err("The answer is not a JSON object"),
            1,
        );
    }
    let huge = vec![b' '; (8 << 20) + 1];
    check(
        1,
        [Reply::ok(&huge)],
        Err("Post \"URL\": larger than 8388608 bytes"),
        1,
    );
}

/// Rows: R14-09, R14-10, R14-12.
#[test]
fn refusals_are_told_and_tried_again() {
    let told = |status, body: &str| Reply::with_body(status, &[], body.as_bytes());
    let both = r#"{"error":"bad","error_description":"words"}"#;
    check(3, [told(400, both)], Err("bad: words"), 3);
    check(2, [told(500, r#"{"ERROR":"bad"} trailing"#)], Err("bad"), 2);
    check(2, [told(404, both)], Err("bad"), 2);
    check(1, [told(401, "{}")], Err(""), 1);
    check(
        1,
        [told(401, r#"{"error":null,"other":"Xq7Zv2Kw9Canary"}"#)],
        Err(""),
        1,
    );
    let undecodable = Err("The response body could not be decoded: not a JSON object");
    for body in ["", "Xq7Zv2Kw9Canary", "[]"] {
        check(1, [told(502, body)], undecodable, 1);
    }
    check(3, [told(500, both), Reply::ok(b"{}")], Ok("{}"), 2);
}

/// Rows: R14-14.
#[test]
fn no_tries_are_one_try() {
    for attempts in [0, -1, i64::MIN] {
        check(attempts, [Reply::ok(b"{}")], Ok("{}"), 1);
        check(
            attempts,
            [Reply::with_body(500, &[], b"{\"error\":\"x\"}")],
            Err("x"),
            1,
        );
    }
}

/// Rows: R14-11.
#[test]
fn services_that_are_no_object_fail_once_per_try() {
    let instance = Instance::new();
    let origin = instance.server([Reply::ok(b"{}")]);
    let outcome = ask(&origin.url(""), &instance.settings(2), r#"["credhub-ref"]"#);
    let reason = format!("{REFS}: VCAP_SERVICES is not a JSON object");
    assert_eq!(
        outcome.services,
        Err(format!("Unable to interpolate credhub refs: {reason}"))
    );
    let lines = [1, 2].map(|n| format!("Failed on attempt {n} out of 2: {reason}"));
    assert_eq!(outcome.lines, lines);
    assert_eq!(origin.connections(), 0);
}

/// Rows: R14-06, N-16.
#[test]
fn a_server_of_another_authority_is_not_told() {
    let instance = Instance::new();
    let other = Instance::new();
    let origin = other.server([Reply::ok(b"{}")]);
    let outcome = ask(&origin.url(""), &instance.settings(2), SERVICES);
    let words = outcome.services.expect_err("refused");
    assert!(
        words.ends_with("x509: certificate signed by unknown authority"),
        "{words}"
    );
    assert_eq!(origin.requests().len(), 0);
    assert_eq!(outcome.lines.len(), 2);
}

/// Rows: R14-07.
#[test]
fn a_server_that_does_not_know_us_refuses() {
    let instance = Instance::new();
    instance.identify(&Authority::new("stranger").issue(&["x"], Purpose::Client));
    let origin = instance.server([Reply::ok(b"{}")]);
    let outcome = ask(&origin.url(""), &instance.settings(1), SERVICES);
    assert!(outcome.services.is_err());
    assert_eq!(origin.requests().len(), 0);
}

/// Rows: B-13, R14-07.
#[test]
fn redirects_stay_at_the_origin() {
    let instance = Instance::new();
    let config = || {
        instance
            .authority
            .issue(&["127.0.0.1"], Purpose::Server)
            .server(Some(&instance.authority))
    };
    let other = Origin::start_tls([(PATH, Route::always(Reply::ok(b"{}")))], config());
    let permanent = Reply::with_body(308, &["Location: /moved"], b"");
    let origin = Origin::start_tls(
        [
            (PATH, Route::always(permanent)),
            ("/moved", Route::always(Reply::ok(b"{}"))),
        ],
        config(),
    );
    let outcome = ask(&origin.url(""), &instance.settings(1), SERVICES);
    assert_eq!(outcome.services, Ok(Some("{}".to_owned())));
    let sent: Vec<_> = origin
        .requests()
        .into_iter()
        .map(|request| (request.line(), request.body))
        .collect();
    let body = SENT.as_bytes().to_vec();
    assert_eq!(
        sent,
        [
            (format!("POST {PATH}"), body.clone()),
            ("POST /moved".to_owned(), body)
        ]
    );

    let away = Reply::with_body(307, &[&format!("Location: {}", other.url(PATH))], b"");
    let reason = "Post \"URL\": refused redirect to another origin";
    check(1, [away], Err(reason), 1);
    assert_eq!(other.connections(), 0);
    check(
        1,
        [Reply::redirect(PATH)],
        Err("Post \"URL\": stopped after 10 redirects"),
        11,
    );
}

/// Rows: B-13.
#[test]
fn a_silent_server_costs_the_limit() {
    let instance = Instance::new();
    let settings = CredhubSettings {
        limit: Duration::from_millis(500),
        ..instance.settings(2)
    };
    let stalls = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}";
    for reply in [
        Reply::Steps(vec![Step::Stall]),
        Reply::raw_then(stalls, Step::Stall),
    ] {
        let origin = instance.server([reply]);
        let began = Instant::now();
        let outcome = ask(&origin.url(""), &settings, SERVICES);
        // Two limits are one second; without ours, the test would wait for ever.
        assert!(began.elapsed() < Duration::from_secs(15));
        let reason = format!(
            "{REFS}: Post \"{}\": request exceeded its time limit",
            origin.url(PATH)
        );
        assert_eq!(
            outcome.services,
            Err(format!("Unable to interpolate credhub refs: {reason}"))
        );
        assert_eq!(outcome.lines.len(), 2);
    }
}

/// Rows: R14-09.
#[test]
fn nobody_there() {
    let instance = Instance::new();
    let address = dead_address();
    let outcome = ask(
        &format!("https://u:{SECRET}@{address}/?{SECRET}"),
        &instance.settings(1),
        SERVICES,
    );
    let reason = format!("Post \"https://{address}{PATH}\": dial tcp {address}: connect: connection refused");
    let line = format!("Failed on attempt 1 out of 1: {REFS}: {reason}");
    assert_eq!(outcome.lines, [line]);
}

/// A SOCKS5 proxy for one connection; its result is the name that it was asked for.
fn socks_proxy(target: SocketAddr) -> (SocketAddr, JoinHandle<io::Result<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = listener.local_addr().expect("a bound socket");
    let thread = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept()?;
        let mut head = [0; 2];
        peer.read_exact(&mut head)?;
        peer.read_exact(&mut vec![0; head[1].into()])?;
        peer.write_all(&[5, 0])?;
        let mut head = [0; 5];
        peer.read_exact(&mut head)?;
        let mut name = vec![0; head[4].into()];
        peer.read_exact(&mut name)?;
        peer.read_exact(&mut [0; 2])?;
        let mut origin = TcpStream::connect(target)?;
        peer.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        let (mut from, mut to) = (peer.try_clone()?, origin.try_clone()?);
        let there = std::thread::spawn(move || io::copy(&mut from, &mut to));
        io::copy(&mut origin, &mut peer)?;
        peer.shutdown(Shutdown::Both)?;
        drop(there.join());
        Ok(name)
    });
    (address, thread)
}

/// Rows: §3 `CREDHUB_PROXY`: names are left to the proxy to look up.
#[test]
fn through_a_socks_proxy() {
    let instance = Instance::new();
    let origin = Origin::start([(PATH, Route::always(Reply::ok(b"{}")))]);
    let (proxy, thread) = socks_proxy(origin.address());
    let settings = CredhubSettings::new(1, Duration::ZERO, |name| {
        (name == "CREDHUB_PROXY").then(|| format!("socks5://{proxy}").into())
    });
    let settings = CredhubSettings {
        proxies: settings.proxies,
        ..instance.settings(1)
    };
    let outcome = ask("http://credhub.invalid", &settings, SERVICES);
    assert_eq!(outcome.services, Ok(Some("{}".to_owned())));
    let name = thread.join().expect("no panic").expect("a conversation");
    assert_eq!(name, b"credhub.invalid");
}
