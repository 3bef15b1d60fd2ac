//! Requests.

use super::*;

#[test]
fn a_lease_is_held_from_outside_unless_a_process_is_named() {
    let none = lasting(&HolderArgs::default(), 1000).unwrap();
    assert_eq!((none.holder, none.expires), (Holder::External, None));
    let args = HolderArgs {
        holder: Some("c1".to_owned()),
        holder_pid: Some(std::process::id()),
        expires: "90s".parse().ok(),
    };
    let ours = lasting(&args, 1000).unwrap();
    assert!(matches!(ours.holder, Holder::Process { pid, .. } if pid == std::process::id()));
    assert_eq!((ours.label.as_str(), ours.expires), ("c1", Some(1090)));
}

/// Rules: S-14
#[test]
fn a_process_that_is_gone_holds_nothing() {
    let args = HolderArgs {
        holder_pid: Some(0x3fff_ffff),
        ..HolderArgs::default()
    };
    let fault = lasting(&args, 0).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "No process 1073741823: it could not hold a lease"
    );
}
