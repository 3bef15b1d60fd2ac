use proptest::prelude::*;

use super::{Book, DIGEST, PAGE, Page, SLOTS, VERSION};
use crate::stats::counter::Counter;
use sha2::{Digest as _, Sha256};

/// Counters that failed so often.
fn page(generation: u64, failed: u64) -> Page {
    let mut counted = [0; SLOTS];
    counted[Counter::Failed.slot()] = failed;
    Page {
        generation,
        ..Page::new(77).plus(&counted)
    }
}

fn book(pages: &[Option<Page>]) -> Vec<u8> {
    let pages = pages
        .iter()
        .map(|page| page.as_ref().map_or([0; PAGE], Page::encode));
    pages.flatten().collect()
}

/// The place of the page in force and what failed there.
#[track_caller]
fn check(bytes: &[u8], expected: Option<(usize, u64)>) {
    let found = match Book::decode(bytes) {
        Book::Good(page, place) => {
            assert_eq!(page.since, 77);
            Some((place, page.values()[Counter::Failed.slot()]))
        }
        Book::Damaged => None,
        Book::Foreign(version) => panic!("version {version}"),
    };
    assert_eq!(found, expected);
}

/// Rules: S-05, S-02.
#[test]
fn the_newest_whole_page_is_in_force() {
    check(&book(&[Some(page(1, 10)), None]), Some((0, 10)));
    check(&book(&[None, Some(page(1, 10))]), Some((1, 10)));
    check(&book(&[Some(page(3, 30)), Some(page(2, 20))]), Some((0, 30)));
    check(&book(&[Some(page(3, 30)), Some(page(4, 40))]), Some((1, 40)));
    check(&book(&[None, None]), None);
    check(&[], None);
    check(&book(&[Some(page(1, 10))])[..PAGE - 1], None);
}

/// Seals a changed page anew.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = Sha256::digest(&bytes[..DIGEST]);
    bytes[DIGEST..PAGE].copy_from_slice(&digest);
    bytes
}

/// Rules: S-13.
#[test]
fn other_versions_are_left_alone_and_more_numbers_kept() {
    let mut bytes = page(1, 10).encode().to_vec();
    bytes[8] = 9;
    assert_eq!(Book::decode(&sealed(bytes)), Book::Foreign(9));

    // A later version of the program counts one thing more.
    let mut later = page(1, 10);
    later.numbers.push(5);
    let Book::Good(read, 0) = Book::decode(&later.encode()) else {
        panic!("not read");
    };
    let next = read.plus(&[1; SLOTS]);
    assert_eq!(next.numbers.len(), SLOTS + 1);
    assert_eq!(next.numbers.last(), Some(&5));
    assert_eq!(next.values()[Counter::Failed.slot()], 11);

    // An earlier one counted less.
    let mut earlier = page(1, 10);
    earlier.numbers.truncate(20);
    let Book::Good(read, 0) = Book::decode(&earlier.encode()) else {
        panic!("not read");
    };
    assert_eq!(read.plus(&[1; SLOTS]).values()[Counter::Lost.slot()], 1);
    assert_eq!(VERSION, 1);
}

#[test]
fn a_sealed_page_with_an_absurd_count_is_read_as_far_as_it_goes() {
    let mut bytes = page(1, 10).encode().to_vec();
    bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    check(&sealed(bytes), Some((0, 10)));
}

proptest! {
    /// Rules: S-05, S-02, I-9. The write of the second page is cut and mixed with what was there, by sectors: the file is
    /// in the old state or in the new one.
    #[test]
    fn a_torn_write_is_one_state_or_the_other(written in prop::collection::vec(any::<bool>(), 8), older: bool) {
        let before = book(&[Some(page(6, 60)), older.then(|| page(5, 50))]);
        let after = book(&[Some(page(6, 60)), Some(page(7, 70))]);
        let mut torn = before.clone();
        for (sector, done) in written.iter().enumerate() {
            let range = PAGE + sector * 512..PAGE + (sector + 1) * 512;
            if *done {
                torn[range.clone()].copy_from_slice(&after[range]);
            }
        }
        match Book::decode(&torn) {
            Book::Good(read, 0) => prop_assert_eq!(read, page(6, 60)),
            Book::Good(read, _) => {
                prop_assert_eq!(read, page(7, 70));
                prop_assert_eq!(&torn, &after);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }

    /// Rules: I-9, S-07.
    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..9000)) {
        prop_assert_eq!(Book::decode(&bytes), Book::Damaged);
    }
}
