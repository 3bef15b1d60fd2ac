//! Names and links that try to get out.

use super::super::raw::{dir, file, link, zip};
use super::{check, check_refused};

/// names and links cannot get out.
#[test]
fn names_are_resolved_as_if_the_destination_were_the_root() {
    check(
        &zip([
            file("../../climbs", "x"),
            file("/absolute//file", "x"),
            file("./a/./b", "x"),
            file("never/../made", "x"),
            file("a/../../../beside", "x"),
        ]),
        &[
            ("a", "d 0755"),
            ("a/b", "f 0644 x"),
            ("absolute", "d 0755"),
            ("absolute/file", "f 0644 x"),
            ("beside", "f 0644 x"),
            ("climbs", "f 0644 x"),
            ("made", "f 0644 x"),
        ],
    );
    check(
        &zip([
            link("out", "/etc/over/there"),
            file("out/passwd", "x"),
            link("up", "../../../.."),
            file("up/top", "x"),
            link("in", "etc/over"),
            dir("in/new/").mode(0o040_700),
        ]),
        &[
            ("etc", "d 0755"),
            ("etc/over", "d 0755"),
            ("etc/over/new", "d 0700"),
            ("etc/over/there", "d 0755"),
            ("etc/over/there/passwd", "f 0644 x"),
            ("in", "-> etc/over"),
            ("out", "-> /etc/over/there"),
            ("top", "f 0644 x"),
            ("up", "-> ../../../.."),
        ],
    );
}

/// a file of the name of a link goes where the link leads, inside.
#[test]
fn a_file_of_the_name_of_a_link_lands_inside() {
    check(
        &zip([
            link("l", "../../outside/file"),
            file("l", "new"),
            link("m", "/n"),
            file("m", "new"),
        ]),
        &[
            ("l", "-> ../../outside/file"),
            ("m", "-> /n"),
            ("n", "f 0644 new"),
            ("outside", "d 0755"),
            ("outside/file", "f 0644 new"),
        ],
    );
}

/// links that climb only together, and one defined after its user.
#[test]
fn links_that_climb_together_stay_inside() {
    check(
        &zip([
            dir("a/b/"),
            link("a/b/up", ".."),
            link("two", "a/b/up/../.."),
            file("two/../../outside/file", "x"),
            file("later/x", "x"),
        ]),
        &[
            ("a", "d 0755"),
            ("a/b", "d 0755"),
            ("a/b/up", "-> .."),
            ("later", "d 0755"),
            ("later/x", "f 0644 x"),
            ("outside", "d 0755"),
            ("outside/file", "f 0644 x"),
            ("two", "-> a/b/up/../.."),
        ],
    );
}

/// loops and chains end at once, also through the kernel's own links.
#[test]
fn loops_and_long_chains_are_refused() {
    check_refused(
        &zip([link("a", "b"), link("b", "a"), file("a/x", "x")]),
        "mkdir D/a/x: too many levels of symbolic links",
    );
    check_refused(
        &zip([link("a", "a"), file("a", "x")]),
        "open D/a: too many levels of symbolic links",
    );
    let chain = (0..50).map(|at| link(format!("l{at}"), format!("l{}", at + 1)));
    check_refused(
        &zip(chain.chain([dir("l50/"), file("l0/x", "x")])),
        "mkdir D/l0/x: too many levels of symbolic links",
    );
    check(
        &zip([link("p", "/proc/self/root"), file("p/etc/x", "x")]),
        &[
            ("p", "-> /proc/self/root"),
            ("proc", "d 0755"),
            ("proc/self", "d 0755"),
            ("proc/self/root", "d 0755"),
            ("proc/self/root/etc", "d 0755"),
            ("proc/self/root/etc/x", "f 0644 x"),
        ],
    );
}

/// links into deep folders cannot cost time out of proportion.
#[test]
fn work_done_for_links_is_bounded() {
    let deep = "d/".repeat(1500);
    let targets = (0..1500).map(|at| if at % 2 == 0 { "l/x" } else { "m/x" });
    let archive = zip([dir(&deep), link("l", &deep), link("m", &deep)]
        .into_iter()
        .chain(targets.map(|name| file(name, "x"))));
    check_refused(&archive, "mkdir D/l/x: too many levels of symbolic links");
}

/// Rows: R6.3-11
#[test]
fn links_are_made_verbatim_and_never_replace() {
    check(
        &zip([link("l", "/etc/passwd"), link("m", "a//./b/"), link("n/o", "..")]),
        &[
            ("l", "-> /etc/passwd"),
            ("m", "-> a//./b/"),
            ("n", "d 0755"),
            ("n/o", "-> .."),
        ],
    );
    check_refused(&zip([file("l", "x"), link("l", "y")]), "symlink D/l: file exists");
    check_refused(&zip([link("l", "x"), link("l", "y")]), "symlink D/l: file exists");
    check_refused(&zip([dir("l/"), link("l", "y")]), "symlink D/l: file exists");
}

///
#[test]
fn link_texts_have_bounded_lengths() {
    let longest = "x/".repeat(2047);
    check(
        &zip([link("l", &longest[..4094])]),
        &[("l", &format!("-> {}", &longest[..4094]))],
    );
    let expected = "Member `l` has a link text of no acceptable length";
    check_refused(&zip([link("l", "x".repeat(4096))]), expected);
    check_refused(&zip([link("l", "x".repeat(100 << 20)).deflated()]), expected);
    check_refused(&zip([link("l", "")]), expected);
    check_refused(
        &zip([link("l", "a\0b")]),
        "Member `l` has a NUL in its name or link text",
    );
}
