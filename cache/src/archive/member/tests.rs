use super::MemberName;

#[track_caller]
fn check(name: &[u8], expected: &str) {
    assert_eq!(MemberName::new(name.to_vec()).to_string(), expected);
}

/// one event is one line, and nothing can move the cursor.
#[test]
fn names_are_shown_escaped() {
    check(b"bin/compile", "bin/compile");
    check("bin/é".as_bytes(), "bin/é");
    check(b"a\nb\x1b[31m\x7f", "a\\nb\\u{1b}[31m\\u{7f}");
    check("a\u{202e}b\u{200f}".as_bytes(), "a\\u{202e}b\\u{200f}");
    check(b"a\xff\xfeb", "a\\xff\\xfeb");
    check(&[b'a'; 600], &format!("{}...", "a".repeat(512)));
}

#[test]
fn components_are_what_counts() {
    let name = MemberName::new(b"//a/./b/../\\c/".to_vec());
    let components: Vec<_> = name.components().collect();
    assert_eq!(components, [&b"a"[..], b"b", b"..", b"\\c"]);
}
