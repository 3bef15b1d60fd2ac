//! Headers of programs.

use super::*;

#[test]
fn this_test_needs_a_loader_unless_it_is_static() {
    let needs = needs(Path::new("/proc/self/exe")).unwrap();
    match needs {
        Needs::Loader(loader) => assert!(loader.starts_with('/'), "{loader}"),
        other => assert!(cfg!(target_feature = "crt-static"), "{other:?}"),
    }
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
