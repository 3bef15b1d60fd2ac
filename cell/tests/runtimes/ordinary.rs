//! The same tests once more as an ordinary user, with and without subordinate ids.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::harness::{program, say, scratch};

/// Set in the copy that is the ordinary user, so that it does not start another.
const INSIDE: &str = "CELL_TEST_ORDINARY";
/// An ordinary user that needs no name.
const USER: &str = "54321";

/// Runs all tests of this program as an ordinary user, after `before` (as root, in a mount namespace of its own).
fn again(before: &str) {
    if std::env::var_os(INSIDE).is_some() {
        return;
    }
    let id = Command::new("id").arg("-u").output().expect("id");
    if id.stdout != b"0\n" {
        say!("SKIPPED: another user: only root can become one");
        return;
    }
    let place = scratch();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
    let tests = place.path().join("tests");
    let cell = place.path().join("cell");
    fs::copy(std::env::current_exe().expect("this program"), &tests).expect("a copy");
    fs::copy(program(), &cell).expect("a copy");
    let script = format!(
        "{before} exec setpriv --reuid {USER} --regid {USER} --clear-groups \"$0\" --nocapture --test-threads 2"
    );
    let run = Command::new("unshare")
        .args(["--mount", "sh", "-ec", &script])
        .arg(&tests)
        .env(INSIDE, "1")
        .env("CELL_UNDER_TEST", &cell)
        .env("PLACE", place.path())
        .output()
        .expect("unshare");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(run.status.success(), "as user {USER}: {said}");
    for line in said
        .lines()
        .filter(|line| line.contains("SKIPPED") || line.contains("kinds of"))
    {
        say!("as user {USER}: {line}");
    }
}

#[test]
fn everything_holds_for_a_user_with_one_id() {
    again("");
}

#[test]
fn everything_holds_for_a_user_with_subordinate_ids() {
    let missing = ["newuidmap", "newgidmap"]
        .into_iter()
        .find(|name| !std::path::Path::new("/usr/bin").join(name).is_file());
    if let Some(name) = missing {
        say!("SKIPPED: subordinate ids: `{name}` is not installed");
        return;
    }
    again(&format!(
        "echo {USER}:700000:65536 >\"$PLACE/sub\"
         mount --bind \"$PLACE/sub\" /etc/subuid
         mount --bind \"$PLACE/sub\" /etc/subgid
         grep -v '^nobody-in-tests:' /etc/passwd >\"$PLACE/passwd\"
         echo nobody-in-tests:x:{USER}:{USER}::/:/bin/sh >>\"$PLACE/passwd\"
         mount --bind \"$PLACE/passwd\" /etc/passwd
         "
    ));
}
