//! Staging as a user without rights.

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
    ]
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
