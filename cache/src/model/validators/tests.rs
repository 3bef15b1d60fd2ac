use proptest::prelude::*;

use super::{LONGEST_VALIDATOR, ValidatorFault, Validators, bytes_of, text_of};

fn tagged(tag: &[u8]) -> Validators {
    Validators::new(Some(tag), None)
}

/// Rules: C-13, C-14, N-12.
#[test]
fn keeps_bytes_up_to_a_length() {
    let longest = vec![b'x'; LONGEST_VALIDATOR];
    assert_eq!(tagged(&longest).etag.as_deref(), Some(longest.as_slice()));
    assert!(tagged(&[longest.as_slice(), b"x"].concat()).is_empty());
    assert!(tagged(b"").is_empty());
    assert!(Validators::default().is_empty());
    assert!(!Validators::new(None, Some(b"yesterday")).is_empty());
}

#[track_caller]
fn check_strong(tag: &[u8], expected: bool) {
    assert_eq!(tagged(tag).has_strong_etag(), expected);
    assert_eq!(tagged(tag).matches_strong(&tagged(tag)), expected);
}

/// Rules: C-13, C-19, N-12.
#[test]
fn only_quoted_tags_without_a_mark_are_strong() {
    check_strong(b"\"v1\"", true);
    check_strong(b"\"\"", true);
    check_strong(b"\"../../etc\"", true);
    check_strong(b"W/\"v1\"", false);
    check_strong(b"w/\"v1\"", false);
    check_strong(b"v1", false);
    check_strong(b"\"", false);
    check_strong(b"\"a\"b\"", false);
    assert!(!tagged(b"\"v1\"").matches_strong(&tagged(b"\"v2\"")));
    assert!(!Validators::default().matches_strong(&Validators::default()));
}

/// Rules: N-12.
#[test]
fn text_form_is_plain_and_loses_nothing() {
    assert_eq!(text_of(b"\"v1%\xff\t\""), "\"v1%25%FF%09\"");
    for broken in ["%", "%4", "%zz", "\u{e9}", "\t"] {
        assert_eq!(bytes_of(broken), Err(ValidatorFault::Escape), "{broken}");
    }
    let json = serde_json::to_string(&tagged(b"\"v\xff\"")).expect("text");
    assert_eq!(json, r#"{"etag":"\"v%FF\""}"#);
    assert!(serde_json::from_str::<Validators>(r#"{"etag":"%"}"#).is_err());
    let long = format!(r#"{{"etag":"{}"}}"#, "x".repeat(LONGEST_VALIDATOR + 1));
    assert!(serde_json::from_str::<Validators>(&long).is_err());
    assert_eq!(
        serde_json::from_str::<Validators>("{}").expect("read"),
        Validators::default()
    );
}

proptest! {
    #[test]
    fn any_bytes_survive_as_text(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
        let before = Validators::new(Some(&bytes), Some(&bytes));
        let text = serde_json::to_string(&before).expect("text");
        prop_assert_eq!(serde_json::from_str::<Validators>(&text).expect("read"), before);
    }

    #[test]
    fn any_text_is_read_without_panic(text in ".*") {
        let _ = bytes_of(&text);
    }
}
