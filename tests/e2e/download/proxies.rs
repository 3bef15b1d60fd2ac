//! Through a proxy, as an origin.

use cache::ingest::download::Client;
use cache::ingest::download::transport::ProxySettings;
use cache::ingest::tls::Trust;
use tests::origin::{Origin, Reply, Route, dead_address};

use super::{fetch_by, impatient, quick};

fn through(proxy: &str) -> Client {
    let settings = ProxySettings::everything(proxy, "", "http_proxy").expect("a proxy");
    Client::new(quick(), &Trust::default(), settings).expect("a client")
}

/// Rows: R3-07, N-17.
#[test]
fn a_proxy_is_asked_for_the_whole_address() {
    let proxy = Origin::start([("http://example.invalid/x.zip", Route::always(Reply::ok(b"zip")))]);
    let client = through(&proxy.url_with("user:pa%40ss", ""));
    assert_eq!(
        fetch_by(&client, "http://example.invalid/x.zip"),
        Ok(b"zip".to_vec())
    );
    let requests = proxy.requests();
    assert_eq!(
        requests[0].header("proxy-authorization"),
        Some("Basic dXNlcjpwYUBzcw==")
    );
    assert_eq!(requests[0].header("authorization"), None);
}

/// Rows: R3-07.
#[test]
fn loopback_goes_past_the_proxy() {
    let origin = Origin::start([("/x.zip", Route::always(Reply::ok(b"zip")))]);
    let proxy = format!("http://{}", dead_address());
    let settings =
        ProxySettings::from_variables(|name| (name == "http_proxy").then(|| proxy.clone())).expect("a proxy");
    let client = Client::new(quick(), &Trust::default(), settings).expect("a client");
    assert_eq!(fetch_by(&client, &origin.url("/x.zip")), Ok(b"zip".to_vec()));
}

/// Rows: N-17.
#[test]
fn a_proxy_that_wants_a_password_or_refuses() {
    let proxy = Origin::start([
        ("http://example.invalid/x.zip", Route::always(Reply::status(407))),
        ("example.invalid:443", Route::always(Reply::status(407))),
    ]);
    let client = through(&proxy.url(""));
    let words = fetch_by(&client, "http://example.invalid/x.zip").expect_err("refused");
    assert_eq!(words, "Download failed: Status code 407");
    let words = fetch_by(&client, "https://example.invalid/x.zip").expect_err("refused");
    assert_eq!(
        words,
        "Get \"https://example.invalid/x.zip\": dial tcp example.invalid:443: connection refused by the other side"
    );
}

/// Rows: N-17.
#[test]
fn a_proxy_that_is_not_there_or_silent() {
    let client = through(&format!("http://user:word@{}", dead_address()));
    let words = fetch_by(&client, "http://example.invalid/x.zip").expect_err("refused");
    assert!(words.ends_with("connect: connection refused"), "{words}");
    let mute = Origin::start_mute();
    let proxy = format!("http://{}", mute.address());
    let settings = ProxySettings::everything(&proxy, "", "http_proxy").expect("a proxy");
    let client = Client::new(impatient(), &Trust::default(), settings).expect("a client");
    let words = fetch_by(&client, "https://example.invalid/x.zip").expect_err("refused");
    assert!(words.ends_with("i/o timeout"), "{words}");
}
