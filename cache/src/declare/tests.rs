use std::path::{Path, PathBuf};

use super::{Declarations, DeclareError, MOST_KEYS, declaration};
use crate::model::key::Key;
use crate::policy::prune::{Agreement, Declaration, agreement};
use crate::sys::fs::{list, read_bounded};
use crate::sys::ledger::{Durability, Guard, replace};

const NOW: u64 = 1000;

fn scene() -> (tempfile::TempDir, Declarations) {
    let folder = tempfile::tempdir().unwrap();
    let declarations = Declarations::at(&folder.path().join("declarations"));
    (folder, declarations)
}

fn wants(consumer: &str, keys: &[&str]) -> Declaration {
    let keys: Vec<_> = keys.iter().map(|key| Key::new(*key).unwrap()).collect();
    declaration(consumer, &keys, NOW, 60)
}

fn declare(declarations: &Declarations, group: &str, declaration: &Declaration) -> Result<(), DeclareError> {
    declarations.prepare(group, declaration)?.write()
}

/// The only files of the only group.
fn files(declarations: &Declarations) -> Vec<PathBuf> {
    let mut groups = list(&declarations.directory).unwrap();
    groups.retain(|name| name != "lock");
    let group = declarations.directory.join(groups.remove(0));
    let mut names = list(&group).unwrap();
    names.sort();
    names.into_iter().map(|name| group.join(name)).collect()
}

#[track_caller]
fn check(
    declarations: &Declarations,
    group: &str,
    unreadable: usize,
    quarantined: u64,
    agreed: Option<usize>,
) {
    let found = declarations.find(group).unwrap();
    assert_eq!(found.wishes.unreadable.len(), unreadable);
    assert_eq!(found.quarantined, quarantined);
    let keys = match agreement(&found.wishes, NOW) {
        Agreement::Agreed(keys) => Some(keys.len()),
        Agreement::Disputed(dispute) => {
            assert_eq!(dispute.unreadable.len(), unreadable);
            None
        }
        Agreement::NobodyDeclared => None,
    };
    assert_eq!(keys, agreed);
}

/// Rules: Q11, C-09.
#[test]
fn a_declaration_is_found_again_until_it_is_replaced_or_withdrawn() {
    let (_folder, declarations) = scene();
    check(&declarations, "g", 0, 0, None);
    let first = wants("x", &["a", "b"]);
    declare(&declarations, "g", &first).unwrap();
    assert_eq!(declarations.find("g").unwrap().wishes.declarations, [first]);
    check(&declarations, "g", 0, 0, Some(2));
    check(&declarations, "another", 0, 0, None);
    declare(&declarations, "g", &wants("x", &["a"])).unwrap();
    check(&declarations, "g", 0, 0, Some(1));
    declare(&declarations, "g", &wants("y", &[])).unwrap();
    check(&declarations, "g", 0, 0, None);
    assert!(declarations.withdraw("g", "y").unwrap());
    assert!(!declarations.withdraw("g", "y").unwrap());
    check(&declarations, "g", 0, 0, Some(1));
    assert_eq!(files(&declarations).len(), 1);
}

/// Rules: C-10, S-09. No text of a caller becomes a name on disk.
#[test]
fn odd_names_are_ordinary() {
    let (folder, declarations) = scene();
    for name in ["..", "/etc", "a/b", "\n", "-rf", "\u{202e}"] {
        declare(&declarations, name, &wants(name, &["k"])).unwrap();
        check(&declarations, name, 0, 0, Some(1));
    }
    assert_eq!(list(folder.path()).unwrap(), ["declarations"]);
    for name in ["", &"x".repeat(257)] {
        assert!(matches!(
            declare(&declarations, name, &wants("x", &[])),
            Err(DeclareError::Name { .. })
        ));
        assert!(declare(&declarations, "g", &wants(name, &[])).is_err());
    }
}

/// Rules: I-8, K-01.
#[test]
fn files_have_no_secrets() {
    let (_folder, declarations) = scene();
    let keys = ["https://user:secret@h/x?token=secret"];
    declare(&declarations, "g", &wants("x", &keys)).unwrap();
    let text = String::from_utf8(read_bounded(&files(&declarations)[0], 9999).unwrap()).unwrap();
    assert!(text.contains("***@h/x?token=..."), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

/// What stands in the place of a good declaration, given its path.
type Damage<'a> = &'a dyn Fn(&Path) -> Vec<u8>;

/// Puts `bytes` in the place of the declaration of x; y's is good.
fn damage(bytes: impl FnOnce(&Path) -> Vec<u8>) -> (tempfile::TempDir, Declarations) {
    let (folder, declarations) = scene();
    declare(&declarations, "g", &wants("x", &["a"])).unwrap();
    let path = files(&declarations).remove(0);
    declare(&declarations, "g", &wants("y", &["a"])).unwrap();
    check(&declarations, "g", 0, 0, Some(1));
    replace(&path, &bytes(&path), Durability::Process).unwrap();
    (folder, declarations)
}

/// Rules: Q11, S-07, C-102. What cannot be read may have wanted anything: the group is in dispute until it is clear.
#[test]
fn a_damaged_declaration_blocks_its_group() {
    let whole = |path: &Path| read_bounded(path, 9999).unwrap();
    let damages: [Damage; 5] = [
        &|_| Vec::new(),
        &|_| vec![0; 100],
        &|path| whole(path)[..40].to_vec(),
        &|path| {
            String::from_utf8(whole(path))
                .unwrap()
                .replace("\"x\"", "\"z\"")
                .into()
        },
        &|path| {
            String::from_utf8(whole(path))
                .unwrap()
                .replace("\"v\":1", "\"v\":0")
                .into()
        },
    ];
    for bytes in damages {
        let (_folder, declarations) = damage(bytes);
        check(&declarations, "g", 1, 1, None);
        check(&declarations, "g", 1, 0, None);
        assert_eq!(files(&declarations).len(), 2, "set aside, not removed");
        // The consumer says it again.
        declare(&declarations, "g", &wants("x", &["a"])).unwrap();
        check(&declarations, "g", 0, 0, Some(1));
    }
    let (_folder, declarations) = damage(|_| Vec::new());
    check(&declarations, "g", 1, 1, None);
    assert!(declarations.withdraw("g", "x").unwrap());
    check(&declarations, "g", 0, 0, Some(1));
}

/// Rules: S-13, Q11.
#[test]
fn a_declaration_of_a_later_format_is_left_alone_and_blocks() {
    let (_folder, declarations) = damage(|_| br#"{"v":2,"wants":"everything"}"#.to_vec());
    check(&declarations, "g", 1, 0, None);
    check(&declarations, "g", 1, 0, None);
    assert!(
        files(&declarations)
            .iter()
            .all(|path| path.extension().unwrap() == "json")
    );
}

/// Rules: Q11, S-07. The name of the file is no proof: content copied to another place counts for nothing there.
#[test]
fn a_declaration_counts_in_its_place_only() {
    let (_folder, declarations) = scene();
    declare(&declarations, "g", &wants("x", &["a"])).unwrap();
    let bytes = read_bounded(&files(&declarations)[0], 9999).unwrap();
    declare(&declarations, "h", &wants("x", &["b"])).unwrap();
    let path = declarations
        .group("h")
        .unwrap()
        .join(super::file_name("x").unwrap());
    replace(&path, &bytes, Durability::Process).unwrap();
    check(&declarations, "h", 1, 1, None);
    check(&declarations, "g", 0, 0, Some(1));
}

/// Rules: I-2, S-01. What a killed process left beside is not a declaration.
#[test]
fn half_written_files_are_passed_over() {
    let (_folder, declarations) = scene();
    declare(&declarations, "g", &wants("x", &["a"])).unwrap();
    let path = files(&declarations).remove(0);
    replace(&path.with_extension("json.new"), b"{", Durability::Process).unwrap();
    check(&declarations, "g", 0, 0, Some(1));
    declare(&declarations, "g", &wants("x", &["a", "b"])).unwrap();
    check(&declarations, "g", 0, 0, Some(2));
    assert_eq!(files(&declarations).len(), 1);
}

/// Rules: I-7.
#[test]
fn a_declaration_has_a_bounded_number_of_keys() {
    let (_folder, declarations) = scene();
    let keys: Vec<_> = (0..=MOST_KEYS)
        .map(|n| Key::new(n.to_string()).unwrap())
        .collect();
    let fault = declare(&declarations, "g", &declaration("x", &keys, NOW, 60)).unwrap_err();
    assert_eq!(fault.to_string(), "Expected at most 100000 keys, got 100001");
    declare(&declarations, "g", &declaration("x", &keys[1..], NOW, 60)).unwrap();
    check(&declarations, "g", 0, 0, Some(MOST_KEYS));
}

/// Rules: C-54, I-2. Two processes may declare for one consumer: one of them has the last word, whole.
#[test]
fn writers_do_not_mix() {
    let (_folder, declarations) = scene();
    std::thread::scope(|scope| {
        for size in [1usize, 3000] {
            let declarations = &declarations;
            scope.spawn(move || {
                let keys: Vec<_> = (0..size).map(|n| Key::new(n.to_string()).unwrap()).collect();
                for _ in 0..5 {
                    declare(declarations, "g", &declaration("x", &keys, NOW, 60)).unwrap();
                }
            });
        }
        for _ in 0..20 {
            let found = declarations.find("g").unwrap();
            assert_eq!((found.wishes.unreadable, found.quarantined), (vec![], 0));
        }
    });
    assert_eq!(files(&declarations).len(), 1);
}

/// Rules: I-10, Q11. Where nobody can set a damaged file aside it is a dispute all the same.
#[test]
fn a_held_lock_keeps_damage_where_it_is() {
    let (_folder, declarations) = damage(|_| Vec::new());
    let held = Guard::try_take(&declarations.lock()).unwrap();
    check(&declarations, "g", 1, 0, None);
    assert!(matches!(
        declare(&declarations, "g", &wants("z", &[])),
        Err(DeclareError::Busy)
    ));
    drop(held);
    check(&declarations, "g", 1, 1, None);
}
