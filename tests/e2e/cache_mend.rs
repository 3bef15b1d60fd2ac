//! What `verify --repair` and `doctor` make of damage that is no object's.

use std::fs;

use super::cell;

/// Rules: C-102, S-07, C-118
#[test]
fn a_damaged_format_is_replaced_by_a_repair_and_by_nothing_else() {
    let cell = cell();
    let file = cell.file("f", "x");
    let ran = cell.must(&format!("--json fetch {file} --key k --as file --holder box"));
    let format = cell.store().join("format");
    let mut content = fs::read(&format).expect("a format");
    content[1] = 0xff;
    fs::write(&format, &content).expect("written");
    for line in ["ls", "verify", "lease list", "evict k"] {
        let refused = cell.run(line);
        assert_eq!(refused.code, Some(6), "{refused}");
        assert!(
            refused.stderr.contains("help: cellcache verify --repair"),
            "{refused}"
        );
    }
    assert_eq!(fs::read(&format).expect("a format"), content);
    let mended = cell.must("verify --repair").text();
    assert_eq!(mended, "replaced format: it was damaged\n1 sound, 0 damaged\n");
    assert_eq!(cell.must("verify --repair").text(), "1 sound, 0 damaged\n");
    let leases = cell.must("--json lease list").text();
    assert!(leases.contains(&ran.word("lease")), "{leases}");
}
