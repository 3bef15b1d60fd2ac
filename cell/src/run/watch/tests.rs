//! What is told when.

use super::*;

/// Looks at seconds, each with whether somebody listens, yield these news.
fn check(serves: bool, looks: &[(u64, bool)], expected: &[Option<News>]) {
    let begun = Instant::now();
    let mut watch = Watch::new(serves);
    let news = looks
        .iter()
        .map(|&(second, answers)| watch.look(begun + Duration::from_secs(second), || answers));
    assert_eq!(news.collect::<Vec<_>>(), expected, "{looks:?}");
}

#[test]
fn each_thing_is_told_once() {
    let (answers, deaf) = (Some(News::Answers), Some(News::IsDeaf));
    check(true, &[(0, false), (1, true), (2, true)], &[None, answers, None]);
    check(
        true,
        &[(0, false), (9, false), (10, false), (90, false)],
        &[None, None, deaf, None],
    );
    check(
        true,
        &[(0, false), (10, false), (11, true), (99, false)],
        &[None, deaf, answers, None],
    );
}

#[test]
fn a_command_that_was_typed_need_not_listen() {
    check(
        false,
        &[(0, false), (60, false), (61, true)],
        &[None, None, Some(News::Answers)],
    );
}

#[test]
fn a_process_that_should_listen_is_waited_for_until_it_does() {
    let mut watch = Watch::new(true);
    assert!(watch.waits());
    let _news = watch.look(Instant::now(), || true);
    assert!(!watch.waits());
    assert!(!Watch::new(false).waits());
}
