use std::time::{Duration, Instant};

use super::super::policy::RateFloor;
use super::Meter;

/// Feeds (milliseconds since the start, bytes) and gives the index of the first that is too slow.
#[track_caller]
fn check(events: &[(u64, u64)], expected: Option<usize>) {
    let start = Instant::now();
    let floor = RateFloor {
        bytes_per_second: 1000,
        window: Duration::from_secs(3),
    };
    let mut meter = Meter::start(floor, start);
    let found = events
        .iter()
        .position(|(at, bytes)| meter.is_too_slow(*bytes, start + Duration::from_millis(*at)));
    assert_eq!(found, expected, "{events:?}");
}

/// Rows: N-06.
#[test]
fn judges_whole_windows_only() {
    check(&[(1, 1), (2999, 1)], None);
    check(&[(1000, 1), (2000, 1), (3000, 1)], Some(2));
    check(&[(1000, 3000), (3000, 0)], None);
    check(&[(1000, 9_000_000), (3000, 1), (4000, 1), (6000, 1)], Some(3));
    check(&[(10_000, 10_000)], None);
    check(&[(10_000, 9_999)], Some(0));
    check(&[(3000, u64::MAX), (6000, u64::MAX)], None);
}
