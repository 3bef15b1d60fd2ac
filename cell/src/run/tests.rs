//! What is shown of a droplet's words.

use super::*;

#[test]
fn nothing_of_a_droplet_moves_the_cursor() {
    let check = |text: &str, expected: &str| assert_eq!(plain(text), expected);
    check(
        "exec python3 -c \"print('a')\" >b\\c",
        "exec python3 -c \"print('a')\" >b\\c",
    );
    check("\u{1b}[2Jfine\r\n", "\\u{1b}[2Jfine\\r\\n");
    check("caf\u{e9}\u{202e}", "caf\u{e9}\\u{202e}");
}
