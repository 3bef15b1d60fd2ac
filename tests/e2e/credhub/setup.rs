//! What is settled before anybody is asked: options, identity, authorities.

use std::ffi::OsString;
use std::time::Duration;

use builder::platform::credhub::{CredhubSettings, interpolate};
use tests::certificates::self_signed;
use tests::origin::{Origin, Reply, Route};

use super::{Instance, PATH, SECRET, SERVICES, ask};

/// Rows: R14-01, R14-03, R14-04, R3-05.
#[test]
fn nobody_is_asked_without_need() {
    let instance = Instance::new();
    let nothing = CredhubSettings {
        certificate: None,
        ..instance.settings(1)
    };
    let skipped = CredhubSettings {
        is_skipped: true,
        ..nothing.clone()
    };
    for (uri, settings, services) in [
        ("", &nothing, SERVICES),
        ("https://c.invalid", &nothing, "{}"),
        ("https://c.invalid", &nothing, ""),
        ("https://c.invalid", &skipped, SERVICES),
    ] {
        let outcome = ask(uri, settings, services);
        assert_eq!(outcome.services, Ok(None));
    }
}

/// Rows: R14-02, R3-05.
#[test]
fn options_are_read_first() {
    let settings = CredhubSettings {
        is_skipped: true,
        ..Instance::new().settings(1)
    };
    let options = OsString::from(format!("[\"{SECRET}\"]"));
    let error = interpolate(Some(&options), &settings, None, &mut |_| {}).expect_err("refused");
    let words = format!("{error}");
    assert!(words.starts_with("Invalid platform options: "), "{words}");
    assert!(!format!("{words} {error:?}").contains(SECRET));
}

/// Checks the reason for which no client can be made, for a server of either scheme.
#[track_caller]
fn check_setup(settings: &CredhubSettings, expected: &str) {
    for uri in ["https://c.invalid", "http://c.invalid"] {
        let outcome = ask(uri, settings, SERVICES);
        let start = "Unable to interpolate credhub refs: Unable to set up credhub client";
        assert_eq!(outcome.services, Err(format!("{start}: {expected}")));
        assert_eq!(outcome.lines, Vec::<String>::new());
    }
}

/// Rows: R14-05.
#[test]
fn set_up() {
    let instance = Instance::new();
    let good = instance.settings(3);
    let missing = "Missing CF_INSTANCE_CERT and/or CF_INSTANCE_KEY";
    check_setup(
        &CredhubSettings {
            certificate: None,
            authorities: None,
            ..good.clone()
        },
        missing,
    );
    check_setup(
        &CredhubSettings {
            key: None,
            ..good.clone()
        },
        missing,
    );
    let missing = "Missing CF_SYSTEM_CERT_PATH";
    check_setup(
        &CredhubSettings {
            authorities: None,
            ..good.clone()
        },
        missing,
    );
    let nowhere = CredhubSettings {
        authorities: Some("/nowhere".into()),
        ..good.clone()
    };
    let expected = "Can't read contents of system cert path: open /nowhere: no such file or directory";
    check_setup(&nowhere, expected);
    let no_key = CredhubSettings {
        key: Some("/nowhere".into()),
        ..good.clone()
    };
    check_setup(&no_key, "open /nowhere: no such file or directory");
    instance.write("instance.key", &self_signed(&["x"], false).key);
    check_setup(&good, "tls: private key does not match public key");
    instance.write("instance.key", SECRET);
    check_setup(&good, "tls: failed to find any PEM data in key input");
    instance.write("instance.crt", SECRET);
    check_setup(&good, "tls: failed to find any PEM data in certificate input");
    instance.write("certs/zzz.crt", "nonsense");
    check_setup(&good, "provided ca certs are invalid");
    let folder = instance.path("certs/folder.crt");
    std::fs::create_dir(&folder).expect("made");
    let expected = "Can't read contents of cert in system cert path: read ";
    check_setup(&good, &format!("{expected}{}: is a directory", folder.display()));
}

/// Rows: R14-05, R14-06.
#[test]
fn no_authorities_are_fine_for_a_plain_server() {
    let instance = Instance::new();
    std::fs::remove_file(instance.path("certs/platform.crt")).expect("removed");
    let origin = Origin::start([(PATH, Route::always(Reply::ok(b"{}")))]);
    let outcome = ask(&origin.url(""), &instance.settings(1), SERVICES);
    assert_eq!(outcome.services, Ok(Some("{}".to_owned())));
}

#[test]
fn settings_come_from_the_environment() {
    let variables = [
        ("CF_INSTANCE_CERT", "/c"),
        ("CF_INSTANCE_KEY", ""),
        ("CREDHUB_SKIP_INTERPOLATION", "false"),
        ("CREDHUB_PROXY", "ssh+socks5://h:22?private-key=/k"),
    ];
    let settings = CredhubSettings::new(3, Duration::ZERO, |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    });
    assert_eq!(settings.certificate, Some("/c".into()));
    assert_eq!(settings.key, None);
    assert!(settings.is_skipped);
    assert_eq!(settings.limit, Duration::from_secs(10));
    let error = settings.proxies.err().expect("not supported");
    assert_eq!(error.to_string(), "invalid proxy address in `CREDHUB_PROXY`");
}
