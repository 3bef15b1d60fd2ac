//! Precedence, and what is refused.

#![expect(
    clippy::disallowed_methods,
    reason = "tests make the files that the program reads"
)]

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;

use super::*;
use crate::model::size::Size;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter().chain(&[("HOME", "/home/u")]);
    variables
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect()
}

fn with(globals: &Globals, variables: &[(&str, &str)]) -> Result<Settings, SettingsFault> {
    resolve(globals, None, &environment(variables), false)
}

fn config(text: &str) -> (tempfile::TempDir, Globals) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.json");
    std::fs::write(&path, text).unwrap();
    let mut globals = Globals::default();
    globals.store.config = Some(path);
    (folder, globals)
}

fn where_from(settings: &Settings, name: &str) -> (Option<String>, Origin) {
    let found = settings
        .effective
        .iter()
        .find(|value| value.name == name)
        .unwrap();
    (found.value.clone(), found.from)
}

#[test]
fn the_command_line_wins_over_the_variable_over_the_file() {
    let (_folder, mut globals) = config(r#"{"quota": "1G", "slack": "1M", "attempts": 2}"#);
    globals.store.quota = Some(Size(3 << 30));
    let variables = [("CELLCACHE_QUOTA", "2G"), ("CELLCACHE_SLACK", "2M")];
    let settings = with(&globals, &variables).unwrap();
    let check = |name, value: &str, from| {
        assert_eq!(
            where_from(&settings, name),
            (Some(value.to_owned()), from),
            "{name}"
        );
    };
    check("quota", "3G", Origin::Flag);
    check("slack", "2M", Origin::Environment);
    check("attempts", "2", Origin::File);
    check("downloads", "5", Origin::Default);
    assert_eq!(settings.limits.quota, 3 << 30);
    assert_eq!(settings.limits.slack, 2 << 20);
    assert_eq!(settings.network.attempts, 2);
}

#[test]
fn every_setting_is_told_once() {
    let settings = with(&Globals::default(), &[]).unwrap();
    let mut told: Vec<_> = settings.effective.iter().map(|value| value.name).collect();
    let mut names = NAMES.to_vec();
    told.sort_unstable();
    names.sort_unstable();
    assert_eq!(told, names);
}

#[test]
fn every_member_of_the_file_counts() {
    let (_folder, globals) = config(
        r#"{"store": "/s", "ca-cert": ["/a", "/b"], "client-cert": "/c", "client-key": "/k",
            "skip-cert-verify": true, "idle-timeout": "3s", "deadline": "1h", "stale-if-error": "1d",
            "offline": true, "json": true, "verbose": 2, "progress": "never", "overcommit": false}"#,
    );
    let settings = with(&globals, &[]).unwrap();
    assert_eq!(settings.store, Path::new("/s"));
    assert_eq!(settings.network.ca_certs, ["/a", "/b"].map(PathBuf::from));
    assert_eq!(settings.network.client, Some(("/c".into(), "/k".into())));
    assert!(settings.network.skip_cert_verify);
    assert_eq!(settings.network.idle, Duration::from_secs(3));
    assert_eq!(settings.network.deadline, Some(Duration::from_hours(1)));
    assert_eq!(settings.rules.stale_if_error, Some(Duration::from_hours(24)));
    assert!(settings.rules.offline);
    let expected = Output {
        json: true,
        quiet: false,
        verbose: 2,
        progress: ProgressMode::Never,
    };
    assert_eq!(settings.output, expected);
}

#[test]
fn a_switch_that_the_file_turns_on_can_be_turned_off() {
    let (_folder, globals) = config(r#"{"offline": true}"#);
    let rules = RulesArgs {
        offline: Some(false),
        ..RulesArgs::default()
    };
    let settings = resolve(&globals, Some(&rules), &environment(&[]), false).unwrap();
    assert!(!settings.rules.offline);
}

#[test]
fn the_store_of_root_is_the_systems() {
    let check = |is_root, variables: &[(&str, &str)], expected: &str| {
        let settings = resolve(&Globals::default(), None, &environment(variables), is_root).unwrap();
        assert_eq!(settings.store, Path::new(expected));
    };
    check(true, &[], "/var/lib/cellcache");
    check(false, &[], "/home/u/.cache/cellcache");
    check(false, &[("XDG_CACHE_HOME", "/x")], "/x/cellcache");
    check(true, &[("CELLCACHE_STORE", "/s")], "/s");
    let nowhere = resolve(&Globals::default(), None, &Environment::default(), false);
    assert!(matches!(nowhere, Err(SettingsFault::NoStore)));
}

/// Rules: C-38
#[test]
fn what_is_wrong_says_where_it_stands() {
    let check = |globals: &Globals, variables: &[(&str, &str)], expected: &str| {
        let Err(fault) = with(globals, variables) else {
            panic!("{expected}");
        };
        let cause = fault.source().map(ToString::to_string).unwrap_or_default();
        let words = format!("{fault}: {cause}");
        assert!(words.contains(expected), "{words}");
    };
    let none = Globals::default();
    check(
        &none,
        &[("CELLCACHE_QUOTA", "ten")],
        "Invalid value of the variable CELLCACHE_QUOTA: Expected a number of bytes",
    );
    check(
        &none,
        &[("CELLCACHE_OFFLINE", "yes")],
        "CELLCACHE_OFFLINE: Expected true or false",
    );
    check(
        &none,
        &[("CELLCACHE_DOWNLOADS", "0")],
        "`downloads` must be at least 1",
    );
    check(
        &none,
        &[("CELLCACHE_PROGRESS", "on")],
        "Expected auto, always or never",
    );
    check(&none, &[("CELLCACHE_IDLE_TIMEOUT", "10")], "Expected a duration");
    check(
        &none,
        &[("CELLCACHE_CLIENT_CERT", "/c")],
        "only `client-cert` was given",
    );
    check(
        &none,
        &[("CELLCACHE_CLIENT_KEY", "/k")],
        "only `client-key` was given",
    );
    check(
        &none,
        &[("CELLCACHE_CONFIG", "/nowhere")],
        "Failed to read the configuration",
    );
    let (_folder, file) = config(r#"{"attempts": "many"}"#);
    check(&file, &[], "Invalid value of `attempts` in");
}
