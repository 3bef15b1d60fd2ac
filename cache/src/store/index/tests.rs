use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{IndexFile, State, is_crowded};
use crate::model::digest::Digest;
use crate::model::lease_record::BootId;
use crate::model::object::{Form, ObjectId};
use crate::store::header::Header;
use crate::store::layout::{Budget, INDEX, NEXT_INDEX, Owner, StagingName};
use crate::store::slot::{Place, Reservation, Slot};
use crate::sys::anchor::Anchor;

/// A small change of an index.
#[derive(Debug, Clone)]
enum Verb {
    Add(u8, u64),
    Remove(u8),
    Reopen,
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![
        4 => (any::<u8>(), any::<u64>()).prop_map(|(name, blocks)| Verb::Add(name, blocks)),
        2 => any::<u8>().prop_map(Verb::Remove),
        1 => Just(Verb::Reopen),
    ]
}

/// Few home pages, so that pages overflow into each other.
fn id(name: u8) -> ObjectId {
    let mut digest = [0; 32];
    digest[0] = name % 3;
    digest[31] = name;
    ObjectId::new(Digest::new(digest), Form::Tree)
}

struct Scene {
    anchor: Anchor,
    index: IndexFile,
    header: Header,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let anchor = Anchor::open(folder.path()).expect("it is there");
        let mut header = Header {
            boot: BootId([1; 16]),
            ..Header::default()
        };
        let index = written(&anchor, &mut header, &[], &[]);
        Self {
            anchor,
            index,
            header,
            _folder: folder,
        }
    }

    fn add(&mut self, slot: Slot) {
        if is_crowded(&self.header) {
            let slots = self.index.scan(&self.header).expect("read");
            self.index = written(&self.anchor, &mut self.header, &slots, &[]);
        }
        let search = self.index.search(&self.header, &slot.id).expect("read");
        let place = search.found.map(|(place, _)| (place, false)).or(search.vacant);
        let (place, was_buried) = place.expect("not crowded");
        if search.found.is_none() {
            self.header.objects += 1;
            self.header.buried -= u64::from(was_buried);
        }
        self.put(place, Place::Taken(slot));
    }

    fn remove(&mut self, id: &ObjectId) {
        let search = self.index.search(&self.header, id).expect("read");
        if let Some((place, _)) = search.found {
            self.header.objects -= 1;
            self.header.buried += 1;
            self.put(place, Place::Buried);
        }
    }

    fn put(&self, place: u64, content: Place) {
        self.index.put(&self.header, place, content).expect("written");
        self.index.write_header(&self.header).expect("written");
    }
}

fn written(anchor: &Anchor, header: &mut Header, slots: &[Slot], reservations: &[Reservation]) -> IndexFile {
    let index = IndexFile::write_next(anchor, header, slots, reservations).expect("written");
    anchor.rename(NEXT_INDEX, INDEX).expect("renamed");
    index
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn an_index_says_what_was_put_into_it(verbs in proptest::collection::vec(verb(), 1..400)) {
        let mut scene = Scene::new();
        let mut model = BTreeMap::new();
        for verb in verbs {
            match verb {
                Verb::Add(name, blocks) => {
                    scene.add(Slot::new(id(name), blocks, 1));
                    model.insert(id(name), blocks);
                }
                Verb::Remove(name) => {
                    scene.remove(&id(name));
                    model.remove(&id(name));
                }
                Verb::Reopen => {
                    scene.index = IndexFile::open(&scene.anchor, true).expect("opened").expect("is there");
                    let State::Current(header) = scene.index.state(&scene.anchor).expect("read") else {
                        panic!("the index is not current");
                    };
                    prop_assert_eq!(header, scene.header);
                }
            }
            prop_assert_eq!(scene.header.objects, model.len() as u64);
        }
        let found: BTreeMap<_, _> = scene
            .index
            .scan(&scene.header)
            .expect("read")
            .into_iter()
            .map(|slot| (slot.id, slot.blocks))
            .collect();
        prop_assert_eq!(&found, &model);
        for (id, blocks) in model {
            let search = scene.index.search(&scene.header, &id).expect("read");
            prop_assert_eq!(search.found.map(|(_, slot)| slot.blocks), Some(blocks));
        }
    }
}

#[test]
fn a_replaced_index_is_noticed() {
    let mut scene = Scene::new();
    let old = IndexFile::open(&scene.anchor, true)
        .expect("opened")
        .expect("is there");
    written(&scene.anchor, &mut scene.header, &[], &[]);
    assert!(matches!(old.state(&scene.anchor), Ok(State::Superseded)));
}

#[test]
fn reservations_have_room() {
    let mut scene = Scene::new();
    let many: Vec<Reservation> = (1..500)
        .map(|number| Reservation {
            name: StagingName {
                owner: Owner(9),
                number,
            },
            bytes: number,
            budget: Budget::Quota,
        })
        .collect();
    let index = written(&scene.anchor, &mut scene.header, &[], &many);
    let found = index.reservations(&scene.header).expect("read");
    assert_eq!(found.into_values().collect::<Vec<_>>(), many);
}
