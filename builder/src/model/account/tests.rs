use super::{Account, find};

const PASSWD: &[u8] =
    b"root:x:0:0:root:/root:/bin/sh\nvcap:x:2000:2001::/home/vcap:\nvcap:x:1:1::/:\nbad:x:-1:0::/:\n\
                        none:x:4294967295:1::/:\nlarge:x:4294967296:1::/:\nshort:x:7\n";

const GROUP: &[u8] = b"root:x:0:\nvcap:x:2001:\nwheel:x:10:root,vcap\nother:x:11:vcapx,xvcap\nagain:x:2001:vcap\nodd:x:x:vcap\n";

/// Checks whom a name stands for.
#[track_caller]
fn check(name: &str, expected: Option<(u32, u32, &[u32])>) {
    let expected = expected.map(|(uid, gid, groups)| Account {
        uid,
        gid,
        groups: groups.to_vec(),
    });
    assert_eq!(find(PASSWD, GROUP, name.as_bytes()), expected, "{name}");
}

/// Rows: P-02, P-03
#[test]
fn names_are_looked_up_with_their_own_groups() {
    check("vcap", Some((2000, 2001, &[2001, 10])));
    check("root", Some((0, 0, &[0, 10])));
}

/// Rows: P-03
#[test]
fn unknown_names_and_impossible_numbers_are_nobody() {
    for name in ["", "nobody", "bad", "none", "large", "short", "vcap:x"] {
        check(name, None);
    }
}
