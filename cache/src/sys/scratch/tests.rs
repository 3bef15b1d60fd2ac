#![expect(
    clippy::disallowed_methods,
    reason = "the tests look at the disk from outside the fence"
)]

use super::Scratch;

#[test]
fn a_dropped_path_is_gone_and_a_kept_one_stays() {
    let home = tempfile::tempdir().unwrap();
    let scratch = Scratch::default();
    let [gone, kept, stopped] = ["gone", "kept", "stopped"].map(|name| home.path().join(name));
    for path in [&gone, &kept, &stopped] {
        std::fs::create_dir_all(path.join("inner")).unwrap();
    }

    drop(scratch.adopt(gone.clone()));
    scratch.adopt(kept.clone()).keep();
    let held = scratch.adopt(stopped.clone());
    scratch.close();

    assert!(!gone.exists());
    assert!(kept.exists());
    assert!(
        !stopped.exists(),
        "the answer to a signal removes what is still held"
    );
    // Dropping it would wait for the end of the process.
    std::mem::forget(held);
}
