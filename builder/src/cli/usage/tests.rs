use super::super::flags::FLAGS;
use super::usage;

/// Rows: R2.3-02
#[test]
fn every_flag_has_two_lines_in_alphabetical_order() {
    let text = usage();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "Usage of builder:");
    assert_eq!(lines.len(), 1 + 2 * FLAGS.len());
    let names: Vec<_> = lines[1..]
        .iter()
        .step_by(2)
        .map(|line| line.split(' ').nth(2).unwrap())
        .collect();
    assert!(names.is_sorted());
    assert!(
        lines[2..]
            .iter()
            .step_by(2)
            .all(|line| line.starts_with("    \t"))
    );
}

#[track_caller]
fn check(name: &str, first: &str, ending: &str) {
    let text = usage();
    let mut lines = text
        .lines()
        .skip_while(|line| line.split(' ').nth(2) != Some(name));
    assert_eq!(lines.next().unwrap(), first);
    assert!(lines.next().unwrap().ends_with(ending));
}

/// Rows: R2.3-02
#[test]
fn kinds_and_defaults_are_shown_as_by_go() {
    check("-buildDir", "  -buildDir string", r#" (default "/tmp/app")"#);
    check(
        "-buildpackOrder",
        "  -buildpackOrder string",
        "separated by commas",
    );
    check(
        "-credhubConnectAttempts",
        "  -credhubConnectAttempts int",
        " (default 3)",
    );
    check(
        "-credhubRetryDelay",
        "  -credhubRetryDelay duration",
        " (default 1s)",
    );
    check("-skipDetect", "  -skipDetect", "detects the app");
}
