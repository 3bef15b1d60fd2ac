//! What `verify --repair` and `doctor` make of damage that is no object's.

use std::fs;

use tests::cell::Running;
use tests::tars::{self, Member};

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

/// Rules: C-85, C-86, C-102, S-07
#[test]
fn a_view_whose_record_is_damaged_is_told_of_and_can_be_released() {
    for mender in ["view release", "verify --repair", "lease reclaim --live"] {
        let cell = cell();
        let file = cell.file("a.tgz", tars::tgz(&[Member::file("f", "x")]));
        let list = cell.file("list", format!("a {file}\n"));
        let make = format!("--json view create seen --file {list} --way links --holder box");
        let view = cell.must(&make).word("view");
        fs::write(cell.store().join("views").join(&view).join("record.json"), "{").expect("written");
        assert_eq!(cell.must("--json view list").text(), "");
        let told = cell.run("doctor").text();
        let release = format!("view release {view}");
        assert!(told.contains(&format!("do: cellcache {release}")), "{told}");
        let verified = cell.run("verify");
        assert_eq!(verified.code, Some(6), "{verified}");
        assert!(verified.text().ends_with("1 sound, 1 damaged\n"), "{verified}");
        let mended = match mender {
            "view release" => cell.must(&release),
            "verify --repair" => cell.must(mender),
            _ => cell.must(&format!("{mender} {}", cell.file("live", "other\n"))),
        };
        match mender {
            "verify --repair" => assert!(
                mended.text().contains(&format!("released view {view}")),
                "{mended}"
            ),
            "view release" => {}
            _ => {
                assert!(mended.text().ends_with(" of box: a\n"), "{mended}");
                assert!(!mended.stderr.contains("every holder"), "{mended}");
            }
        }
        assert_eq!(cell.must("--json lease list").text(), "", "{mender}");
        assert!(!cell.store().join("views").join(&view).exists(), "{mender}");
        assert_eq!(cell.must("verify").text(), "1 sound, 0 damaged\n", "{mender}");
        assert!(!cell.run("doctor").text().contains(&view), "{mender}");
        cell.must("evict a");
    }
}

/// What went when the store was opened is told as well.
///
/// Rules: C-85, C-86
#[test]
fn a_reclaim_tells_what_it_took() {
    let cell = cell();
    let file = cell.file("f", "x");
    let line = format!("fetch {file} --key k --as file --holder box");
    let mut dying = cell.command(&line);
    dying.env("CELLCACHE_FAILPOINTS", "publish.done=kill");
    assert_eq!(Running::of(dying, &line).finish().signal, Some(9));
    let ran = cell.must("lease reclaim");
    assert!(ran.text().starts_with("reclaimed "), "{ran}");
    assert_eq!(ran.stderr, "", "{ran}");
    let ran = cell.must("lease reclaim");
    assert_eq!(
        ran.stderr, "every holder of a lease is alive, as far as is known\n",
        "{ran}"
    );
}
