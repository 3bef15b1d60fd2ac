use super::{Armed, Effect, Errno, parse};
use std::time::Duration;

fn check(word: &str, expected: Option<(&str, Effect, Option<u64>)>) {
    let expected = expected.map(|(name, effect, only)| {
        (
            name,
            Armed {
                effect,
                only,
                passed: 0,
            },
        )
    });
    assert_eq!(parse(word), expected, "{word}");
}

#[test]
fn words_say_what_happens_where() {
    check("a.b=kill", Some(("a.b", Effect::Kill, None)));
    check("a=kill@3", Some(("a", Effect::Kill, Some(3))));
    check("a=error:ENOSPC", Some(("a", Effect::Fail(Errno::ENOSPC), None)));
    check(
        "a=pause:20@1",
        Some(("a", Effect::Pause(Duration::from_millis(20)), Some(1))),
    );
    for bad in [
        "",
        "a",
        "=kill",
        "a=",
        "a=kil",
        "a=error:EWHAT",
        "a=pause:x",
        "a=kill@",
        "a=kill@x",
    ] {
        check(bad, None);
    }
}
