use proptest::prelude::*;

use super::{DIRTY_OFFSET, HEADER_BYTES, Header};

fn header(numbers: [u64; 16], directories: [u64; 9], sides: [u64; 2]) -> Header {
    let mut header = Header {
        pages: 4,
        reservation_pages: 1,
        directories,
        sides,
        ..Header::default()
    };
    for (place, number) in header.numbers_mut().into_iter().zip(numbers) {
        *place = number;
    }
    header
}

proptest! {
    #[test]
    fn headers_come_back(numbers: [u64; 16], directories: [u64; 9], sides: [u64; 2]) {
        let header = header(numbers, directories, sides);
        prop_assert_eq!(Header::decode(&header.encode()), Some(header));
        let mut bytes = header.encode();
        bytes[usize::try_from(DIRTY_OFFSET).expect("small")] = 1;
        prop_assert!(Header::decode(&bytes).expect("readable").is_dirty);
    }

    /// Rules: S-07.
    #[test]
    fn garbage_is_no_header(bytes in proptest::collection::vec(any::<u8>(), HEADER_BYTES)) {
        let bytes: [u8; HEADER_BYTES] = bytes.try_into().expect("as long as asked");
        prop_assert_eq!(Header::decode(&bytes), None);
    }
}
