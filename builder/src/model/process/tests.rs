use super::{Process, ProcessList};

fn items(text: &str) -> Vec<Process> {
    text.split_whitespace()
        .map(|pair| {
            let (kind, command) = pair.split_once('=').unwrap();
            match command.split_once('+') {
                Some((command, types)) => Process {
                    sidecar_for: types.split(',').map(Into::into).collect(),
                    ..Process::new(kind.into(), command.into())
                },
                None => Process::new(kind.into(), command.into()),
            }
        })
        .collect()
}

/// `sources` are separated by `|`; an item is `type=command`, a sidecar `type=command+types`.
#[track_caller]
fn check(sources: &str, expected: &str) {
    let mut list = ProcessList::default();
    for source in sources.split('|') {
        list.merge(items(source));
    }
    assert_eq!(list.0, items(expected), "{sources}");
}

/// Rows: R10.3-01, R10.3-02, R10.3-03
#[test]
fn items_replace_in_place_or_are_appended() {
    check("a=1 b=2", "a=1 b=2");
    check("a=1 b=2|a=3 c=4", "a=3 b=2 c=4");
    check("a=1|b=2|a=3", "a=3 b=2");
    // Several of one type: the last one wins over what was there before the source.
    check("a=1|a=2 a=3", "a=3");
    // Within one source all are appended.
    check("a=1 a=2", "a=1 a=2");
    // What is there twice becomes two copies.
    check("a=1 a=2|a=3", "a=3 a=3");
    check("a=1|b=2 b=3", "a=1 b=2 b=3");
    check("|a=1|", "a=1");
    // A sidecar and a process of one type replace each other.
    check("a=1+web|a=2", "a=2");
    check("a=1|a=2+web", "a=2+web");
}

/// Rows: R10.4-01, R10.4-02
#[test]
fn sidecars_are_told_apart_and_later_duplicates_win_in_the_map() {
    let mut list = ProcessList::default();
    list.merge(items("web=1 side=2+web,worker web=3"));
    let commands = list.split();
    assert_eq!(commands.processes, items("web=1 web=3"));
    assert_eq!(commands.sidecars, items("side=2+web,worker"));
    assert_eq!(commands.process_types[b"web".as_slice()], b"3");
    assert_eq!(commands.web(), Some(b"3".as_slice()));
}

/// Rows: R10.4-03
#[test]
fn an_empty_web_counts_as_none() {
    let mut list = ProcessList::default();
    list.merge(vec![Process::new(b"web".to_vec(), Vec::new())]);
    assert_eq!(list.split().web(), None);
    assert_eq!(ProcessList::default().split().web(), None);
}
