use proptest::prelude::*;

use super::{Place, Reservation, SLOT_BYTES, Slot};
use crate::model::digest::Digest;
use crate::model::key::KeyId;
use crate::model::object::{Form, ObjectId};
use crate::store::layout::{Budget, Owner, StagingName};

proptest! {
    #[test]
    fn slots_come_back(digest: [u8; 32], key: Option<[u8; 32]>, numbers: [u64; 4], counts: [u32; 3], flags: [bool; 5]) {
        let form = if flags[4] { Form::File } else { Form::Tree };
        let id = ObjectId::with_version(Digest::new(digest), form, counts[2]);
        let slot = Slot {
            leases: counts[0],
            entries: counts[1],
            key: key.map(|key| KeyId::from(Digest::new(key))),
            last_use: numbers[2],
            last_used_at: numbers[3],
            is_unchecked: flags[0],
            is_pinned: flags[1],
            is_replaced: flags[2],
            is_condemned: flags[3],
            ..Slot::new(id, numbers[0], numbers[1])
        };
        let bytes = Place::Taken(slot).encode();
        prop_assert_eq!(Place::decode(&bytes), Place::Taken(slot));
        prop_assert!(!Place::is_another(&bytes, &id));
        let other = ObjectId::new(Digest::new(digest.map(|byte| !byte)), form);
        prop_assert!(Place::is_another(&bytes, &other));
    }

    #[test]
    fn reservations_come_back(owner in 1..u64::MAX, number: u64, bytes: u64, scratch: bool) {
        let budget = if scratch { Budget::Scratch } else { Budget::Quota };
        let reservation = Reservation { name: StagingName { owner: Owner(owner), number }, bytes, budget };
        prop_assert_eq!(Reservation::decode(&reservation.encode()), Some(reservation));
    }
}

#[test]
fn empty_places_come_back() {
    assert_eq!(Place::decode(&[0; SLOT_BYTES]), Place::Free);
    assert_eq!(Place::decode(&Place::Buried.encode()), Place::Buried);
    for bytes in [[0; SLOT_BYTES], Place::Buried.encode()] {
        let id = ObjectId::new(Digest::new([9; 32]), Form::Tree);
        assert!(!Place::is_another(&bytes, &id), "a search would pass by its end");
    }
    assert_eq!(Reservation::decode(&[0; 32]), None);
}
