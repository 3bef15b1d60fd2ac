use super::GitVersion;

/// Checks how a version is shown and whether it is mended; `None` when it is no version.
#[track_caller]
fn check(said: &str, expected: Option<(&str, bool)>) {
    let got = GitVersion::parse(said.as_bytes());
    let got = got.map(|version| (version.to_string(), version.is_mended()));
    let expected = expected.map(|(shown, is_mended)| (shown.to_owned(), is_mended));
    assert_eq!(got, expected, "{said:?}");
}

/// Rows: G-03
#[test]
fn each_line_is_mended_by_a_release_of_its_own() {
    for (line, release) in [
        (43, 7),
        (44, 4),
        (45, 4),
        (46, 4),
        (47, 3),
        (48, 2),
        (49, 1),
        (50, 1),
    ] {
        let mended = format!("2.{line}.{release}");
        check(&format!("git version {mended}\n"), Some((&mended, true)));
        let open = format!("2.{line}.{}", release - 1);
        check(&format!("git version {open}\n"), Some((&open, false)));
    }
    check("git version 2.42.99\n", Some(("2.42.99", false)));
    check("git version 1.99.0\n", Some(("1.99.0", false)));
    check("git version 2.51.0\n", Some(("2.51.0", true)));
    check("git version 3.0.0\n", Some(("3.0.0", true)));
}

#[test]
fn versions_as_vendors_write_them() {
    check("git version 2.39.5 (Apple Git-154)\n", Some(("2.39.5", false)));
    check("git version 2.50.1.windows.1\n", Some(("2.50.1", true)));
    check("git version 2.51.0-rc1\n", Some(("2.51.0", true)));
    check("git version 2.51.rc1\n", Some(("2.51.0", true)));
    check("git version 2.51\n", Some(("2.51.0", true)));
    for said in [
        "",
        "git version",
        "git version \n",
        "git version two",
        "hub 2.50.1",
        "git version 99999999999.1",
    ] {
        check(said, None);
    }
}
