use super::Word;
use super::split;

#[track_caller]
fn check(word: &str, expected: Word) {
    assert_eq!(split(word.as_bytes()), expected, "{word}");
}

fn flag(name: &str, value: Option<&str>) -> Word {
    Word::Flag {
        name: name.into(),
        value: value.map(Into::into),
    }
}

/// Rows: R2.2-01, R2.2-07, R2.3-05
#[test]
fn a_word_is_a_flag_or_the_end_or_bad() {
    check("-f", flag("f", None));
    check("--f", flag("f", None));
    check("-f=v", flag("f", Some("v")));
    check("--f=v", flag("f", Some("v")));
    check("-f=", flag("f", Some("")));
    check("-f=a=b", flag("f", Some("a=b")));
    check("-f-g", flag("f-g", None));
    check("- f", flag(" f", None));
    check("", Word::End);
    check("-", Word::End);
    check("--", Word::End);
    check("f", Word::End);
    check("f=-v", Word::End);
    check("---f", Word::Bad);
    check("---", Word::Bad);
    check("-=f", Word::Bad);
    check("--=f", Word::Bad);
}
