//! What typed words mean.

use super::*;

#[test]
fn several_words_are_a_program_and_its_arguments() {
    let check = |words: &[&str], expected: Option<&str>| {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(command(&words).as_deref(), expected, "{words:?}");
    };
    check(&[], None);
    check(&["echo $PORT; true"], Some("echo $PORT; true"));
    check(&["bash", "-c", "echo $PORT"], Some("bash -c 'echo $PORT'"));
    check(&["a/b.c", "--d=e", ""], Some("a/b.c '--d=e' ''"));
    check(&["say", "it's", "~", "a b"], Some(r"say 'it'\''s' '~' 'a b'"));
}
