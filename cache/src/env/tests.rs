//! The environment as a value.

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect()
}

#[test]
fn the_name_of_a_variable_follows_from_the_setting() {
    assert_eq!(variable("min-free-bytes"), "CELLCACHE_MIN_FREE_BYTES");
    let env = environment(&[("CELLCACHE_QUOTA", "1G"), ("CELLCACHE_SLACK", "")]);
    assert_eq!(env.setting("quota"), Some(OsStr::new("1G")));
    assert_eq!(env.setting("slack"), None, "an empty value is no value");
}

#[test]
fn the_users_caches_are_where_the_desktop_standard_says() {
    let check = |variables: &[(&str, &str)], expected: Option<&str>| {
        assert_eq!(
            environment(variables).cache_home(),
            expected.map(PathBuf::from),
            "{variables:?}"
        );
    };
    check(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")], Some("/x"));
    check(&[("XDG_CACHE_HOME", "x"), ("HOME", "/h")], Some("/h/.cache"));
    check(&[("HOME", "/h")], Some("/h/.cache"));
    check(&[("HOME", "")], None);
    check(&[], None);
}

/// Rules: C-37
#[test]
fn proxies_come_from_the_usual_variables() {
    let env = environment(&[("HTTP_PROXY", "http://u:p@proxy:1"), ("no_proxy", "localhost")]);
    let names: Vec<_> = env.proxy_variables().map(|(name, _)| name).collect();
    assert_eq!(names, ["HTTP_PROXY", "no_proxy"]);
    assert!(env.proxies().is_ok());
    assert!(environment(&[("HTTPS_PROXY", "ftp://x")]).proxies().is_err());
}
