use std::os::unix::fs::PermissionsExt;

use super::{ReadError, list, make_dir_all, make_temp_dir, make_temp_file, read_bounded};

#[test]
fn a_fifo_is_refused_at_once() {
    let home = tempfile::tempdir().unwrap();
    let fifo = home.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(matches!(read_bounded(&fifo, 10), Err(ReadError::NotRegular(path)) if path == fifo));
}

#[test]
fn a_file_is_read_up_to_the_limit_and_refused_above() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, b"0123456789").unwrap();
    assert_eq!(read_bounded(&file, 10).unwrap(), b"0123456789");
    assert!(matches!(
        read_bounded(&file, 9),
        Err(ReadError::TooLarge { limit: 9, .. })
    ));
}

#[test]
fn a_folder_and_an_absent_file_say_so() {
    let home = tempfile::tempdir().unwrap();
    let text = read_bounded(home.path(), 9).unwrap_err().to_string();
    assert_eq!(text, format!("read {}: is a directory", home.path().display()));
    assert!(read_bounded(&home.path().join("no"), 9).unwrap_err().is_absent());
}

#[test]
fn folders_are_made_with_their_parents_and_a_file_in_the_way_is_named() {
    let home = tempfile::tempdir().unwrap();
    make_dir_all(&home.path().join("a/b/c"), 0o755).unwrap();
    make_dir_all(&home.path().join("a/b/c"), 0o755).unwrap();
    std::fs::write(home.path().join("f"), b"").unwrap();
    let at = home.path().join("f");
    let text = make_dir_all(&at, 0o755).unwrap_err().to_string();
    assert_eq!(text, format!("mkdir {}: not a directory", at.display()));
}

#[test]
fn temporary_names_are_a_prefix_and_a_number() {
    let home = tempfile::tempdir().unwrap();
    let dir = make_temp_dir(home.path(), "contents").unwrap();
    let (file, _) = make_temp_file(home.path(), "x.zip".as_ref(), 0o600).unwrap();
    for (path, prefix) in [(&dir, "contents"), (&file, "x.zip")] {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            name.strip_prefix(prefix)
                .unwrap()
                .chars()
                .all(|c| c.is_ascii_digit()),
            "{name}"
        );
    }
    assert_eq!(
        std::fs::metadata(&dir).unwrap().permissions().mode() & 0o7777,
        0o700
    );
    assert_eq!(list(home.path()).unwrap().len(), 2);
}
