#![expect(clippy::disallowed_methods, reason = "trees are made here")]

use std::fs;
use std::path::Path;

use super::{Directory, Kind, Listing, Progress};

fn names(folder: &Directory) -> Vec<(String, Kind)> {
    let mut listing = Listing::default();
    let mut names = Vec::new();
    loop {
        let told = folder.list(&mut listing, |name, kind| {
            names.push((name.to_str().unwrap().to_owned(), kind));
            Ok::<_, std::io::Error>(())
        });
        if told.unwrap() == Progress::End {
            names.sort_by(|a, b| a.0.cmp(&b.0));
            return names;
        }
    }
}

#[test]
fn entries_are_listed_with_their_kinds() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "x").unwrap();
    fs::create_dir(home.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("gone", home.path().join("link")).unwrap();
    let told = names(&Directory::open(home.path()).unwrap());
    let expected = [
        ("file", Kind::File),
        ("folder", Kind::Directory),
        ("link", Kind::Symlink),
    ];
    assert_eq!(told, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn a_large_folder_comes_in_portions_and_can_be_resumed() {
    let home = tempfile::tempdir().unwrap();
    for number in 0..3000 {
        fs::write(home.path().join(format!("file-{number}")), "").unwrap();
    }
    let (mut listing, mut count, mut portions) = (Listing::default(), 0, 0);
    let mut cookie = 0;
    loop {
        let folder = Directory::open(home.path()).unwrap();
        folder.resume(cookie).unwrap();
        let told = folder.list(&mut listing, |_, _| {
            count += 1;
            Ok::<_, std::io::Error>(())
        });
        portions += 1;
        match told.unwrap() {
            Progress::More(next) => cookie = next,
            Progress::End => break,
        }
    }
    assert_eq!(count, 3000);
    assert!(portions > 2, "{portions}");
}

#[test]
fn links_are_refused_below_the_top() {
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/", home.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", home.path().join("file")).unwrap();
    let folder = Directory::open(home.path()).unwrap();
    assert!(super::is_other_kind(&folder.child(c"folder").unwrap_err()));
    assert!(super::is_other_kind(&folder.contents(c"file").unwrap_err()));
}

#[test]
fn a_fifo_is_opened_without_waiting() {
    let home = tempfile::tempdir().unwrap();
    let fifo = home.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let folder = Directory::open(home.path()).unwrap();
    assert_eq!(folder.contents(c"fifo").unwrap().stat().unwrap().kind, Kind::Fifo);
}

#[test]
fn a_link_is_told_apart_from_what_it_points_to_and_from_nothing() {
    let home = tempfile::tempdir().unwrap();
    let link = home.path().join("link");
    std::os::unix::fs::symlink("/", &link).unwrap();
    assert_eq!(super::stat_link(&link).unwrap().unwrap().kind, Kind::Symlink);
    assert_eq!(super::stat_link(Path::new("/does/not/exist")).unwrap(), None);
}
