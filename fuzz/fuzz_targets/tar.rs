//! Any bytes as a tar: I-1, I-2, I-7, I-9. Checksums of headers are mended, so that mutations get past them.
#![no_main]

mod room;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut mended = bytes.to_vec();
    for block in mended.chunks_exact_mut(512) {
        // Only where there was something like a checksum, or all content would be headers.
        if block[148..154].iter().all(|byte| (b'0'..=b'7').contains(byte)) {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
    for policy in room::store_policies() {
        for stated in [false, true] {
            room::check_streamed(&mended, &policy.digest_stated(stated));
        }
    }
});
