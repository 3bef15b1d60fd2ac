//! Staging as a user without rights.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::expect::Expect;
use tests::scenario::{Scenario, Step};

use super::hold;

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::skip("plain-user", "R16.2-08, R4-07")
            .as_user()
            .buildpack("a", "supplies-lib")
            .buildpack("b", "supply-and-finalize")
            .app("bash-app")
            .exit(0)
            .expect(Expect::DropletGolden("droplet/whole")),
        Scenario::skip("private-umask", "R1-04")
            .as_user()
            .limits("umask 077")
            .buildpack("a", "supplies-lib")
            .buildpack("b", "finalize-only")
            .exit(0)
            .that(|outcome| {
                assert_eq!(outcome.droplet.get("./deps/").mode, 0o700);
                assert_eq!(outcome.droplet.get("./tmp/").mode, 0o700);
                assert_eq!(outcome.cache.get("./final/").mode, 0o700);
            }),
        Scenario::skip("open-umask", "R1-04, R16.1-01")
            .limits("umask 000")
            .buildpack("a", "finalize-only")
            .exit(0)
            .that(|outcome| {
                assert_eq!(outcome.droplet.get("./").mode, 0o700);
                assert_eq!(outcome.droplet.get("./deps/0/").mode, 0o755);
                assert_eq!(outcome.droplet.get("./logs/").mode, 0o755);
            }),
        Scenario::skip("buildpacks-folder-cannot-be-read", "R19-08")
            .as_user()
            .buildpack("a", "compiles")
            .step(Step::Mode("{bps}", 0o000))
            .exit(225)
            .stderr_has("Failed to read buildpack directory 'ROOT/bps/XX(a)' for buildpack 'ROOT/bps/XX(a)'"),
        placed("copy-under-umask-077", "umask 077").flags(&["-placement=copy"]),
        placed("copy-under-umask-000", "umask 000").flags(&["-placement=copy"]),
        placed("in-place-under-umask-077", "umask 077"),
        Scenario::skip("copies-are-for-everybody", "P-07")
            .order("a")
            .cached("a", "compiles")
            .flags(&["-placement=copy"])
            .limits("umask 077")
            .exit(0)
            .that(|outcome| {
                for (path, mode) in [("", 0o755), ("/bin", 0o755), ("/bin/compile", 0o755)] {
                    let path = outcome.sandbox.expand(&format!("{{dl}}/{{xx:a}}{path}"));
                    let found = fs::metadata(&path).expect("a part of the copy");
                    assert_eq!(found.permissions().mode() & 0o7777, mode, "{path}");
                }
            }),
        Scenario::skip("buildpacks-folder-cannot-be-made", "")
            .as_user()
            .order("a")
            .cached("a", "compiles")
            .step(Step::Mode("{bps}", 0o555))
            .exit(0)
            .stderr(""),
        Scenario::skip("link-cannot-be-made", "")
            .as_user()
            .order("a")
            .cached("a", "compiles")
            .step(Step::Mode("{bps}", 0o555))
            .flags(&["-placement=link"])
            .exit(225)
            .stderr_has("Cached buildpack `a` cannot be used: symlink ROOT/bps/XX(a): permission denied\n"),
        Scenario::skip("cached-downloads-cannot-be-entered", "B-12")
            .as_user()
            .order("a")
            .cached("a", "compiles")
            .step(Step::Mode("{cached}", 0o000))
            .exit(225)
            .stderr_has("permission denied\n"),
    ]
}

/// A cached buildpack under a mask of its own: the mask is the builder's, and the modes are those of the cache (P-07).
fn placed(name: &'static str, mask: &str) -> Scenario {
    Scenario::skip(name, "P-07")
        .order("a")
        .cached("a", "compiles")
        .limits(mask)
        .exit(0)
        .stdout("compile 2 ROOT/app ROOT/cache/final\n")
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
