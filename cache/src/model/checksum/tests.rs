use super::Checksum;

fn check(algorithm: &str, value: &str, expected: &str) {
    let got = Checksum::new(algorithm, value).map_or_else(|fault| fault.to_string(), |sum| sum.to_string());
    assert_eq!(got, expected, "{algorithm} {value}");
}

/// Rules: C-16
#[test]
fn a_stated_checksum_is_read_before_it_is_used() {
    let md5 = "0123456789abcdef0123456789abcdef";
    check("md5", md5, &format!("md5:{md5}"));
    check("md5", &md5.to_uppercase(), &format!("md5:{md5}"));
    check("md5", &format!("\"{md5}\""), &format!("md5:{md5}"));
    let sha1 = "a".repeat(40);
    check("sha1", &sha1, &format!("sha1:{sha1}"));
    let sha256 = "b".repeat(64);
    check("sha256", &sha256, &format!("sha256:{sha256}"));
    let sha512 = "c".repeat(128);
    check("sha512", &sha512, &format!("sha512:{sha512}"));
    check(
        "md5",
        "",
        "Malformed md5 value: got 0 characters, expected 32 hex digits",
    );
    check(
        "sha1",
        md5,
        "Malformed sha1 value: got 32 characters, expected 40 hex digits",
    );
    check(
        "sha256",
        &"g".repeat(64),
        "Malformed sha256 value: got 64 characters, expected 64 hex digits",
    );
    check(
        "sha256",
        "\"",
        "Malformed sha256 value: got 1 characters, expected 64 hex digits",
    );
    check(
        "",
        md5,
        "Unknown checksum algorithm ``: expected md5, sha1, sha256 or sha512",
    );
    check("SHA256", &sha256, &format!("sha256:{sha256}"));
    check(
        "x\n",
        md5,
        "Unknown checksum algorithm `x\\n`: expected md5, sha1, sha256 or sha512",
    );
}

/// Rules: S-08
#[test]
fn only_sha256_names_content() {
    let named = |algorithm: &str, digits: usize| {
        let sum = Checksum::new(algorithm, &"1".repeat(digits));
        sum.is_ok_and(|sum| sum.digest().is_some())
    };
    assert!(named("sha256", 64));
    assert!(!named("md5", 32));
    assert!(!named("sha1", 40));
    assert!(!named("sha512", 128));
}
