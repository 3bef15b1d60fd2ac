//! One run with a secret in every place that can hold one; then every byte is searched.

use std::collections::BTreeSet;

use tests::canary::Canaries;
use tests::cell::Ran;
use tests::certificates::{Authority, Purpose};
use tests::origin::{Asset, Origin, Reply, Route, Step};
use tests::tars::{self, Member};

use super::cell;

/// The arguments of all processes are the caller's own doing; the store, the outputs and other processes are ours.
///
/// Rules: K-01, K-02, K-03, K-04, I-8, C-36, N-14, N-17
#[test]
fn no_canary_is_found() {
    let mut canaries = Canaries::default();
    let [user, password, token, key_token] =
        ["user", "password", "token", "token in a key"].map(|name| canaries.hatch(name));
    let [proxy_user, proxy_password, cookie, redirected] =
        ["proxy user", "proxy password", "cookie", "token of a redirect"].map(|name| canaries.hatch(name));
    let body = tars::tgz(&[Member::file("f", "one")]);
    let asset = || Asset::new(body.clone(), "\"1\"").header(&format!("Set-Cookie: session={cookie}"));
    let origin = Origin::start([
        ("/a", Route::asset(asset())),
        ("/bare", Route::asset(Asset::bare(body.clone()))),
        ("/bad", Route::asset(Asset::new("no archive", "\"1\""))),
        ("/cut", Route::asset(asset().broken(20, Step::Reset))),
        (
            "/to",
            Route::always(Reply::redirect(&format!("/a?again={redirected}"))),
        ),
        (
            "/loop",
            Route::always(Reply::redirect(&format!("/loop?again={redirected}"))),
        ),
        ("/busy", Route::always(Reply::status(503))),
    ]);
    let authority = Authority::new("own");
    let leaf = authority.issue(&["me"], Purpose::Client);
    let cell = cell()
        .env(
            "https_proxy",
            &format!("http://{proxy_user}:{proxy_password}@127.0.0.1:1"),
        )
        .env("CELLCACHE_ATTEMPTS", "1");
    let certificate = cell.file("c.pem", &leaf.certificate);
    let private = cell.file("k.pem", &leaf.key);
    let url = |path: &str| {
        let url = origin.url_with(&format!("{user}:{password}"), path);
        format!("{url}?token={token}&x=1#part")
    };
    let good = url("/a");
    let key = format!("https://x.example/y?token={key_token}");
    let list = cell.file("list", format!("w {good}\nx {}\n", url("/missing")));
    let sha256 = super::sha256(&body);
    let lines = [
        format!("fetch {good} --key {key} --sha256 {sha256}"),
        format!("fetch {good} --key a"),
        format!("fetch {good} --key a --client-cert {certificate} --client-key {private}"),
        format!("fetch {} --key b", url("/bare")),
        format!("fetch {} --key c", url("/bad")),
        format!("fetch {} --key d", url("/cut")),
        format!("fetch {} --key e", url("/to")),
        format!("fetch {} --key f", url("/loop")),
        format!("fetch {} --key g", url("/busy")),
        format!("fetch {} --key h", url("/missing")),
        format!("fetch https://{user}:{password}@127.0.0.1:9/?token={token} --key i"),
        format!("fetch http://{user}:{password}@[bad/?token={token} --key j"),
        format!("fetch https//{user}:{password}@h/x --key m"),
        format!("fetch //{user}:{password}@h/x --key n"),
        format!("fetch {good} --key k --offline"),
        format!("fetch {good} --key l --as sideways"),
        format!("explain {good} --key {key}"),
        format!("warm --file {list}"),
        format!("view create {} --file {list}", cell.path("files/v").display()),
        format!("view plan --file {list}"),
        "ls".to_owned(),
        format!("show {key}"),
        "stats".to_owned(),
        "stats --prometheus".to_owned(),
        "lease list".to_owned(),
        "df".to_owned(),
        "doctor".to_owned(),
        "verify".to_owned(),
    ];
    let mut found = BTreeSet::new();
    let mut search = |ran: &Ran, label: &str| {
        for text in [&ran.stdout[..], ran.stderr.as_bytes()] {
            for name in canaries.found_in(text) {
                found.insert(format!("{name} in the output of {label}"));
            }
        }
    };
    for (number, line) in lines.iter().enumerate() {
        let label = format!("{number}: {}", line.split(' ').take(1).collect::<String>());
        for more in ["", "--json", "-vv"] {
            search(&cell.run(&format!("{more} {line}")), &format!("{label} {more}"));
        }
    }
    assert!(
        origin
            .requests()
            .iter()
            .any(|asked| asked.header("authorization").is_some()),
        "nothing secret was ever sent"
    );
    found.extend(canaries.found_below(&cell.path("var")));
    found.extend(canaries.found_below(&cell.path("tmp")));
    found.extend(canaries.found_below(&cell.path("home")));
    assert!(found.is_empty(), "{found:#?}");
}

/// A process of ours leaves no core and does not show its memory, though it holds secrets.
///
/// Rules: K-04
#[test]
fn memory_is_not_dumped() {
    let stalled = Asset::new(vec![1; 1 << 20], "\"1\"").broken(1000, Step::Stall);
    let origin = Origin::start([("/a", Route::asset(stalled))]);
    let cell = cell();
    let running = cell.start(&format!("fetch {} --key a --as file", origin.url("/a")));
    super::wait_for("a request", || !origin.requests().is_empty());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.pid())).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.unwrap_or_default().split_whitespace().collect();
    running.signal(nix::sys::signal::Signal::SIGTERM);
    let _ended = running.finish();
    assert!(words.contains(&"0"), "{words:?}");
}

/// The search itself finds what it is to find, in every dress.
///
/// Rules: K-02
#[test]
fn the_search_finds_every_dress() {
    let mut canaries = Canaries::default();
    let word = canaries.hatch("word");
    let encoded = |text: &str| tests::origin::basic(text);
    let dresses = [
        word.clone(),
        hex::encode(&word),
        encoded(&word),
        encoded(&format!("u:{word}")),
        encoded(&format!("us:{word}")),
        encoded(&format!("{word}:password")),
        word.bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect::<Vec<_>>()
            .concat(),
    ];
    for dress in dresses {
        assert_eq!(canaries.found_in(dress.as_bytes()), ["word"], "{dress}");
    }
    assert!(canaries.found_in(b"canary, but another").is_empty());
}
