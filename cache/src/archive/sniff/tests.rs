use super::{Foreign, Sniffed, sniff};

#[track_caller]
fn check(bytes: &[u8], expected: Result<Sniffed, Foreign>) {
    assert_eq!(sniff(bytes), expected);
}

/// Rules: C-60, C-61, C-62, C-63, C-64
#[test]
fn kinds_are_told_by_their_first_bytes() {
    check(b"\x1f\x8b", Ok(Sniffed::Gzip));
    check(b"PK\x03\x04", Ok(Sniffed::Zip));
    check(b"PK\x05\x06", Ok(Sniffed::Zip));
    check(&[0; 512], Ok(Sniffed::Tar));
    check(&[0; 511], Err(Foreign::Unknown));
    check(b"", Err(Foreign::Empty));
    check(b"PK\x07\x08", Err(Foreign::Unknown));
    check(b"\xfd7zXZ\0", Err(Foreign::Xz));
    check(b"BZh9", Err(Foreign::Bzip2));
    check(b"\x28\xb5\x2f\xfd", Err(Foreign::Zstd));
    check(b"\xef\xbb\xbf \n<!DOCTYPE html>", Err(Foreign::Html));
    check(b"<HTML>", Err(Foreign::Html));
    check(b"html", Err(Foreign::Unknown));
}
