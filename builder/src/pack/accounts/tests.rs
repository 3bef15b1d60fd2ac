use super::Accounts;

#[track_caller]
fn check(passwd: &str, uid: u32, expected: &str) {
    let accounts = Accounts::parse(passwd.as_bytes(), b"");
    assert_eq!(String::from_utf8_lossy(accounts.user(uid)), expected);
}

#[test]
fn numbers_have_the_first_name_given_to_them() {
    let passwd = "root:x:0:0:root:/root:/bin/sh\nvcap:x:2000:2000::/home/vcap:\ntoor:x:0:0::/:\n";
    check(passwd, 0, "root");
    check(passwd, 2000, "vcap");
    check(passwd, 7, "");
}

#[test]
fn lines_that_make_no_sense_are_skipped() {
    for line in [
        "",
        "::::",
        "a:x",
        "a:x:y:",
        "a:x:-1:",
        ":x:5:",
        "# a comment",
        "a:x:99999999999:",
    ] {
        check(&format!("{line}\nok:x:5:"), 5, "ok");
    }
}

#[test]
fn groups_are_in_the_same_form() {
    let accounts = Accounts::parse(b"", b"staff:x:50:a,b\n");
    assert_eq!(accounts.group(50), b"staff");
    assert_eq!(accounts.user(50), b"");
}
