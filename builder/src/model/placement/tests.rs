use cache::view;

use super::{Form, How, Intent, Placement, intent};

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
