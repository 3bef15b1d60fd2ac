//! Words of wrong usage.

use super::*;

fn words(line: &[&str]) -> String {
    let mut refused = args::parse(line).err().expect("wrong usage");
    redact(&mut refused);
    refused.to_string()
}

/// Rules: K-01
#[test]
fn wrong_usage_repeats_no_secret() {
    let check = |line: &[&str]| {
        let text = words(line);
        assert!(!text.contains("hunter2"), "{text}");
    };
    check(&["cellcache", "ls", "http://u:hunter2@h/x"]);
    check(&["cellcache", "ls", "u:hunter2@h"]);
    check(&[
        "cellcache",
        "fetch",
        "x",
        "--sha256",
        "http://u:hunter2@h/x?t=hunter2",
    ]);
    check(&["cellcache", "http://u:hunter2@h/x"]);
    check(&["cellcache", "ls", "http://u:1/hunter2@[h/x"]);
    check(&["cellcache", "fetch", "x", "u:hunter2/1@h/x"]);
    check(&["cellcache", "fetch", "x", "http:/u:hunter2@h/x"]);
    check(&["cellcache", "ls", "--http://u:hunter2@h/x"]);
    let text = words(&["cellcache", "ls", "http://u:hunter2@h/x"]);
    assert!(text.contains("http://***@h/x"), "{text}");
}
