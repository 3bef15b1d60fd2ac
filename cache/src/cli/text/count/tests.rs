//! Numbers of things.

use super::*;

#[test]
fn one_thing_has_no_s() {
    assert_eq!(count(0, "lease"), "0 leases");
    assert_eq!(count(1, "lease"), "1 lease");
    assert_eq!(count(2, "lease"), "2 leases");
}
