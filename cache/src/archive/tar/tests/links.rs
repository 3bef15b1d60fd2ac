//! Links: §1.2 of the threats.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::super::super::zip::tests::scene::{Scene, Way};
use super::raw::{dir, file, hard, link, long, pax, tar};
use super::{Policy, check, check_refused};

fn leaves(name: &str) -> String {
    format!("Member `{name}` is a link that leaves the archive")
}

/// Rules, C-72
#[test]
fn links_stay_inside() {
    check(
        &[
            dir("a/b"),
            link("a/b/up", "../../c"),
            link("dangling", "not/../there"),
            link("c", "a//b/."),
        ],
        &[
            ("a", "d 0755"),
            ("a/b", "d 0755"),
            ("a/b/up", "-> ../../c"),
            ("c", "-> a//b/."),
            ("dangling", "-> not/../there"),
        ],
    );
    for target in ["/etc", "..", "a/../..", "missing/../..", "a/missing/../../.."] {
        check_refused(&[dir("a"), link("l", target)], &leaves("l"));
    }
    check_refused(
        &[dir("a/b"), link("two", "a/b/up/.."), link("a/b/up", "../..")],
        &leaves("two"),
    );
    check_refused(&[link("x", "y"), link("y", "x")], &leaves("x"));
    check_refused(&[link("l", "/proc/self/root/etc")], &leaves("l"));
}

/// Rules, C-78
#[test]
fn members_through_links_stay_inside_or_fail() {
    check(
        &[dir("a"), link("l", "a"), file("l/x", "x"), dir("l/y")],
        &[
            ("a", "d 0755"),
            ("a/x", "f 0644 x"),
            ("a/y", "d 0755"),
            ("l", "-> a"),
        ],
    );
    let refused = "Member `l/x` leads through a link out of the archive";
    check_refused(&[link("l", "../outside"), file("l/x", "x")], refused);
    check_refused(&[link("l", "../outside"), dir("l/x")], refused);
    check_refused(
        &[dir("a"), link("l", "a/../../outside"), file("l/x", "")],
        refused,
    );
    // Also where the link would be gone in the end.
    check_refused(&[link("l", "../outside"), dir("l").mode(0o777)], &leaves("l"));
    check_refused(&[link("l", "../outside/file"), file("l", "x")], &leaves("l"));
    check_refused(
        &[link("x", "y"), link("y", "x"), file("x/f", "x")],
        "Member `x/f` leads through a link out of the archive",
    );
    // A directory that becomes a link is seen, not remembered.
    check_refused(
        &[dir("d"), link("d", ".."), file("d/outside/x", "x")],
        "Member `d/outside/x` leads through a link out of the archive",
    );
}

/// Rules: A-23
#[test]
fn link_texts_have_limits() {
    let length = "Member `l` has a link text of no acceptable length";
    check_refused(&[link("l", "")], length);
    check_refused(&[long(b'K', "t".repeat(4096)), link("l", "x")], length);
    let text = format!("{}t", "t/".repeat(2047));
    check(
        &[long(b'K', &text), link("l", "x")],
        &[("l", &format!("-> {text}"))],
    );
    check_refused(
        &[long(b'K', "t".repeat(70_000)), link("l", "x")],
        "tar: extended header of more than 64 KiB at byte 0",
    );
}

/// Rules: A-25, C-73
#[test]
fn hard_links_name_earlier_files_of_the_archive() {
    let no_file = |name: &str| format!("Member `{name}` is a hard link to no earlier file of the archive");
    check_refused(&[hard("b", "a")], &no_file("b"));
    check_refused(&[hard("b", "a"), file("a", "x")], &no_file("b"));
    check_refused(&[file("a", "x"), hard("a", "a")], &no_file("a"));
    check_refused(&[file("a", "x"), hard("b", "../destination/a")], &no_file("b"));
    check_refused(&[hard("b", "../outside/file")], &no_file("b"));
    check_refused(&[hard("b", "/etc/passwd")], &no_file("b"));
    check_refused(&[dir("d"), hard("b", "d")], &no_file("b"));
    check_refused(&[file("a", "x"), link("l", "a"), hard("b", "l")], &no_file("b"));
    check_refused(
        &[dir("d"), file("d/a", "x"), link("l", "d"), hard("b", "l/a")],
        &no_file("b"),
    );
    check_refused(&[file("a", "x"), link("a", "b"), hard("b", "a")], &no_file("b"));
    check_refused(
        &[
            file("a", "x"),
            pax(b'x', &[("linkpath", b"../outside/file")]),
            hard("b", "a"),
        ],
        &no_file("b"),
    );
    check_refused(
        &[file("a", "x"), long(b'K', "../outside/file"), hard("b", "a")],
        &no_file("b"),
    );
    check_refused(
        &[
            file("a", "x"),
            hard("b", "a").with(|raw| raw.content = b"x".to_vec()),
        ],
        "tar: content in a member that has none at byte 1024",
    );
}

/// Rules: A-26, C-73
#[test]
fn a_hard_link_shares_the_file() {
    let scene = Scene::new();
    let bytes = tar([
        file("d/a", "x").mode(0o755),
        hard("e/b", "./d//a"),
        hard("c", "e/b"),
    ]);
    let (_, manifest) = scene.unpack(&bytes, &Policy::store(), Way::Stream).unwrap();
    scene.assert_manifest(&manifest);
    let inode = |name: &str| fs::metadata(scene.destination().join(name)).unwrap();
    assert_eq!(inode("d/a").nlink(), 3);
    assert_eq!([inode("e/b").ino(), inode("c").ino()], [inode("d/a").ino(); 2]);
    assert!(
        manifest.contains("\nh e/b d/a\n") && manifest.contains("\nh c e/b\n"),
        "{manifest}"
    );
}
