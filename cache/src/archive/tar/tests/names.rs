//! Names: §1.1 of the threats.

use super::raw::{dir, file, hard, link, long, member, pax};
use super::{check, check_refused};

/// Rules, C-78
#[test]
fn names_stay_below() {
    check(
        &[file("//a/./b", "x"), dir("./"), dir("c/.")],
        &[("a", "d 0755"), ("a/b", "f 0644 x"), ("c", "d 0755")],
    );
    for name in ["../a", "a/../b", "a/..", "..", "/.."] {
        let climbs = format!("Member `{name}` climbs out of the archive");
        check_refused(&[file(name, "x")], &climbs);
        check_refused(&[dir(name)], &climbs);
        check_refused(&[link(name, "x")], &climbs);
        check_refused(
            &[pax(b'x', &[("path", name.as_bytes())]), file("a", "x")],
            &climbs,
        );
        check_refused(&[long(b'L', name), file("a", "x")], &climbs);
        check_refused(&[file("f", ""), hard(name, "f")], &climbs);
    }
    check_refused(
        &[file("b", "x").with(|raw| raw.prefix = b"../a".to_vec())],
        "Member `../a/b` climbs out of the archive",
    );
    check_refused(
        &[pax(b'g', &[("path", b"../a")]), file("a", "x")],
        "tar: contradicting headers at byte 0",
    );
    check_refused(
        &[pax(b'x', &[("GNU.sparse.name", b"../a")]), file("a", "x")],
        "tar: unsupported kind of member at byte 0",
    );
}

/// Rules: A-03
#[test]
fn a_name_is_needed() {
    for name in ["", ".", "/", "./"] {
        if name.ends_with('/') {
            check(&[file(name, "")], &[]);
        } else {
            check_refused(&[file(name, "")], &format!("Member `{name}` has no name"));
        }
        check_refused(&[link(name, "x")], &format!("Member `{name}` has no name"));
        check(&[dir(name)], &[]);
    }
}

/// Rules: A-04
#[test]
fn names_are_not_cut_at_a_zero_byte() {
    let nul = "Member `a` has a NUL in its name or link text";
    check_refused(&[file("a\0b", "x")], nul);
    check_refused(&[link("a", "b\0c")], nul);
    check(
        &[file("a", "x").with(|raw| raw.link = b"b\0c".to_vec())],
        &[("a", "f 0644 x")],
    );
    check_refused(
        &[pax(b'x', &[("path", b"a\0b")]), file("a", "x")],
        "tar: malformed extended record at byte 0",
    );
    check_refused(
        &[long(b'L', "a\0b"), file("a", "x")],
        "tar: malformed extended record at byte 0",
    );
}

/// Rules: A-05
#[test]
fn depth_and_length_have_limits() {
    let name = "n".repeat(255);
    check(
        &[long(b'L', &name), file("a", "x")],
        &[(name.as_str(), "f 0644 x")],
    );
    check_refused(
        &[long(b'L', "n".repeat(256)), file("a", "x")],
        &format!("Member `{}` has too long a name", "n".repeat(256)),
    );
    let deep = "d/".repeat(256) + "f";
    check_refused(
        &[pax(b'x', &[("path", deep.as_bytes())]), file("a", "x")],
        &format!("Member `{}...` is nested too deeply", &deep[..512]),
    );
    let long_name = format!("{}/", "n".repeat(255)).repeat(17);
    check_refused(
        &[long(b'L', &long_name), file("a", "")],
        &format!("Member `{}...` has too long a name", &long_name[..512]),
    );
}

/// Rules
#[test]
fn odd_names_are_bytes() {
    for (name, shown) in [
        (&b"a\nb"[..], "a\\nb"),
        (b"\x1b[0m", "\\x1b[0m"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"-rf", "-rf"),
        (b"--checkpoint-action=exec", "--checkpoint-action=exec"),
        (b"$(x)", "$(x)"),
        (b"C:\\x", "C:\\\\x"),
        (b"%2e%2e", "%2e%2e"),
        (b"manifest", "manifest"),
        (b".lock", ".lock"),
    ] {
        check(&[file(name, "x")], &[(shown, "f 0644 x")]);
    }
    check(
        &[file(".git/config", "x")],
        &[(".git", "d 0755"), (".git/config", "f 0644 x")],
    );
    check(
        &[file("a", "x"), file("A", "y")],
        &[("A", "f 0644 y"), ("a", "f 0644 x")],
    );
}

/// Rules, C-71, C-72
#[test]
fn a_later_member_takes_the_place() {
    check(&[file("a", "old"), file("./a", "new")], &[("a", "f 0644 new")]);
    check(&[file("a", "x"), dir("a")], &[("a", "d 0755")]);
    check(&[dir("a"), file("a", "x")], &[("a", "f 0644 x")]);
    check(&[link("a", "b"), file("a", "x")], &[("a", "f 0644 x")]);
    check(&[link("a", "b"), dir("a/")], &[("a", "d 0755")]);
    check(&[file("a", "x"), link("a", "b")], &[("a", "-> b")]);
    check(&[link("a", "b"), link("a", "c")], &[("a", "-> c")]);
    check(&[dir("a"), dir("a/")], &[("a", "d 0755")]);
    check(
        &[
            file("a", "one"),
            hard("b", "a"),
            file("b", "two"),
            file("a", "three"),
        ],
        &[("a", "f 0644 three"), ("b", "f 0644 two")],
    );
    check(
        &[file("a", "one"), hard("b", "a"), file("a", "two")],
        &[("a", "f 0644 two"), ("b", "f 0644 one")],
    );
    check_refused(
        &[dir("a"), file("a/b", ""), file("a", "x")],
        "Member `a` takes the place of a directory with members in it",
    );
    check_refused(
        &[file("a", "x"), file("a/b", "x")],
        "Member `a/b` lies below a member that is no directory",
    );
    check(
        &[file("a/b", "x"), dir("a").mode(0o700)],
        &[("a", "d 0755"), ("a/b", "f 0644 x")],
    );
}

/// Rules: A-63
#[test]
fn a_member_of_a_kind_without_a_name_is_still_counted() {
    let unpacked = check(
        &[
            dir("./"),
            member(b'g', "pax_global_header", ""),
            file("a", "xy"),
            hard("b", "a"),
        ],
        &[("a", "f 0644 xy"), ("b", "f 0644 xy")],
    );
    assert_eq!((unpacked.entries, unpacked.files, unpacked.bytes), (3, 1, 2));
}
