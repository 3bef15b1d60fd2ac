//! Structure, kinds and modes: §1.3 and §1.5 of the threats.

use super::raw::{Raw, dir, file, hard, link, long, member, open, pax, tar};
use super::{Policy, check, check_bytes, check_refused, check_refused_bytes, check_twin};

/// Rules, C-74
#[test]
fn only_plain_kinds_are_taken() {
    for flag in [b'3', b'4', b'6'] {
        check_refused(&[member(flag, "s", "")], "Member `s` is a special file");
        let archive = tar([member(flag, "d/s", ""), file("f", "x")]);
        let policy = Policy::store().skip_special(true);
        let unpacked = check_bytes(&archive, &policy, &[("f", "f 0644 x")]);
        assert_eq!((unpacked.skipped, unpacked.entries), (1, 2));
    }
    for flag in [b'S', b'D', b'M', b'V', b'A', b'N', b'X', b'8', 0xff] {
        check_refused(
            &[file("f", ""), member(flag, "s", "")],
            "tar: unsupported kind of member at byte 512",
        );
    }
    check(&[member(0, "old", "x")], &[("old", "f 0644 x")]);
    check(&[member(b'7', "contiguous", "x")], &[("contiguous", "f 0644 x")]);
    check(&[member(0, "old/", "")], &[("old", "d 0755")]);
}

/// Rules, C-70, C-71, C-76
#[test]
fn modes_and_owners_are_ours() {
    check(
        &[
            dir("closed").mode(0o444),
            file("closed/tool", "x").mode(0o6711),
            file("closed/data", "x").mode(0o666),
            file("none", "x").mode(0),
            file("high", "x").mode(0o7_777_777),
            file("owned", "x").with(|raw| {
                raw.fields = vec![
                    (108, b"\x80\xff\xff\xff\xff\xff\xff\xff".to_vec()),
                    (116, b"\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
                    (265, b"root".to_vec()),
                ];
            }),
            dir("none.d").mode(0),
        ],
        &[
            ("closed", "d 0755"),
            ("closed/data", "f 0644 x"),
            ("closed/tool", "f 0755 x"),
            ("high", "f 0755 x"),
            ("none", "f 0644 x"),
            ("none.d", "d 0755"),
            ("owned", "f 0644 x"),
        ],
    );
}

/// Rules, C-75
#[test]
fn what_is_not_applied_is_not_in_the_way() {
    let records: &[(&str, &[u8])] = &[
        ("comment", b"0123456789"),
        ("SCHILY.xattr.security.capability", b"\x01\0\0\x02"),
        ("uid", b"4294967296"),
        ("gid", b"-1"),
        ("uname", b"root"),
        ("LIBARCHIVE.creationtime", b"1"),
    ];
    check(
        &[pax(b'g', &records[..1]), pax(b'x', records), file("f", "x")],
        &[("f", "f 0644 x")],
    );
}

/// Rules: A-84
#[test]
fn extended_headers_are_strict() {
    let f = || file("f", "xyz");
    let good = [pax(b'x', &[("size", b"3"), ("path", b"long")]), f()];
    check(&good, &[("long", "f 0644 xyz")]);
    let contradicting = "tar: contradicting headers at byte";
    for size in ["2", "4", "0", "513"] {
        check_refused(
            &[pax(b'x', &[("size", size.as_bytes())]), f()],
            &format!("{contradicting} 1024"),
        );
    }
    check_refused(
        &[pax(b'x', &[("size", b"3"), ("size", b"3")]), f()],
        &format!("{contradicting} 0"),
    );
    let one = || pax(b'x', &[("path", b"a")]);
    check_refused(&[one(), one(), f()], &format!("{contradicting} 1024"));
    check_refused(&[one(), long(b'L', "b"), f()], &format!("{contradicting} 1024"));
    check_refused(&[long(b'L', "b"), one(), f()], &format!("{contradicting} 1024"));
    check_refused(
        &[long(b'L', "b"), long(b'L', "b"), f()],
        &format!("{contradicting} 1024"),
    );
    check(
        &[long(b'L', "b"), long(b'K', "c"), link("x", "y")],
        &[("b", "-> c")],
    );
    let dangling = "tar: extended header without a member at byte 1024";
    check_refused(&[one()], dangling);
    check_refused(&[long(b'L', "b")], dangling);
    check_refused(&[one(), pax(b'g', &[("comment", b"x")]), f()], dangling);
    let malformed = "tar: malformed extended record at byte 0";
    check_twin(&[one(), f()], 0, |raw| raw.content.truncate(8), malformed);
    check_twin(&[one(), f()], 0, |raw| raw.content[0] = b'8', malformed);
    check_twin(&[one(), f()], 0, |raw| raw.content.push(0), malformed);
    let no_number = "tar: not a number at byte 0";
    for size in ["-3", "3.0", "x", "", "99999999999999999999"] {
        check_refused(&[pax(b'x', &[("size", size.as_bytes())]), f()], no_number);
    }
}

/// Rules: A-64
#[test]
fn extended_headers_are_bounded() {
    let text = vec![b'c'; 65_000];
    check(
        &[pax(b'x', &[("comment", &text)]), file("f", "")],
        &[("f", "f 0644 ")],
    );
    let too_long = "tar: extended header of more than 64 KiB at byte 0";
    let text = vec![b'c'; 66_000];
    check_refused(&[pax(b'x', &[("comment", &text)]), file("f", "")], too_long);
    check_refused(&[pax(b'g', &[("comment", &text)]), file("f", "")], too_long);
    check_refused(&[long(b'L', &text), file("f", "")], too_long);
}

/// Rules: A-85
#[test]
fn headers_are_strict() {
    let body = "tar: content in a member that has none at byte 0";
    let filled = |raw: Raw| raw.with(|raw| raw.content = b"x".to_vec());
    check_refused(&[filled(dir("d"))], body);
    check_refused(&[filled(link("l", "x"))], body);
    check_refused(&[filled(member(b'3', "s", ""))], body);
    check_refused(&[filled(file("d/", ""))], body);
    check_refused(&[filled(hard("h", "x"))], body);
    let good = [file("a", "x"), file("b", "y")];
    check_twin(
        &good,
        1,
        |raw| raw.checksum = Some(1),
        "tar: header checksum error at byte 1024",
    );
    for size in [
        &b"0000000000x\0"[..],
        b"-0000000001\0",
        b"0000000 001\0",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe",
    ] {
        check_twin(
            &good,
            1,
            |raw| raw.fields = vec![(124, size.to_vec())],
            "tar: not a number at byte 1024",
        );
    }
    check_twin(
        &good,
        0,
        |raw| raw.fields = vec![(136, b"0000000000x\0".to_vec())],
        "tar: not a number at byte 0",
    );
}

/// Rules
#[test]
fn the_end_is_marked_and_nothing_follows() {
    let policy = Policy::store();
    let stated = policy.digest_stated(true);
    let members = || open([file("a", "x"), file("b", "")]);
    let tree = [("a", "f 0644 x"), ("b", "f 0644 ")];
    let with = |more: &[u8]| [&members(), more].concat();
    check_bytes(&with(&[0; 1024]), &policy, &tree);
    check_bytes(&with(&[0; 10_000]), &policy, &tree);
    check_refused_bytes(&members(), &policy, "tar: no end marker at byte 1536");
    check_bytes(&members(), &stated, &tree);
    check_refused_bytes(&with(&[0; 512]), &policy, "tar: no end marker at byte 1536");
    check_bytes(&with(&[0; 512]), &stated, &tree);
    for policy in [policy, stated] {
        check_refused_bytes(&with(&[0; 100]), &policy, "tar: unexpected end at byte 1536");
        check_refused_bytes(&members()[..1200], &policy, "tar: unexpected end at byte 1024");
        check_refused_bytes(&members()[..600], &policy, "tar: unexpected end at byte 0");
        check_refused_bytes(&members()[..512], &policy, "tar: unexpected end at byte 0");
        let lone = [&[0; 512][..], &open([file("c", "")])].concat();
        check_refused_bytes(&with(&lone), &policy, "tar: lone zero block at byte 1536");
        let after = "tar: bytes after the end at byte 1536";
        check_refused_bytes(&with(&[&[0; 1024][..], b"x"].concat()), &policy, after);
        check_refused_bytes(&with(&[&[0; 1024][..], &members()].concat()), &policy, after);
    }
    let short = file("a", "x").with(|raw| raw.size = Some(600));
    check_refused_bytes(&open([short]), &policy, "tar: unexpected end at byte 0");
    check_bytes(&[0; 1024], &policy, &[]);
    let claims =
        file("a", "x").with(|raw| raw.fields = vec![(124, b"\x80\0\0\0\x40\0\0\0\0\0\0\0".to_vec())]);
    check_refused_bytes(&open([claims]), &policy, "tar: unexpected end at byte 0");
}
