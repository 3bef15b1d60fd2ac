use super::last_lines;
use crate::model::go_url::GoUrl;

#[track_caller]
fn check(url: &str, output: &str, expected: &[&str]) {
    let url = GoUrl::parse(url.as_bytes()).unwrap();
    assert_eq!(last_lines(output.as_bytes(), &url), expected);
}

#[test]
fn the_last_lines_are_shown() {
    let lines: Vec<_> = (0..20).map(|number| format!("line {number}")).collect();
    let last: Vec<_> = lines[10..].iter().map(String::as_str).collect();
    check("https://h/r", &lines.join("\n"), &last);
    check("https://h/r", "\n \na\n\nb", &["a", "b"]);
    check("https://h/r", "", &[]);
}

#[test]
fn only_the_last_state_of_a_progress_line_counts() {
    check(
        "https://h/r",
        "Counting:  1%\rCounting: 100%, done.\r\nend\n",
        &["Counting: 100%, done.", "end"],
    );
}

#[test]
fn control_characters_are_escaped() {
    check(
        "https://h/r",
        "remote: \u{1b}[31mred\u{7}\n",
        &[r"remote: \x1b[31mred\a"],
    );
}

/// Rows: K-01, K-03
#[test]
fn no_secret_is_shown() {
    check(
        "https://user:hunter2@h/r",
        "remote: bad password hunter2 of user\n",
        &["remote: bad password *** of ***"],
    );
    check("https://h/r?token=hunter2", "got hunter2\n", &["got ***"]);
    check(
        "https://h/r",
        "fatal: unable to access 'https://u:p@other/x?t=s': no\n",
        &["fatal: unable to access 'https://***@other/x?t=... no"],
    );
    check("https://u:p@h/r", "up and about\n", &["up and about"]);
}
