//! `cell stage --offline`: nobody is asked.

use tests::desk::Desk;
use tests::origin::{Asset, Origin, Route};
use tests::zips;

/// Without the network: what lies on this machine is read as it is now, what is behind an address comes out of the
/// cache, and a repository is refused.
#[test]
fn a_staging_without_the_network() {
    let desk = Desk::new(super::CELLCACHE, super::CELL);
    let app = desk.folder("app", &[("a", "b")]);
    let near = desk.buildpack("near", "echo first", "true");
    let bytes = zips::buildpack("compiles", []);
    let origin = Origin::start([("/far.zip", Route::asset(Asset::new(bytes, "\"1\"")))]);
    let far = origin.url("/far.zip");
    let line = |source: &str| format!("stage {app} -b {source} --runtime none --out out --no-detect");
    desk.must(&line(&far));
    for (compile, how) in [("echo first", "cold"), ("echo second", "changed")] {
        let _same_place = desk.buildpack("near", compile, "true");
        let ran = desk.must(&format!("{} --offline", line(&near)));
        assert!(ran.text().starts_with(&compile[5..]), "{ran}");
        assert_eq!(desk.report("out")["buildpacks"][0]["how"], how);
    }
    let asked = origin.requests().len();
    desk.must(&format!("{} --offline", line(&far)));
    assert_eq!(origin.requests().len(), asked);
    let check = |source: &str, words: &[&str]| {
        let ran = desk.run(&format!("{} --offline", line(source)));
        assert_eq!(ran.code, Some(101), "{ran}");
        for words in words {
            assert!(ran.stderr.contains(words), "{words} in {ran}");
        }
    };
    check(
        &origin.url("/other.zip"),
        &["is not in the store", "help: stage once without --offline"],
    );
    check(
        &origin.url("/some.git"),
        &[
            "--offline forbids to ask for it",
            "help: a repository is asked in every staging",
        ],
    );
    desk.assert_clean();
}
