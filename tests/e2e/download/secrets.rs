//! A unique word as every secret of a download; no error and no record may hold it (K-01, K-02).

use std::error::Error;
use std::fmt::Write;

use cache::ingest::download::Client;
use cache::ingest::download::transport::ProxySettings;
use cache::ingest::tls::Trust;
use tests::certificates::self_signed;
use tests::origin::{Origin, Reply, Route, Step, dead_address};

use super::{fetch_raw, impatient};

const SECRET: &str = "Xq7Zv2Kw9Canary";
/// The same in the middle of a Basic authentication, at each of the three alignments.
const ENCODED: [&str; 3] = [
    "WHE3WnYyS3c5Q2FuYXJ5",
    "hxN1p2Mkt3OUNhbmFyeX",
    "YcTdadjJLdzlDYW5hcnl",
];

/// Everything an error can be asked for, as text.
fn all_words(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let mut layer = Some(error);
    while let Some(error) = layer {
        writeln!(text, "{error} {error:?} {error:#?}").expect("a string takes all");
        layer = error.source();
    }
    text
}

#[track_caller]
fn check(client: &Client, url: &str) {
    let (_, outcome) = fetch_raw(client, url);
    let words = match &outcome {
        Ok(downloaded) => format!("{downloaded:?}"),
        Err(error) => all_words(error),
    };
    for secret in [SECRET].iter().chain(&ENCODED) {
        assert!(!words.contains(secret), "{words}");
    }
}

/// Rows: R6.2-14, K-01, K-02, K-03.
#[test]
fn no_error_tells_a_secret() {
    let secret_place = format!("http://u:{SECRET}@127.0.0.1:1/{{}}?k={SECRET}");
    let origin = Origin::start([
        ("/ok", Route::always(Reply::ok(b"zip"))),
        ("/missing", Route::always(Reply::status(404))),
        (
            "/cut",
            Route::always(Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nzip")),
        ),
        ("/nonsense", Route::always(Reply::raw("nonsense"))),
        ("/silent", Route::always(Reply::Steps(vec![Step::Stall]))),
        (
            "/loop",
            Route::always(Reply::redirect(&format!("/loop?k={SECRET}"))),
        ),
        ("/away", Route::always(Reply::redirect(&secret_place))),
        (
            "/scheme",
            Route::always(Reply::redirect(&format!("ftp://u:{SECRET}@h/?{SECRET}"))),
        ),
        (
            "/nowhere",
            Route::always(Reply::redirect(&format!("http://u:{SECRET}@[/"))),
        ),
        (
            "/encoded",
            Route::always(Reply::with_body(200, &["Content-Encoding: gzip"], b"zip")),
        ),
    ]);
    let secure = Origin::start_tls([], self_signed(&["127.0.0.1"], false).server(None));
    let dead = dead_address();
    let user_info = format!("user:{SECRET}");
    let mut urls: Vec<String> = [
        "ok", "missing", "cut", "nonsense", "silent", "loop", "away", "scheme", "nowhere",
    ]
    .iter()
    .chain(&["encoded"])
    .map(|path| origin.url_with(&user_info, &format!("/{path}?token={SECRET}&{SECRET}")))
    .collect();
    urls.extend([
        secure.url_with(SECRET, &format!("/x?{SECRET}")),
        format!("http://{user_info}@{dead}/x?token={SECRET}"),
        format!("http://{user_info}@name.invalid/x?token={SECRET}"),
        format!("ftp://{user_info}@h/x?token={SECRET}"),
        format!("http://{user_info}@h:99999/x?token={SECRET}"),
        format!("http://{user_info}@[::1/x?token={SECRET}"),
    ]);
    let direct = Client::new(impatient(), &Trust::default(), ProxySettings::default()).expect("a client");
    for url in &urls {
        check(&direct, url);
    }
}

/// Rows: N-17, K-02.
#[test]
fn no_error_tells_the_password_of_a_proxy() {
    let proxy = Origin::start([("http://h.invalid/x", Route::always(Reply::status(407)))]);
    let with_secret = format!("user:{SECRET}");
    let proxies = [
        proxy.url_with(&with_secret, ""),
        format!("http://{with_secret}@{}", dead_address()),
        format!("socks5://{with_secret}@{}", dead_address()),
    ];
    for proxy in proxies {
        let settings = ProxySettings::everything(&proxy, "", "http_proxy").expect("a proxy");
        let client = Client::new(impatient(), &Trust::default(), settings).expect("a client");
        check(&client, "http://h.invalid/x");
        check(&client, "https://h.invalid/x");
    }
}
