//! What git said, for people.

use super::*;

#[test]
fn the_scratch_directory_is_not_told() {
    let check = |lines: &[&str], expected: &str| {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(words(lines), expected);
    };
    check(
        &["Cloning into '/s/git/x'...", "fatal: no", "more"],
        "fatal: no / more",
    );
    check(&["Cloning into '/s/git/x'..."], "Cloning into '/s/git/x'...");
    check(&[], "");
}
