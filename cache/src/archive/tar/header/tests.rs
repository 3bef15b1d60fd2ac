use super::{Flag, Header, TarFault, has_checksum, octal, wide};
use crate::archive::tar::tests::raw;

#[track_caller]
fn check_octal(field: &[u8], expected: Result<u64, TarFault>) {
    assert_eq!(octal(field), expected);
}

/// Rules: A-85
#[test]
fn numbers_in_octal() {
    check_octal(b"00000000644\0", Ok(0o644));
    check_octal(b"     644 \0  ", Ok(0o644));
    check_octal(b"777777777777", Ok(0o777_777_777_777));
    check_octal(b"            ", Ok(0));
    check_octal(&[0; 12], Ok(0));
    for wrong in [
        &b"0000008"[..],
        b"12a",
        b"-1",
        b"0x10",
        b"12 3",
        b"1\x002",
        b"\xff\xff",
    ] {
        check_octal(wrong, Err(TarFault::Number));
    }
}

/// Rules
#[test]
fn numbers_in_base_256() {
    let field = |high: [u8; 4], low: u64| [&high[..], &low.to_be_bytes()].concat();
    assert_eq!(wide(&field([0x80, 0, 0, 0], 9 << 30)), Ok(9 << 30));
    assert_eq!(wide(&field([0x80, 0, 0, 0], 1 << 63)), Err(TarFault::Number));
    assert_eq!(wide(&field([0x80, 0, 0, 1], 0)), Err(TarFault::Number));
    assert_eq!(wide(&field([0xff; 4], u64::MAX)), Err(TarFault::Number));
}

/// Rules: C-62
#[test]
fn checksums_of_unsigned_and_signed_bytes() {
    let plain = raw::file(b"f\xe9", "").header();
    assert!(has_checksum(&plain));
    assert_eq!(Header::parse(&plain).unwrap().flag, Flag::File);
    let signed = raw::file(b"f\xe9", "")
        .with(|m| m.signed_checksum = true)
        .header();
    assert_ne!(plain[148..156], signed[148..156]);
    assert!(has_checksum(&signed));
    let mut broken = plain;
    broken[0] ^= 1;
    assert_eq!(Header::parse(&broken), Err(TarFault::Checksum));
    assert!(!has_checksum(&plain[..100]));
}
