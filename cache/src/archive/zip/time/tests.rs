use super::of;

#[track_caller]
fn check(clock: u16, date: u16, extras: &[(u16, &[u8])], seconds: i64) {
    assert_eq!(of(clock, date, extras).seconds(), seconds);
}

/// Rules: A-46
#[test]
fn times_of_dos_and_of_the_extra_field() {
    let date = |year: u16, month: u16, day: u16| (year - 1980) << 9 | month << 5 | day;
    check(0, 0, &[], 315_532_800);
    check(0, date(1980, 1, 1), &[], 315_532_800);
    check(0, date(2000, 2, 29), &[], 951_782_400);
    check(0, date(2000, 3, 1), &[], 951_868_800);
    let clock = |hour: u16, minute: u16, second: u16| (hour << 11) | (minute << 5) | (second / 2);
    check(clock(22, 13, 20), date(2023, 11, 14), &[], 1_700_000_000);
    check(u16::MAX, u16::MAX, &[], 4_354_732_800 + 31 * 3600 + 63 * 60 + 62);
    check(0, 0, &[(0x5455, &[1, 0, 0xf1, 0x53, 0x65])], 1_700_000_000);
    check(0, 0, &[(0x5455, &[1, 0xff, 0xff, 0xff, 0xff])], 0);
    check(0, 0, &[(0x5455, &[2, 0, 0xf1, 0x53, 0x65])], 315_532_800);
    check(0, 0, &[(0x5455, &[1, 0]), (0x5455, &[])], 315_532_800);
}
