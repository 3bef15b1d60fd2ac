//! What the program says to people: notes, advice that fits, words that are true.

use tests::cell::{Cell, Ran};
use tests::origin::{Asset, Body, Origin, Reply, Route};
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
