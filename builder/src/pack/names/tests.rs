use super::{Names, What};
use crate::sys::tree::Kind;

const FILE: What = What::Entry(Kind::File);

#[test]
fn sorted_names_come_by_their_bytes() {
    let mut names = Names::default();
    let mark = names.mark();
    for name in [c"b", c"a.b", c"\xff", c"a", c"B"] {
        names.keep(name, FILE);
    }
    names.sort_since(mark);
    let taken: Vec<_> = std::iter::from_fn(|| names.take_since(mark))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        taken,
        [c"B", c"a", c"a.b", c"b", c"\xff"].map(std::ffi::CStr::to_owned)
    );
}

#[test]
fn the_names_of_a_folder_end_where_those_of_the_one_around_it_begin() {
    let mut names = Names::default();
    let outer = names.mark();
    names.keep(c"outer", What::Graft);
    let inner = names.mark();
    names.keep(c"inner", FILE);
    assert_eq!(names.take_since(inner), Some((c"inner".to_owned(), FILE)));
    assert_eq!(names.take_since(inner), None);
    assert_eq!(names.take_since(outer), Some((c"outer".to_owned(), What::Graft)));
    assert_eq!(names.take_since(outer), None);
}
