//! Any bytes in the place of a gzipped tar: as they are, and as a tar that is compressed here and then cut or
//! damaged where the first bytes say: I-1, I-2, I-7, I-9.
#![no_main]

mod room;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for policy in room::store_policies() {
        room::check_streamed(bytes, &policy);
        let Some(([low, high, xor], tar)) = bytes.split_first_chunk() else {
            continue;
        };
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(tar).unwrap();
        let mut packed = encoder.finish().unwrap();
        let at = usize::from(u16::from_le_bytes([*low, *high]));
        if let Some(byte) = packed.get_mut(at) {
            *byte ^= xor;
        } else if let Some(length) = packed.len().checked_sub(usize::from(*xor)) {
            packed.truncate(length);
        }
        room::check_streamed(&packed, &policy);
    }
});
