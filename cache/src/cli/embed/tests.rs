//! The other program's store is ours.

use std::path::Path;

use super::*;

fn with(options: &[&str], variables: &[(&str, &str)]) -> Result<Shared, Unusable> {
    let options: Vec<OsString> = options.iter().map(OsString::from).collect();
    let variables = variables.iter().chain(&[("HOME", "/home/u")]);
    let environment = variables
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect();
    shared(&options, &environment)
}

#[test]
fn options_win_over_variables() {
    let found = with(
        &["--store=/s", "--offline"],
        &[("CELLCACHE_STORE", "/other"), ("CELLCACHE_QUOTA", "5G")],
    )
    .unwrap();
    assert_eq!(found.settings.root, Path::new("/s"));
    assert_eq!(found.settings.limits.quota, 5 << 30);
    assert!(found.rules.offline);
}

#[test]
fn what_is_wrong_is_told() {
    let told =
        |options: &[&str], variables: &[(&str, &str)]| with(options, variables).err().unwrap().to_string();
    assert_eq!(told(&["--quota=much"], &[]), "Invalid option of the store");
    assert_eq!(
        told(&[], &[("CELLCACHE_QUOTA", "much")]),
        "Invalid value of the variable CELLCACHE_QUOTA"
    );
}
