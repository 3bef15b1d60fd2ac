//! Any bytes as a zip archive, under both policies and in all ways: I-1, I-2, I-7, I-9.
#![no_main]

mod room;

use std::io::Write;

use cache::archive::{Policy, extract_zip};
use cache::sys::dir::Resolution;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for policy in [Policy::builder(0o022), Policy::store()] {
        for resolution in [Resolution::Openat2, Resolution::StepByStep] {
            let policy = policy.with_limits(room::LIMITS).with_resolution(resolution);
            let mut archive = tempfile::tempfile().unwrap();
            archive.write_all(bytes).unwrap();
            room::check(|destination| {
                extract_zip(&archive, destination, &policy, &|| false).map(drop)
            });
        }
    }
    for policy in room::store_policies() {
        let from_disk = room::check_zip_file(bytes, &policy);
        // A stream may not be told where a member ends; what it takes, the disk takes as well.
        if bytes.starts_with(b"PK") && room::check_streamed(bytes, &policy) {
            assert!(from_disk);
        }
    }
});
