use super::Parcel;
use crate::ingest::packed::Digesting;
use crate::model::checksum::Checksum;
use crate::model::object::Form;

fn check(algorithm: &str, value: &str, expected: Result<(), &str>) {
    let stated = Checksum::new(algorithm, value).expect("a checksum");
    let mut reader = Digesting::new(&b"abc"[..], Some(&stated));
    std::io::copy(&mut reader, &mut std::io::sink()).expect("a copy");
    let parcel = Parcel::new(reader.finish().1, Form::File);
    let got = parcel
        .verify(Some(&stated))
        .map(|_| ())
        .map_err(|mismatch| mismatch.got);
    assert_eq!(got, expected.map_err(ToOwned::to_owned), "{algorithm}");
}

/// Rules: C-16, C-18, C-115
#[test]
fn what_was_not_stated_does_not_get_further() {
    let md5 = "900150983cd24fb0d6963f7d28e17f72";
    check("md5", md5, Ok(()));
    check("md5", &"0".repeat(32), Err(md5));
    let sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
    check("sha1", sha1, Ok(()));
    check("sha1", &"0".repeat(40), Err(sha1));
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    check("sha256", sha256, Ok(()));
    check("sha256", &"f".repeat(64), Err(sha256));
}
