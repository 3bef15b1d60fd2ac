//! What is measured in a process of its own, because it is killed or because its memory is its own.

/// Runs one of them.
pub fn run(words: &[String]) {
    unreachable!("no such child: {words:?}");
}
