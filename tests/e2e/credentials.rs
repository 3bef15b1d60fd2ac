//! Secrets never show (chapter 8 of the threats, K-02).

use tests::origin::{Origin, Reply, Route};
use tests::outcome::Outcome;
use tests::program::End;
use tests::scenario::Scenario;
use tests::zips;

use super::program;

const WORDS: [&str; 3] = ["canaryPasswordQ7", "canaryTokenX9", "canaryServiceZ3"];

/// The contract's own places are the key in result.json and the environment of scripts; nothing else may show a word.
fn nothing_shown(outcome: &Outcome) {
    for word in WORDS {
        for (place, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            assert!(!text.contains(word), "{word} in {place}: {text}");
        }
        assert!(
            !outcome.staging_info().contains(word),
            "{word} in staging_info.yml"
        );
        for name in outcome.left.iter().chain(&outcome.cache_dir) {
            assert!(!name.contains(word), "{word} in the name {name}");
        }
    }
}

fn scenario(url: &str) -> Scenario {
    Scenario::skip("secrets", "").order(url).env(
        "VCAP_SERVICES",
        r#"{"x":[{"credentials":{"password":"canaryServiceZ3"}}]}"#,
    )
}

/// Rows: R6.2-14, R6.2-09
#[test]
fn a_download_does_not_show_them() {
    let archive = zips::buildpack("finalize-only", []);
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(&archive)))]);
    let url = format!(
        "{}?token=canaryTokenX9",
        origin.url_with("user:canaryPasswordQ7", "/bp.zip")
    );
    let outcome = scenario(&url).run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert!(
        outcome.stdout.contains("Downloaded buildpack `"),
        "{}",
        outcome.stdout
    );
    nothing_shown(&outcome);
}

/// Rows: R6.2-14, R6.2-10, R6.1-04
#[test]
fn failures_do_not_show_them() {
    let origin = Origin::start([("/bad.zip", Route::always(Reply::ok(b"no zip")))]);
    let dead = tests::origin::dead_address();
    let query = "?token=canaryTokenX9";
    let urls = [
        format!(
            "{}{query}",
            origin.url_with("user:canaryPasswordQ7", "/absent.zip")
        ),
        format!("{}{query}", origin.url_with("user:canaryPasswordQ7", "/bad.zip")),
        format!("http://user:canaryPasswordQ7@{dead}/x.zip{query}"),
        format!("http://user:canaryPasswordQ7@{dead}/repo.git{query}"),
        "http://user:canaryPasswordQ7%zz@h/x.zip".to_owned(),
    ];
    for url in urls {
        let outcome = scenario(&url).run(&program());
        assert_eq!(outcome.end, End::Exit(1), "{}", outcome.stderr);
        nothing_shown(&outcome);
    }
}
