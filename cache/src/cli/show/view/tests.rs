//! Mounts in three formats.

use super::*;

/// Rules: Q5
#[test]
fn mounts_are_printed_for_both_runtimes() {
    let all = [Mount::read_only(
        "/s/tree".into(),
        "/cached-downloads/ruby".into(),
    )];
    let check = |format, expected: &str| {
        assert_eq!(serde_json::to_string(&mounts(&all, format)).unwrap(), expected);
    };
    check(
        MountFormat::Oci,
        r#"[{"destination":"/cached-downloads/ruby","type":"bind","source":"/s/tree","options":["bind","ro","nosuid","nodev"]}]"#,
    );
    check(
        MountFormat::Garden,
        r#"[{"src_path":"/s/tree","dst_path":"/cached-downloads/ruby","mode":0,"origin":0}]"#,
    );
}
