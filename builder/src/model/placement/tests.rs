use cache::view;

use super::{Form, How, Intent, Placement, Tree, depends_on_size, intent, settle};

/// Checks what is to be done with a directory.
#[track_caller]
fn check(flag: Placement, hint: Option<view::Placement>, is_private: bool, expected: Intent) {
    assert_eq!(intent(Form::Directory, flag, hint, is_private), expected);
}

#[test]
fn the_flag_wins_over_the_hint_and_the_list_over_both() {
    use view::Placement as Hint;
    check(Placement::Auto, None, false, Intent::CopyIfSmall);
    check(Placement::Extract, None, false, Intent::CopyIfSmall);
    check(Placement::InPlace, None, false, Intent::Plain(How::InPlace));
    check(Placement::Link, None, false, Intent::Plain(How::Link));
    check(Placement::Copy, None, false, Intent::Plain(How::Copy));
    check(Placement::Auto, Some(Hint::Link), false, Intent::Plain(How::Link));
    check(
        Placement::Auto,
        Some(Hint::InPlace),
        false,
        Intent::Plain(How::InPlace),
    );
    check(Placement::Auto, Some(Hint::Copy), false, Intent::Plain(How::Copy));
    check(Placement::Auto, Some(Hint::Extract), false, Intent::CopyIfSmall);
    check(
        Placement::InPlace,
        Some(Hint::Copy),
        false,
        Intent::Plain(How::InPlace),
    );
    check(
        Placement::InPlace,
        Some(Hint::Link),
        true,
        Intent::Plain(How::Copy),
    );
    check(Placement::Auto, None, true, Intent::Plain(How::Copy));
}

#[test]
fn an_archive_can_only_be_extracted() {
    let flags = [
        Placement::Auto,
        Placement::InPlace,
        Placement::Link,
        Placement::Extract,
        Placement::Copy,
    ];
    for flag in flags {
        for is_private in [false, true] {
            let decided = intent(Form::Archive, flag, Some(view::Placement::Link), is_private);
            assert_eq!(decided, Intent::Plain(How::Extract), "{flag:?}");
        }
    }
}

/// A tree whose scripts are all programs.
const fn tree(is_private: bool, is_runnable: bool) -> Tree {
    Tree {
        is_private,
        is_runnable,
        is_executable: true,
    }
}

/// Checks what is done with a directory by what was found out about it.
#[track_caller]
fn check_settled(intent: Intent, tree: Tree, is_small: bool, expected: How) {
    assert_eq!(settle(intent, tree, is_small), expected, "{tree:?}");
}

#[test]
fn small_trees_that_scripts_cannot_write_to_are_copied() {
    let auto = Intent::CopyIfSmall;
    check_settled(auto, tree(true, true), true, How::InPlace);
    check_settled(auto, tree(false, true), true, How::Copy);
    check_settled(auto, tree(true, false), true, How::Copy);
    check_settled(auto, tree(false, false), true, How::Copy);
    for (is_private, is_runnable) in [(true, true), (true, false), (false, true), (false, false)] {
        let tree = tree(is_private, is_runnable);
        check_settled(auto, tree, false, How::InPlace);
        for how in [How::InPlace, How::Link, How::Copy] {
            check_settled(Intent::Plain(how), tree, true, how);
        }
    }
}

#[test]
fn what_has_a_script_without_x_is_copied_whatever_its_size() {
    for is_private in [false, true] {
        let tree = Tree {
            is_executable: false,
            ..tree(is_private, true)
        };
        check_settled(Intent::CopyIfSmall, tree, false, How::Copy);
        check_settled(Intent::Plain(How::InPlace), tree, false, How::InPlace);
        assert!(!depends_on_size(Intent::CopyIfSmall, tree));
    }
}

#[test]
fn what_is_settled_anyway_is_not_measured() {
    assert!(!depends_on_size(Intent::CopyIfSmall, tree(true, true)));
    assert!(depends_on_size(Intent::CopyIfSmall, tree(false, true)));
    assert!(!depends_on_size(Intent::Plain(How::InPlace), tree(false, false)));
}
