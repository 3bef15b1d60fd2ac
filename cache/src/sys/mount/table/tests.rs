use super::*;

#[test]
fn lines_are_read() {
    let check = |line: &str, expected: Option<(&str, &str, &str)>| {
        let expected = expected.map(|(device, root, place)| Mounted {
            device: device.to_owned(),
            root: root.into(),
            place: place.into(),
        });
        assert_eq!(parse(line.as_bytes()), expected, "{line}");
    };
    check(
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
        Some(("254:0", "/", "/")),
    );
    check(
        r"90 27 254:0 /s/objects/a\040b /x\134y rw shared:1 - ext4 /dev/vda rw",
        Some(("254:0", "/s/objects/a b", r"/x\y")),
    );
    check(r"90 27 0:3 /a\09 /b\ rw", Some(("0:3", r"/a\09", r"/b\")));
    check("", None);
    check("27 1 254:0 /", None);
}

#[test]
fn a_place_is_found_in_its_file_system() {
    let found = place_in_file_system("/proc/self".as_ref())
        .expect("read")
        .expect("it is there");
    assert_eq!(found.1, Path::new("/self"));
    let proc = every_table().expect("read").concat();
    assert!(
        proc.iter()
            .any(|line| line.device == found.0 && line.place == Path::new("/proc"))
    );
}

#[test]
fn what_is_below_is_told_from_what_is_not() {
    let line = Mounted {
        device: "0:1".to_owned(),
        root: "/var/store/objects/x".into(),
        place: "/c/views/1/mounts".into(),
    };
    let check = |device: &str, root: &str, expected: Option<&str>| {
        assert_eq!(
            line.below(device, root.as_ref()),
            expected.map(Path::new),
            "{root}"
        );
    };
    check("0:1", "/var/store", Some("objects/x"));
    check("0:2", "/var/store", None);
    check("0:1", "/var/stor", None);
    assert!(line.is_at("views/1/mounts".as_ref()));
    assert!(!line.is_at("iews/1/mounts".as_ref()));
}
