use std::io;

use super::Digesting;
use crate::model::checksum::Checksum;

/// Rules: C-16, C-18
#[test]
fn one_pass_yields_the_digest_that_names_and_the_one_that_was_stated() {
    let check = |algorithm: &str, value: &str| {
        let stated = Checksum::new(algorithm, value).expect("a checksum");
        let mut reader = Digesting::new(&b"abc"[..], Some(&stated));
        io::copy(&mut reader, &mut io::sink()).expect("a copy");
        let (_, packed) = reader.finish();
        assert_eq!(packed.bytes, 3);
        let named = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(packed.sha256.to_string(), named);
        assert_eq!(packed.digest_for(&stated), Some(stated.value()), "{algorithm}");
    };
    check("md5", "900150983cd24fb0d6963f7d28e17f72");
    check("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d");
    check(
        "sha256",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    check(
        "sha512",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    );
}
