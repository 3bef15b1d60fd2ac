//! Supply scripts (§9).

use tests::expect::Expect;
use tests::outcome::Outcome;
use tests::scenario::Scenario;

use super::hold;

const DEPS: &str = "ROOT/tmp/contentsN/deps";
const KEYS: [&str; 10] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"];

pub(crate) fn scenarios() -> Vec<Scenario> {
    let failed = "Failed to run all supply scripts: ";
    vec![
        Scenario::skip("in-order-with-arguments", "R4-13, R4-14, R4-15, R4-18, R9-04, R9-06, R4-04, R1-02")
            .buildpack("a", "supply-only")
            .buildpack("b", "supply-only")
            .buildpack("c", "supply-and-finalize")
            .exit(0)
            .stderr("")
            .stdout(format!(
                "supply 4 ROOT/app ROOT/cache/XX(a) {DEPS} 0\nsupply 4 ROOT/app ROOT/cache/XX(b) {DEPS} 1\n\
                 supply 4 ROOT/app ROOT/cache/final {DEPS} 2\n\
                 finalize 5 ROOT/app ROOT/cache/final {DEPS} 2 ROOT/tmp/contentsN/profile.d\n"
            ))
            .expect(Expect::DropletHas(&["./deps/0/", "./deps/1/", "./deps/2/", "./profile.d/a.sh"]))
            .result_at(
                "/lifecycle_metadata/buildpacks",
                r#"[{"key":"a","name":""},{"key":"b","name":""},{"key":"c","name":""}]"#,
            ),
        many("nine-entries", 9).that(|outcome| indices(outcome, &["0", "1", "2", "3", "4", "5", "6", "7", "8"])),
        many("ten-entries", 10)
            .that(|outcome| indices(outcome, &["00", "01", "02", "03", "04", "05", "06", "07", "08", "09"])),
        Scenario::skip("one-without-supply", "R9-03, R9-01, R17-07")
            .buildpack("a", "supply-unnoticed")
            .buildpack("b", "compiles")
            .buildpack("c", "compiles")
            .exit(225)
            .stdout("")
            .stderr(
                "Error: one of the buildpacks chosen to supply dependencies does not support multi-buildpack apps\n",
            )
            .expect(Expect::NoResult)
            .that(nothing_ran),
        Scenario::skip("one-not-located", "R9-02, R9-01")
            .buildpack("a", "supply-unnoticed")
            .buildpack("c", "compiles")
            .order("a,x,c")
            .exit(225)
            .stdout("")
            .stderr(
                "Failed to read buildpack directory 'ROOT/bps/XX(x)' for buildpack 'ROOT/bps/XX(x)'\n\
                 Failed to run all supply scripts: Failed to read buildpack directory 'ROOT/bps/XX(x)' for \
                 buildpack 'ROOT/bps/XX(x)'\n",
            )
            .that(nothing_ran),
        Scenario::skip("one-fails", "R9-04, R17-07, R12.3-02, R17-08")
            .buildpack("a", "fails-in-supply")
            .buildpack("b", "supply-unnoticed")
            .buildpack("c", "compiles")
            .exit(225)
            .stdout("supplying\n")
            .stderr(format!("{failed}exit status 9\n"))
            .expect(Expect::NoResult)
            .that(nothing_ran),
        Scenario::skip("one-is-killed", "R4-11")
            .buildpack("a", "supply-by-signal")
            .buildpack("c", "compiles")
            .exit(225)
            .stderr(format!("{failed}signal: killed\n")),
        Scenario::skip("execute-bits-are-not-checked-beforehand", "R9-01, R4-11")
            .buildpack("a", "supply-only")
            .buildpack("b", "supply-not-executable")
            .buildpack("c", "compiles")
            .exit(225)
            .stdout(format!("supply 4 ROOT/app ROOT/cache/XX(a) {DEPS} 0\n"))
            .stderr(format!("{failed}fork/exec ROOT/bps/XX(b)/bin/supply: permission denied\n")),
        Scenario::skip("final-is-located-last", "R9-05, R9-01")
            .buildpack("a", "supply-only")
            .order("a,x")
            .exit(225)
            .stdout(format!("supply 4 ROOT/app ROOT/cache/XX(a) {DEPS} 0\n"))
            .stderr(format!(
                "{failed}Failed to read buildpack directory 'ROOT/bps/XX(x)' for buildpack 'ROOT/bps/XX(x)'\n"
            )),
        Scenario::skip("deps-travel", "R16.2-02")
            .buildpack("a", "supplies-lib")
            .buildpack("b", "finalize-only")
            .exit(0)
            .expect(Expect::DropletHas(&["./deps/0/lib/a"]))
            .expect(Expect::CacheDir(&["XX(a)/", "XX(a)/layer", "final/"])),
    ]
}

fn many(name: &'static str, entries: usize) -> Scenario {
    let mut scenario = Scenario::skip(name, "R4-19, R16.2-02");
    for key in &KEYS[..entries - 1] {
        scenario = scenario.buildpack(key, "supply-only");
    }
    scenario.buildpack(KEYS[entries - 1], "finalize-only").exit(0)
}

fn indices(outcome: &Outcome, expected: &[&str]) {
    let field = |line: &str| line.split(' ').nth(5).unwrap_or_default().to_owned();
    let told: Vec<_> = outcome.stdout.lines().map(field).collect();
    assert_eq!(told, expected, "{}", outcome.stdout);
    for index in expected {
        assert_eq!(outcome.droplet.get(&format!("./deps/{index}/")).kind, 'd');
    }
}

fn nothing_ran(outcome: &Outcome) {
    assert!(
        !outcome.sandbox.path("supplied").exists(),
        "supply-unnoticed has run"
    );
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
