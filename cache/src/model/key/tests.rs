use super::Key;

fn check(key: &[u8], expected: &str) {
    let shown = Key::new(key).map(|key| key.to_string());
    assert_eq!(shown.as_deref(), Some(expected));
}

/// Rules: A-06, C-10, C-25, K-01
#[test]
fn keys_are_shown_on_one_line_and_without_secrets() {
    check(b"ruby", "ruby");
    check(b"a\nb\x1b[31m", "a\\nb\\u{1b}[31m");
    check("\u{202e}x\u{200b}\u{e9}".as_bytes(), "\\u{202e}x\\u{200b}\u{e9}");
    check(b"\xff\xfe", "\u{fffd}\u{fffd}");
    check(b"https://u:p@h/x?sig=secret", "https://***@h/x?sig=...");
    check("x".repeat(201).as_bytes(), &format!("{}...", "x".repeat(200)));
    assert_eq!(Key::new(""), None);
}

/// Rules: C-10, S-09
#[test]
fn the_name_on_disk_is_a_sha256() {
    let id = Key::new("abc").map(|key| key.id().to_string());
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(id.as_deref(), Some(expected));
}
