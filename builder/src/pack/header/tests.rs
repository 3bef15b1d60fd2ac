use super::{Member, Owner, RECORD, TypeFlag, encode};

const NOBODY: Owner<'static> = Owner {
    uid: 0,
    gid: 0,
    user: b"",
    group: b"",
};

const FILE: Member<'static> = Member {
    kind: TypeFlag::File,
    name: b"./f",
    link: b"",
    mode: 0o644,
    owner: NOBODY,
    size: 3,
    mtime: 0,
    device: None,
};

fn encoded(member: &Member<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let put: Result<(), ()> = encode(member, NOBODY, |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    put.unwrap();
    bytes
}

#[track_caller]
fn check_mtime(mtime: i64, field: &[u8; 12]) {
    let bytes = encoded(&Member { mtime, ..FILE });
    assert_eq!(&bytes[136..148], field, "{mtime}");
    let header = tar::Header::from_byte_slice(&bytes);
    if mtime >= 0 {
        assert_eq!(header.mtime().unwrap(), mtime.unsigned_abs());
    }
}

/// Rows: R16.2-06, R16.2-07
#[test]
fn numbers_are_octal_while_they_fit_and_base_256_beyond() {
    check_mtime(0, b"00000000000\0");
    check_mtime(1_700_000_000, b"14524770400\0");
    check_mtime(0o77_777_777_777, b"77777777777\0");
    check_mtime(0o100_000_000_000, b"\x80\0\0\0\0\0\0\x02\0\0\0\0");
    check_mtime(-1, &[0xff; 12]);
    check_mtime(-256, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0");
}

#[test]
fn large_sizes_and_owners_are_read_back() {
    let owner = Owner {
        uid: u32::MAX,
        gid: 0o10_000_000,
        user: b"vcap",
        group: &[b'g'; 40],
    };
    let size = 9 << 30;
    let bytes = encoded(&Member { owner, size, ..FILE });
    let header = tar::Header::from_byte_slice(&bytes);
    assert_eq!(header.size().unwrap(), size);
    assert_eq!(header.uid().unwrap(), u64::from(u32::MAX));
    assert_eq!(header.gid().unwrap(), 0o10_000_000);
    assert_eq!(header.username_bytes(), Some(&b"vcap"[..]));
    assert_eq!(header.groupname_bytes(), Some(&[b'g'; 31][..]));
}

#[track_caller]
fn check_records(name: usize, link: usize, records: usize) {
    let (name, link) = (vec![b'n'; name], vec![b'l'; link]);
    let bytes = encoded(&Member {
        name: &name,
        link: &link,
        ..FILE
    });
    assert_eq!(bytes.len(), records * RECORD, "{} {}", name.len(), link.len());
}

/// Rows: R16.2-06, R16.2-17
#[test]
fn long_names_and_targets_have_records_of_their_own() {
    check_records(100, 100, 1);
    check_records(101, 100, 3);
    check_records(100, 101, 3);
    check_records(101, 101, 5);
    // The zero byte at the end needs room too.
    check_records(511, 0, 3);
    check_records(512, 0, 4);
}
