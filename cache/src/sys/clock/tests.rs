use super::{boot_id, process_start, uptime_seconds};

#[test]
fn the_boot_has_one_name() {
    assert_eq!(
        boot_id().expect("/proc is there"),
        boot_id().expect("/proc is there")
    );
}

/// Rules: S-14.
#[test]
fn a_process_started_after_the_machine_did() {
    let ticks = process_start(std::process::id()).expect("this process lives");
    assert!(ticks / 100 <= uptime_seconds());
    assert_eq!(process_start(std::process::id()), Some(ticks));
    assert_eq!(process_start(u32::MAX), None);
}
