//! Words of failures.

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("{words}")]
struct Link {
    words: &'static str,
    #[source]
    cause: Option<Box<Link>>,
}

fn link(words: &'static [&'static str]) -> Option<Box<Link>> {
    let (first, rest) = words.split_first()?;
    Some(Box::new(Link {
        words: first,
        cause: link(rest),
    }))
}

#[test]
fn causes_are_joined_and_not_repeated() {
    let check = |words: &'static [&'static str], expected: &str| {
        assert_eq!(chain(&*link(words).unwrap()), expected);
    };
    check(&["a"], "a");
    check(&["a", "b", "c"], "a: b: c");
    check(&["a", "a", "b"], "a: b");
    check(&["a", "", "b"], "a: b");
}

#[test]
fn a_reader_who_left_is_not_told() {
    let broken = Failure::output(io::Error::from_raw_os_error(libc::EPIPE));
    assert!(broken.is_silent());
    let full = Failure::output(io::Error::from_raw_os_error(libc::ENOSPC));
    assert!(!full.is_silent());
    assert_eq!(
        chain(&full),
        "Failed to print the result: write standard output: no space left on device"
    );
}
