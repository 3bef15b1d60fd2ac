//! What the program says to people: notes, advice that fits, words that are true.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::cell::{Cell, Ran};
use tests::origin::{Asset, Body, Origin, Reply, Route, Step, dead_address};
use tests::tars::{self, Member};

use super::cell;

fn body() -> Vec<u8> {
    tars::tgz(&[Member::file("f", "one")])
}

fn tagged() -> Asset {
    Asset::new(body(), "\"1\"")
}

/// The lines on standard error that begin so.
fn said<'r>(ran: &'r Ran, beginning: &str) -> Vec<&'r str> {
    ran.stderr
        .lines()
        .filter(|line| line.starts_with(beginning))
        .collect()
}

/// The one note of a command that succeeds.
#[track_caller]
fn note(cell: &Cell, line: &str) -> String {
    let ran = cell.must(line);
    match said(&ran, "note: ")[..] {
        [] => String::new(),
        [line] => line.to_owned(),
        _ => panic!("more than one note: {ran}"),
    }
}

/// Rules: C-12, C-23, Q8, Q9, S-11
#[test]
fn what_is_not_kept_is_said_with_the_reason() {
    let origin = Origin::start([
        ("/tagged", Route::asset(tagged())),
        ("/bare", Route::asset(Asset::bare(body()))),
        (
            "/dated",
            Route::asset(Asset::bare(body()).modified("Sat, 21 Nov 2026 09:00:00 GMT")),
        ),
        (
            "/no-store",
            Route::asset(tagged().header("Cache-Control: no-store")),
        ),
        (
            "/large",
            Route::asset(Asset::new(
                Body::Made {
                    seed: 1,
                    length: 2 << 20,
                },
                "\"1\"",
            )),
        ),
        (
            "/secret",
            Route::asset(tagged().guarded(&tests::origin::basic("user:word"))),
        ),
    ]);
    let secret = origin.url_with("user:word", "/secret");
    let check = |flags: &str, expected: &str| {
        let cell = cell();
        let note = note(&cell, &format!("fetch {flags}"));
        let shown = note
            .strip_prefix("note: `k` is not kept for others: ")
            .unwrap_or(&note);
        assert_eq!(shown, expected, "{flags}");
        let json = cell.must(&format!("--json fetch {flags}"));
        assert_eq!(said(&json, "note: "), [""; 0], "{flags}");
    };
    let keyed = |path: &str| format!("{} --key k", origin.url(path));
    check(
        &keyed("/bare"),
        "the origin sends neither ETag nor Last-Modified; --sha256 HEX keeps it",
    );
    check(
        &keyed("/no-store"),
        "the origin says Cache-Control: no-store; --sha256 HEX keeps it",
    );
    check(
        &format!("{} --require-etag", keyed("/dated")),
        "the origin sends no ETag; --sha256 HEX keeps it",
    );
    check(
        &format!("{secret} --key k"),
        "its address shows credentials; --sha256 HEX keeps it",
    );
    check(
        &format!("{} --as file --quota 1M", keyed("/large")),
        "it is larger than the quota; raise --quota",
    );
    check(&keyed("/tagged"), "");
    check(&format!("{} --private", keyed("/tagged")), "");
    check(&format!("{} --quiet", keyed("/bare")), "");
}

/// Rules: C-29, Q20
#[test]
fn what_is_stale_is_said_with_the_reason() {
    let cell = cell();
    let origin = Origin::start([(
        "/a",
        Route::Replies(vec![Reply::Asset(tagged()), Reply::status(503)]),
    )]);
    let line = format!(
        "fetch {} --key k --attempts 1 --stale-if-error 1h",
        origin.url("/a")
    );
    assert_eq!(note(&cell, &line), "");
    let ill = note(&cell, &line);
    assert!(
        ill.starts_with(
            "note: the origin of `k` fails (Download failed: Status code 503): served is what it confirmed "
        ),
        "{ill}"
    );
    assert!(ill.ends_with("s ago; the next fetch asks again"), "{ill}");
    drop(origin);
    let down = note(&cell, &line);
    assert!(down.contains("connection refused): "), "{down}");
    let json = cell.must(&format!("--json {line}"));
    assert_eq!(said(&json, "note: "), [""; 0]);
    assert_eq!(json.at("stale"), true);
}

/// A list that is warmed says it of each line.
///
/// Rules: Q8, Q23
#[test]
fn what_warming_does_not_keep_is_said() {
    let cell = cell();
    let origin = Origin::start([("/bare", Route::asset(Asset::bare(body())))]);
    let list = cell.file("list", format!("k {}\n", origin.url("/bare")));
    let note = note(&cell, &format!("warm --file {list}"));
    assert!(note.starts_with("note: `k` is not kept for others: "), "{note}");
}

/// The lines of advice of a fetch that fails.
#[track_caller]
fn advice(cell: &Cell, line: &str) -> Vec<String> {
    let ran = cell.run(line);
    assert_ne!(ran.code, Some(0), "{ran}");
    said(&ran, "help: ").into_iter().map(str::to_owned).collect()
}

const LOOP: &str =
    "help: the origin sends whoever asks for it elsewhere, and never to a file: check the address";
const TRY_STALE: &str = "help: --stale-if-error 24h serves what was stored last while the origin is ill";
const NOTHING_STALE: &str =
    "help: nothing is stored that the origin confirmed within --stale-if-error: ask again later";
const WAIT: &str = "help: --idle-timeout DURATION waits longer";

/// Nothing is proposed that was given already, or that cannot help.
///
/// Rules: C-116, Q20
#[test]
fn advice_fits_the_failure() {
    let stalled = Asset::new(vec![1; 1 << 20], "\"1\"").broken(1000, Step::Stall);
    let origin = Origin::start([
        ("/busy", Route::always(Reply::status(503))),
        ("/odd", Route::always(Reply::status(451))),
        ("/secret", Route::always(Reply::status(401))),
        ("/loop", Route::always(Reply::redirect("/loop"))),
        ("/stalled", Route::asset(stalled)),
    ]);
    let cell = cell();
    let check_url = |url: String, flags: &str, expected: &[&str]| {
        let line = format!("fetch {url} --key k --as file --attempts 1 {flags}");
        assert_eq!(advice(&cell, &line), expected, "{line}");
    };
    let check = |path: &str, flags: &str, expected: &[&str]| check_url(origin.url(path), flags, expected);
    check("/busy", "", &[TRY_STALE]);
    check("/busy", "--stale-if-error 1h", &[NOTHING_STALE]);
    check(
        "/odd",
        "",
        &["help: the origin refuses the request: check the address"],
    );
    check("/loop", "", &[LOOP]);
    check(
        "/stalled",
        "--deadline 300ms",
        &["help: --deadline DURATION gives it longer, 0 as long as it takes"],
    );
    check("/stalled", "--idle-timeout 200ms", &[WAIT, TRY_STALE]);
    check(
        "/secret",
        "",
        &["help: the origin wants credentials: put them into the address, as in https://user:password@host/"],
    );
    check_url(
        origin.url_with("user:word", "/secret"),
        "",
        &["help: the origin does not accept the credentials in the address: check them"],
    );
    check_url(
        format!("http://{}/", dead_address()),
        "--stale-if-error 1h",
        &[
            NOTHING_STALE,
            "help: cellcache doctor shows proxies and certificates",
        ],
    );
}

/// Rules: Q9
#[test]
fn a_quota_that_is_too_small_for_anything_is_to_be_raised() {
    let origin = Origin::start([("/a", Route::asset(tagged()))]);
    let line = format!("fetch {} --key k --quota 4K --scratch-quota 4K", origin.url("/a"));
    assert_eq!(
        advice(&cell(), &line),
        ["help: raise --quota, or --scratch-quota for what is not kept"]
    );
}

/// Rules: Q23
#[test]
fn what_is_optional_does_not_read_as_a_failure() {
    let origin = Origin::start([("/busy", Route::always(Reply::status(404)))]);
    let cell = cell();
    let list = cell.file(
        "list",
        format!(
            "{{\"key\":\"k\",\"source\":\"{}\",\"optional\":true}}\n",
            origin.url("/busy")
        ),
    );
    let ran = cell.must(&format!("warm --file {list}"));
    assert_eq!(said(&ran, "error: "), [""; 0], "{ran}");
    assert!(!ran.stderr.contains("Downloading k failed"), "{ran}");
    assert_eq!(
        said(&ran, "note: "),
        [format!(
            "note: optional `k` is left out: Cannot fetch `k` from {}: Download failed: Status code 404",
            origin.url("/busy")
        )]
    );
    let json = cell.must(&format!("--json --quiet warm --file {list}"));
    let value: serde_json::Value = serde_json::from_str(json.stderr.trim()).expect("one value");
    assert_eq!(value["error"]["optional"], true, "{json}");
}

/// A signal that comes between two lines is no success.
///
/// Rules: C-47, Q23
#[test]
fn warming_that_is_interrupted_does_not_succeed() {
    let stalled = Asset::new(vec![1; 1 << 20], "\"1\"").broken(1000, Step::Stall);
    let origin = Origin::start([("/stalled", Route::asset(stalled))]);
    let cell = cell();
    let line = format!(
        "{{\"key\":\"k\",\"source\":\"{}\",\"optional\":true,\"as\":\"file\"}}\n",
        origin.url("/stalled")
    );
    let list = cell.file("list", line);
    let running = cell.start(&format!("warm --file {list}"));
    super::wait_for("a request", || !origin.requests().is_empty());
    running.signal(nix::sys::signal::Signal::SIGINT);
    assert_eq!(running.finish().code, Some(130));
}

/// Rules: Q19
#[test]
fn what_a_local_source_would_come_to_is_not_said_of_an_origin() {
    let cell = cell();
    let _file = cell.file("tree/f", "x");
    let tree = cell.path("files/tree");
    let line = format!("explain {} --key k", tree.display());
    cell.open();
    let first = |ran: Ran| ran.text().lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        first(cell.must(&line)),
        "read: nothing that may be served is here (cold)"
    );
    cell.must(&format!("fetch {} --key k", tree.display()));
    assert_eq!(
        first(cell.must(&line)),
        "read: the source is read, and taken anew if it is not what is stored"
    );
}

/// Rules: C-05
#[test]
fn what_is_reclaimed_is_called_so() {
    let cell = cell();
    let file = cell.file("f", "x");
    let held = cell.must(&format!("--json fetch {file} --key k --as file --holder c1"));
    assert_eq!(
        cell.must("lease reclaim --live /dev/null").text(),
        format!("reclaimed {} of c1: k\n", held.word("lease"))
    );
    assert_eq!(cell.must("lease reclaim --live /dev/null").text(), "");
}

/// What asks no origin does not mind a proxy that is none; what does, and the doctor, say which variable it is.
///
/// Rules: C-37, K-02, S-18
#[test]
fn a_malformed_proxy_hinders_only_who_needs_it() {
    let cell = cell().env("HTTP_PROXY", "http://user:s3cr3t@127.0.0.3:bad");
    let keys = cell.file("keys", "k\n");
    let asset = cell.file("asset.tgz", body());
    for line in [
        format!("fetch {asset} --key k --holder h"),
        "ls".to_owned(),
        "show k".to_owned(),
        "pin k".to_owned(),
        "pin --unpin k".to_owned(),
        "verify".to_owned(),
        "df".to_owned(),
        "stats".to_owned(),
        "lease list".to_owned(),
        format!("declare --group g --consumer c --keys {keys}"),
        "prune --group g".to_owned(),
        "evict --all-unleased".to_owned(),
    ] {
        let ran = cell.run(&line);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
    let fault = "invalid proxy address in `http_proxy`";
    let list = cell.file("list", "a http://h.invalid/a\nb http://h.invalid/b\n");
    for line in ["fetch http://h.invalid/a --key a", &format!("warm --file {list}")] {
        let refused = cell.run(line);
        let told = said(&refused, "error: ");
        assert_eq!(refused.code, Some(2), "{refused}");
        assert!(
            !told.is_empty() && told.iter().all(|line| line.ends_with(fault)),
            "{refused}"
        );
        assert!(!refused.stderr.contains("s3cr3t"), "{refused}");
    }
    let doctor = cell.run("doctor");
    let text = doctor.text();
    assert_eq!(doctor.code, Some(1), "{doctor}");
    assert!(text.contains(&format!("PROBLEM proxy: {fault}\n")), "{doctor}");
    assert_eq!(text.matches("PROBLEM").count(), 1, "{doctor}");
    assert!(!text.contains("s3cr3t"), "{doctor}");
}

/// Rules: S-18
#[test]
fn the_doctor_names_quotas_that_can_be_had() {
    let cell = cell();
    cell.open();
    let advice = |flags: &str| {
        let ran = cell.must(&format!("doctor {flags}"));
        let text = ran.text();
        let lines = text.lines().filter_map(|line| line.strip_prefix("  do: "));
        lines.map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    let check = |flags: &str, expected: &str| assert!(advice(flags).contains(expected), "{}", advice(flags));
    check("--quota 900T", "lower --quota to at most ");
    check("--scratch-quota 900T", "lower --quota and --scratch-quota to ");
    check("--quota 4K", "raise --quota: ");
    assert!(!advice("--scratch-quota 900T").contains("0B"));
}

/// What another process is making is no foreign file, nor is what every new file system has.
///
/// Rules: C-06, S-18
#[test]
fn a_store_is_not_made_among_other_files_unless_told() {
    let cell = cell();
    let store = cell.store();
    let is_made = || store.join("format").exists();
    fs::create_dir(&store).expect("a folder");
    fs::create_dir(store.join("lost+found")).expect("a folder");
    let letter = store.join("letter");
    fs::write(&letter, "x").expect("a file");
    let refused = cell.run("--json warm --file /dev/null");
    assert_eq!(
        (refused.code, refused.kind().as_str()),
        (Some(2), "usage"),
        "{refused}"
    );
    let expected = format!(
        "error: `{}` is no store, and not empty: `letter` is in it",
        store.display()
    );
    assert_eq!(said(&refused, "error: "), [expected]);
    assert_eq!(said(&refused, "help: ").len(), 2, "{refused}");
    let doctor = cell.run("doctor");
    assert!(
        doctor.code == Some(1) && doctor.text().contains("`letter` is in it"),
        "{doctor}"
    );
    assert_eq!(
        fs::read_dir(&store).expect("a folder").count(),
        2,
        "something was made"
    );
    fs::remove_file(&letter).expect("a file");
    fs::write(store.join("lock"), "").expect("a file");
    cell.open();
    assert!(is_made());
    fs::write(&letter, "x").expect("a file");
    cell.open();
    let told = self::cell();
    fs::create_dir(told.store()).expect("a folder");
    fs::write(told.store().join("letter"), "x").expect("a file");
    told.must("--allow-nonempty warm --file /dev/null");
    assert_eq!(fs::read(told.store().join("letter")).expect("a file"), b"x");
}

/// A variable that asks for JSON everywhere is no such wish.
///
/// Rules: C-118
#[test]
fn one_result_has_one_form() {
    let cell = cell();
    cell.open();
    for line in ["stats --json --prometheus", "--json stats --prometheus"] {
        let ran = cell.run(line);
        assert_eq!(
            (ran.code, ran.kind().as_str(), ran.text().as_str()),
            (Some(2), "usage", ""),
            "{ran}"
        );
    }
    cell.must("stats --json=false --prometheus");
    let cell = cell.env("CELLCACHE_JSON", "true");
    assert!(cell.must("stats --prometheus").text().starts_with("# HELP "));
}

/// Rules: C-118, Q11
#[test]
fn every_failure_is_an_object_for_programs() {
    let cell = cell();
    let file = cell.file("f", "x");
    let (one, two) = (cell.file("one", "k\n"), cell.file("two", "other\n"));
    let held = cell.must(&format!("--json fetch {file} --key k --as file --group g"));
    let check = |line: &str, outcome: &str, help: &str| {
        let ran = cell.run(&format!("--json {line}"));
        assert_eq!(
            format!("{} {}", ran.code.unwrap_or(-1), ran.kind()),
            outcome,
            "{ran}"
        );
        let objects: Vec<_> = said(&ran, "{");
        assert_eq!(objects.len(), 1, "{ran}");
        assert!(objects[0].contains(help), "{ran}");
        assert_eq!(said(&ran, "error: ").len(), 1, "{ran}");
    };
    check("evict k", "5 in-use", "cellcache lease list");
    cell.must(&format!("lease release {}", held.word("lease")));
    cell.must("pin k");
    check("evict k", "5 in-use", "cellcache pin --unpin k");
    check("prune --group g", "5 punted", "cellcache declare");
    cell.must(&format!("declare --group g --consumer a --keys {one}"));
    cell.must(&format!("declare --group g --consumer b --keys {two}"));
    check("prune --group g", "5 punted", "let every consumer declare");
    let path = held.word("path");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
    fs::write(&path, "y").expect("a file");
    check("verify k", "6 damaged", "cellcache verify --repair");
}

/// Rules: C-16
#[test]
fn a_sha256_may_say_what_it_is() {
    let cell = cell();
    let file = cell.file("f", "x");
    let sha256 = super::sha256(b"x");
    cell.must(&format!(
        "fetch {file} --key k --as file --sha256 sha256:{sha256}"
    ));
    let md5 = cell.run(&format!("fetch {file} --key k --as file --sha256 md5:{sha256}"));
    assert_eq!(md5.code, Some(2), "{md5}");
}

/// Rules: C-90
#[test]
fn what_goes_with_an_evicted_key_is_said() {
    let cell = cell();
    let file = cell.file("f", "x");
    let fetch = |key: &str| cell.must(&format!("fetch {file} --key {key} --as file --out /dev/null"));
    for key in ["a", "b", "c"] {
        let _ran = fetch(key);
    }
    let text = cell.must("evict b").text();
    assert!(text.starts_with("evicted b ("), "{text}");
    assert!(
        text.ends_with("), and with it a, c: the same content\n"),
        "{text}"
    );
    for key in ["a", "b"] {
        let _ran = fetch(key);
    }
    assert_eq!(cell.must("--json evict b").at("also"), serde_json::json!(["a"]));
}
