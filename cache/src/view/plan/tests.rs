use super::*;

/// Rules: Q5, C-130.
#[test]
fn mounts_are_plain_read_only_binds() {
    let mount = Mount::read_only("/store/x".into(), "/cached-downloads/x".into());
    assert_eq!(mount.options(), ["bind", "ro", "nosuid", "nodev"]);
    let text = serde_json::to_string(&mount.oci()).expect("JSON");
    assert_eq!(
        text,
        r#"{"destination":"/cached-downloads/x","type":"bind","source":"/store/x","options":["bind","ro","nosuid","nodev"]}"#
    );
}
