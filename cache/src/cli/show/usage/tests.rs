//! Usage in both forms.

use super::*;

fn room() -> Room {
    Room {
        limits: Limits {
            quota: 10 << 30,
            scratch_quota: 1 << 30,
            slack: 0,
            min_free_bytes: 1 << 20,
            min_free_inodes: 0,
            overcommit: false,
        },
        usage: Usage {
            objects: Share {
                count: 3,
                bytes: 3 << 30,
            },
            private: Share {
                count: 1,
                bytes: 512 << 20,
            },
            total: (3 << 30) + (512 << 20),
            scratch: 512 << 20,
            entries: 4,
            ..Usage::default()
        },
        free: FreeSpace {
            bytes: 5 << 30,
            inodes: 1000,
        },
        recounted: None,
    }
}

/// Rules: Q9, C-95
#[test]
fn private_copies_do_not_count_against_the_quota() {
    let lines = room().lines();
    let find = |name: &str| {
        lines
            .iter()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap()
    };
    assert!(find("used").contains("3G") && find("used").ends_with("30% of 10G"));
    assert!(find("scratch").ends_with("50% of 1G"));
    assert!(find("free on disk").ends_with("floor 1M"));
    assert!(lines.iter().any(|line| line == "4 keys, 0 leases"));
}

#[test]
fn programs_get_every_figure_in_bytes() {
    let value = serde_json::to_value(room().json()).unwrap();
    assert_eq!(value["used"], 3_u64 << 30);
    assert_eq!(value["objects"]["count"], 3);
    assert_eq!(value["free"]["bytes"], 5_u64 << 30);
    assert!(value.get("recounted").is_none());
}

#[test]
fn a_quota_of_nothing_has_no_percent() {
    assert_eq!(percent(1, 0), "");
    assert_eq!(percent(u64::MAX, u64::MAX), "100% of 16E");
}

/// Rules: C-94
#[test]
fn a_recount_says_whether_it_agrees() {
    let same = Room {
        recounted: Some(room().usage),
        ..room()
    };
    assert!(same.lines().contains(&"recounted: the disk agrees".to_owned()));
    let other = Room {
        recounted: Some(Usage::default()),
        ..room()
    };
    let line = other.lines().pop().unwrap();
    assert!(
        line.starts_with("recounted: the disk holds 0 bytes where the books say 3758096384"),
        "{line}"
    );
}

/// Rules: Q9
#[test]
fn a_shortage_is_told_with_its_numbers() {
    let expected = "5G free on the disk; 3G of the quota of 10G used; 0B leased by 0 leases; \
                    512M of 1G for private copies and views used";
    assert_eq!(room().shortage(), expected);
    assert!(room().disk_is_short());
    let roomy = Room {
        free: FreeSpace {
            bytes: 8 << 30,
            inodes: 1,
        },
        ..room()
    };
    assert!(!roomy.disk_is_short());
}
