use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use cache::sys::scratch::Scratch;

use super::{Output, publish};

#[track_caller]
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("result.json");
    let scratch = Scratch::default();
    let mut output = Output::create(&target, &scratch).unwrap();
    output.write(b"half").unwrap();
    assert!(!target.exists());
    drop(output);
    assert_eq!(names(home.path()), [""; 0]);

    publish(&target, b"whole", &scratch).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), b"whole");
    assert_eq!(names(home.path()), ["result.json"]);
}

/// Rows: R12.3-01
#[test]
fn an_existing_file_keeps_its_mode_and_a_link_is_followed() {
    let home = tempfile::tempdir().unwrap();
    let [file, link] = ["file", "link"].map(|name| home.path().join(name));
    std::fs::write(&file, b"old and longer").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    symlink("file", &link).unwrap();
    for target in [&file, &link] {
        publish(target, b"new", &Scratch::default()).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777,
            0o640
        );
    }
    assert_eq!(std::fs::read_link(&link).unwrap(), Path::new("file"));
}

#[test]
fn a_folder_is_refused_and_a_device_is_written() {
    let home = tempfile::tempdir().unwrap();
    let text = publish(home.path(), b"x", &Scratch::default())
        .unwrap_err()
        .to_string();
    assert_eq!(text, format!("open {}: is a directory", home.path().display()));
    publish(Path::new("/dev/null"), b"x", &Scratch::default()).unwrap();
}

#[test]
fn a_cut_file_is_emptied_where_it_was_written_in_place() {
    let home = tempfile::tempdir().unwrap();
    let [file, link] = ["file", "link"].map(|name| home.path().join(name));
    symlink("file", &link).unwrap();
    let mut output = Output::create(&link, &Scratch::default()).unwrap();
    output.write(b"half").unwrap();
    drop(output);
    assert_eq!(std::fs::read(&file).unwrap(), b"");
}

#[test]
fn its_inodes_are_its_own_and_the_one_it_replaces() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("file");
    assert_eq!(
        Output::create(&target, &Scratch::default()).unwrap().ids().len(),
        1
    );
    std::fs::write(&target, b"old").unwrap();
    let old = super::FileId::of(&std::fs::metadata(&target).unwrap());
    let output = Output::create(&target, &Scratch::default()).unwrap();
    assert_eq!(output.ids().len(), 2);
    assert!(output.ids().contains(&old));
}
