//! Headers of programs.

use super::*;

#[test]
fn this_test_needs_a_loader() {
    let loader = match needs(Path::new("/proc/self/exe")).unwrap() {
        Needs::Loader(loader) => loader,
        other => panic!("{other:?}"),
    };
    assert!(loader.starts_with('/'), "{loader}");
}

#[test]
fn what_is_no_program_or_lies_is_unknown() {
    let mut lies = [0_u8; 64];
    lies[..6].copy_from_slice(b"\x7fELF\x02\x01");
    assert_eq!(read_head(&lies), Some(Needs::Nothing));
    lies[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    lies[56] = 9;
    assert_eq!(read_head(&lies), None);
    assert_eq!(read_head(b"#!/bin/sh\n"), None);
    assert_eq!(read_head(b""), None);
}
