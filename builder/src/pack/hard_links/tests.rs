use super::HardLinks;
use crate::sys::tree::{Directory, Stat};

fn any(links: u64) -> Stat {
    let root = Directory::open(std::path::Path::new("/")).unwrap();
    Stat {
        links,
        ..root.stat().unwrap()
    }
}

/// Rows: R16.2-10
#[test]
fn later_names_are_links_to_the_first() {
    let mut links = HardLinks::default();
    let found = any(3);
    assert_eq!(links.meet(&found, b"./a"), None);
    assert_eq!(links.meet(&found, b"./b").as_deref(), Some(&b"./a"[..]));
    assert_eq!(links.meet(&found, b"./c").as_deref(), Some(&b"./a"[..]));
    assert!(links.first.is_empty(), "no name is left to come");
}

#[test]
fn a_single_name_takes_no_memory() {
    let mut links = HardLinks::default();
    assert_eq!(links.meet(&any(1), b"./a"), None);
    assert!(links.first.is_empty());
}
