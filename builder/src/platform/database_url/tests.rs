use super::database_url;

#[track_caller]
fn check(uris: &[&str], expected: Option<&str>) {
    let services = uris.iter().map(|uri| {
        format!(
            r#"{{"credentials":{{"uri":{}}}}}"#,
            serde_json::to_string(uri).unwrap()
        )
    });
    let text = format!(r#"{{"label":[{}]}}"#, services.collect::<Vec<_>>().join(","));
    let found = database_url(text.as_bytes());
    assert_eq!(
        found.as_ref().map(|url| url.expose().to_str().unwrap()),
        expected,
        "{uris:?}"
    );
}

/// Rows: R15-02
#[test]
fn four_schemes_are_databases() {
    check(&["mysql://h/db"], Some("mysql2://h/db"));
    check(&["mysql2://h/db"], Some("mysql2://h/db"));
    check(&["postgres://h/db"], Some("postgres://h/db"));
    check(&["postgresql://h/db"], Some("postgres://h/db"));
    check(&["PostgreSQL://h/db"], Some("postgres://h/db"));
    check(&["mysql:db"], Some("mysql2:db"));
    for other in [
        "db2://h/db",
        "mysql3://h/db",
        "mysql",
        "//h/db",
        "",
        "postgres+ssl://h",
    ] {
        check(&[other], None);
    }
}

/// Rows: R15-01
#[test]
fn the_first_database_counts() {
    check(
        &["", "amqp://h", "postgres://first", "mysql://second"],
        Some("postgres://first"),
    );
    check(&[], None);
}

/// Rows: R15-04
#[test]
fn what_is_no_url_is_passed_over() {
    for bad in [
        "postgres://u:a b@h/",
        "postgres://u:a/b@h/",
        "postgres://u:a^b@h/",
        "postgres://u:%zz@h/",
        "postgres://h:port/",
        ":",
    ] {
        check(&[bad], None);
        check(&[bad, "mysql://h"], Some("mysql2://h"));
    }
}

/// Rows: R15-05
#[test]
fn the_url_is_written_anew() {
    check(
        &["POSTGRES://u:p@h:1/a b/é?x=a b&y=é#f"],
        Some("postgres://u:p@h:1/a%20b/%C3%A9?x=a b&y=é#f"),
    );
    check(&["postgres://u@x:p@h/"], Some("postgres://u%40x:p@h/"));
    check(&["postgres://u:p@q@h/"], Some("postgres://u:p%40q@h/"));
    check(&["postgres://"], Some("postgres:"));
}

/// Rows: K-01
#[test]
fn the_password_is_not_shown() {
    let found = database_url(br#"{"a":[{"credentials":{"uri":"mysql://u:p@h"}}]}"#);
    assert_eq!(format!("{found:?}"), "Some(DatabaseUrl(***))");
    assert_eq!(database_url(b""), None);
}
