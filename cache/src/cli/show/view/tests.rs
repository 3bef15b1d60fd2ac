//! Mounts for runtimes.

use super::*;

/// Rules: Q5
#[test]
fn a_mount_for_garden_is_read_only_and_from_the_host() {
    let mount = Mount::read_only("/s/tree".into(), "/cached-downloads/ruby".into());
    let expected = r#"{"src_path":"/s/tree","dst_path":"/cached-downloads/ruby","mode":0,"origin":0}"#;
    assert_eq!(serde_json::to_string(&garden_mount(&mount)).unwrap(), expected);
}
