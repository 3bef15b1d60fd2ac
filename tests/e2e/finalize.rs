//! Finalize, and supply of the final buildpack (§9).

use tests::expect::Expect;
use tests::scenario::Scenario;

use super::hold;

const FAILED: &str = "Failed to compile droplet: ";
const LOOP: &str = "too many levels of symbolic links";

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::skip("finalize-alone", "R9-07, R4-15")
            .buildpack("a", "finalize-only")
            .exit(0)
            .stderr("")
            .stdout(
                "finalize 5 ROOT/app ROOT/cache/final ROOT/tmp/contentsN/deps 0 ROOT/tmp/contentsN/profile.d\n",
            ),
        Scenario::skip("supply-then-finalize", "R9-06, R4-14")
            .buildpack("a", "supply-and-finalize")
            .exit(0)
            .stdout(
                "supply 4 ROOT/app ROOT/cache/final ROOT/tmp/contentsN/deps 0\n\
                 finalize 5 ROOT/app ROOT/cache/final ROOT/tmp/contentsN/deps 0 ROOT/tmp/contentsN/profile.d\n",
            ),
        Scenario::skip("finalize-fails", "R9-11, R17-05, R12.3-03, R17-08")
            .buildpack("a", "fails-to-finalize")
            .exit(223)
            .stdout("")
            .stderr(format!("{FAILED}Failed to run finalize script: exit status 7\n"))
            .expect(Expect::NoDroplet)
            .expect(Expect::Result(
                r#"{"lifecycle_metadata":{"buildpack_key":"a","detected_buildpack":"","buildpacks":[{"key":"a","name":""}]},"process_types":null,"execution_metadata":"","lifecycle_type":"buildpack"}"#.into(),
            )),
        Scenario::skip("supply-of-the-final-fails", "R9-11, R17-05")
            .buildpack("a", "fails-in-supply")
            .exit(223)
            .stdout("supplying\n")
            .stderr(format!("{FAILED}Failed to run all supply scripts: exit status 9\n")),
        Scenario::detect("failure-in-detect-mode-has-no-detect-name", "R12.3-03")
            .buildpack("a", "fails-to-finalize")
            .exit(223)
            .result_at("/lifecycle_metadata/detected_buildpack", "\"\"")
            .result_at("/process_types", "null"),
        Scenario::skip("dangling-finalize-counts-as-absent", "R9-08")
            .buildpack("a", "finalize-dangling")
            .exit(0)
            .stdout("compile 2 ROOT/app ROOT/cache/final\n"),
        Scenario::skip("finalize-is-a-link-loop", "R9-10")
            .buildpack("a", "finalize-loops")
            .exit(223)
            .stderr(format!(
                "{FAILED}Failed to run finalize script: stat ROOT/bps/XX(a)/bin/finalize: {LOOP}\n"
            )),
        Scenario::skip("supply-is-a-link-loop", "R9-10")
            .buildpack("a", "supply-loops")
            .exit(223)
            .stderr(format!(
                "{FAILED}Failed to run all supply scripts: stat ROOT/bps/XX(a)/bin/supply: {LOOP}\n"
            )),
    ]
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
