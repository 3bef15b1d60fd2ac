//! What views and their entries are called when nothing is said.

use super::*;
use crate::ingest::remote_url::RemoteUrl;

#[test]
fn a_view_is_called_by_its_holder_or_directory() {
    let check = |holder: Option<&str>, directory: Option<&str>, expected: &str| {
        let holder = HolderArgs {
            holder: holder.map(ToOwned::to_owned),
            ..HolderArgs::default()
        };
        assert_eq!(view_name(&holder, directory.map(Path::new)), expected);
    };
    check(Some("box"), Some("/a/b"), "box");
    check(Some(""), Some("/a/b"), "b");
    check(None, Some("/a/b/"), "b");
    check(None, Some("/"), "view");
    check(None, None, "view");
}

/// Rules: K-01
#[test]
fn an_asset_without_a_key_is_called_by_its_source() {
    let check = |address: &str, expected: &str| {
        let url = RemoteUrl::parse(address).expect("an address");
        assert_eq!(last_part(&Source::Url(url)), expected, "{address}");
    };
    check("http://u:hunter2@h/a/ruby.zip?token=hunter2", "ruby.zip");
    check("http://h/a/", "a");
    assert_eq!(last_part(&Source::Path("/srv/go".into())), "go");
    assert_eq!(last_part(&Source::Path("/".into())), "asset");
}
