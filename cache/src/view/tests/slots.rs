//! Views made of mounts. Where mounting is not permitted they say so and look at what is made instead.

use std::os::unix::fs::FileTypeExt as _;

use super::*;
use crate::model::view::MappedOwner;
use crate::store::Leftovers;
use crate::sys::mount::{self, Flags};
use crate::view::OBJECTS_NAME;
use crate::view::ViewAddition;

pub(super) const VCAP: MappedOwner = MappedOwner { uid: 2000, gid: 3000 };

pub(super) const PROTECTED: Flags = Flags {
    read_only: true,
    nosuid: true,
    nodev: true,
    noexec: false,
};

impl Scene {
    /// Makes a view in this way for vcap; nothing, said aloud, where this machine does not permit mounts.
    fn shown(&self, names: &[&str], way: WantedWay) -> Option<View> {
        let request = ViewRequest {
            showing: Showing {
                way,
                owner: Some(VCAP),
                privileged: false,
            },
            ..self.request(names)
        };
        let ways = self.cache.ways(Some(VCAP)).expect("tried");
        if ways.no_mounts.is_some() || ways.no_map.is_some() {
            eprintln!("SKIPPED: no mounts here: {ways:?}");
            return None;
        }
        Some(self.cache.view_create(&request, &Cancel::new()).expect("a view"))
    }
}

/// How many mounts below `path` this process sees.
fn mounts_below(path: &Path) -> usize {
    let own = mount::own_table().expect("read");
    own.iter().filter(|line| line.place.starts_with(path)).count()
}

/// Rules: design §3, container-view-spike §8, Q2, Q5, Q16, C-09.
#[test]
fn slots_show_protected_mounts_with_another_owner() {
    let scene = Scene::new();
    scene.source("a", "one");
    scene.source("b", "two");
    let Some(view) = scene.shown(&["a", "b"], WantedWay::Auto) else {
        return;
    };
    assert_eq!((view.record.way, &view.record.reason), (Way::Slots, &None));
    assert_eq!(view.record.owner, Some(VCAP));
    assert_eq!(view.manifest.owner, Some(VCAP));
    let shown: Vec<_> = view
        .mounts
        .iter()
        .map(|mount| mount.destination.clone())
        .collect();
    let wanted = ["", "/a", "/b"].map(|name| PathBuf::from(format!("{DESTINATION}{name}")));
    assert_eq!(shown, wanted, "the view's own directory comes first");
    assert_eq!(view.mounts[0], view.mount());
    assert_eq!(names(&view.directory), [MANIFEST_NAME, "a", "b"]);
    assert!(names(&view.directory.join("a")).is_empty(), "places only");
    for (mounted, expected) in view.mounts[1..].iter().zip(["one", "two"]) {
        let source = &mounted.source;
        assert_eq!(mount::flags(source).expect("a mount"), PROTECTED);
        for name in ["", "bin/detect", "text"] {
            assert_eq!(mount::owner(&source.join(name)).expect("an owner"), (2000, 3000));
        }
        assert_eq!(text(&source.join("link")), expected);
        let refused = fs::write(source.join("text"), "x").expect_err("refused");
        assert_eq!(refused.raw_os_error(), Some(libc::EROFS));
    }
    scene.check_at_rest();
    let (usage, places) = (scene.cache.usage().expect("usage"), 2 * 2 + 2 + 2);
    assert_eq!(
        view.record.content.inodes, places,
        "nothing but places, the list, and a link to it"
    );
    assert_eq!(usage.views.count, 1);
    assert_eq!(mounts_below(&scene.path("store")), 3);
    scene.cache.view_release("box").expect("released");
    assert_eq!(mounts_below(&scene.path("store")), 0);
    scene.check_no_view();
}

/// Rules: Q4, I-4, C-08.
#[test]
fn a_link_to_slots_leads_to_what_is_mounted() {
    let scene = Scene::new();
    scene.source("a", "one");
    let link = scene.path("link");
    let request = ViewRequest {
        link: Some(link.clone()),
        showing: Showing::default(),
        ..scene.request(&["a"])
    };
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(text(&link.join("a/text")), "one", "{:?}", view.record.way);
    assert_eq!(names(&link), [MANIFEST_NAME, "a"]);
    // A new version is another object.
    scene.source("a", "newer");
    let newer = scene.create(&["a"]);
    assert_eq!(text(&newer.directory.join("a/text")), "newer");
    assert_eq!(text(&link.join("a/text")), "one");
    scene.cache.view_release("box").expect("released");
    assert!(!link.exists());
    scene.check_no_view();
}

/// Rules: Q14.
#[test]
fn a_slot_can_be_a_file() {
    let scene = Scene::new();
    fs::write(scene.path("a"), "packed").expect("a file");
    let mut request = scene.request(&["a"]);
    request.items[0].request.form = Form::File;
    request.showing = Showing {
        owner: Some(VCAP),
        ..Showing::default()
    };
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    let source = &view.mounts.last().expect("a mount").source;
    let seen = if view.record.way.has_slots() {
        source.clone()
    } else {
        source.join("a")
    };
    assert_eq!(text(&seen), "packed");
    assert!(!fs::metadata(&seen).expect("a file").file_type().is_char_device());
    scene.cache.view_release("box").expect("released");
    scene.check_no_view();
}

/// Rules: Q5, design §3.
#[test]
fn links_and_copies_get_one_mount_where_the_owner_is_another() {
    for (way, expected) in [(WantedWay::Links, Way::Farm), (WantedWay::Copy, Way::Copy)] {
        let scene = Scene::new();
        scene.source("a", "one");
        let Some(view) = scene.shown(&["a"], way) else {
            return;
        };
        assert_eq!((view.record.way, view.mounts.len()), (expected, 1));
        let source = view.mount().source;
        assert_eq!(mount::flags(&source).expect("a mount"), PROTECTED);
        assert_eq!(
            mount::owner(&source.join("a/bin/detect")).expect("an owner"),
            (2000, 3000)
        );
        assert_eq!(text(&source.join("a/link")), "one");
        scene.check_at_rest();
        scene.cache.view_release("box").expect("released");
        assert_eq!(mounts_below(&scene.path("store")), 0);
        scene.check_no_view();
    }
}

/// Rules: design §3.
#[test]
fn symbolic_links_lead_into_one_mount_of_all_objects() {
    let scene = Scene::new();
    scene.source("a", "one");
    let request = ViewRequest {
        showing: Showing {
            way: WantedWay::Symlinks,
            ..Showing::default()
        },
        ..scene.request(&["a"])
    };
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(view.record.way, Way::Symlinks);
    assert_eq!(names(&view.directory), [MANIFEST_NAME, OBJECTS_NAME, "a"]);
    let [own, objects] = &view.mounts[..] else {
        panic!("{:?}", view.mounts)
    };
    assert_eq!(own.destination, Path::new(DESTINATION));
    assert_eq!(objects.destination, Path::new(DESTINATION).join(OBJECTS_NAME));
    let target = fs::read_link(view.directory.join("a")).expect("a link");
    let below = target.strip_prefix(OBJECTS_NAME).expect("into the mount");
    assert_eq!(text(&objects.source.join(below).join("text")), "one");
    scene.check_at_rest();
    scene.cache.view_release("box").expect("released");
    scene.check_no_view();
}

/// Rules: design §3, C-05.
#[test]
fn a_privileged_container_gets_copies_only() {
    let scene = Scene::new();
    scene.source("a", "one");
    let request = |way| ViewRequest {
        showing: Showing {
            way,
            owner: None,
            privileged: true,
        },
        ..scene.request(&["a"])
    };
    let view = scene
        .cache
        .view_create(&request(WantedWay::Auto), &Cancel::new())
        .expect("a view");
    assert_eq!(view.record.way, Way::Copy);
    assert!(view.record.reason.is_some());
    let held = scene.cache.inner.store.held(view.record.entries[0].lease);
    let tree = held.expect("looked up").expect("held").tree();
    for name in ["bin/detect", "text"] {
        assert_ne!(
            inode(&view.directory.join("a").join(name)),
            inode(&tree.join(name))
        );
    }
    scene.cache.view_release("box").expect("released");
    for way in [WantedWay::Slots, WantedWay::Links, WantedWay::Symlinks] {
        let refused = scene.refuse(&request(way));
        assert_eq!(refused.kind(), ErrorKind::Usage, "{refused}");
        assert!(refused.to_string().contains("privileged"), "{refused}");
    }
    scene.check_no_view();
}

/// Rules: Q2, Q18, C-84, C-85, container-view-spike §4.
#[test]
fn a_view_gets_more_and_keeps_what_it_has() {
    let ways = [
        WantedWay::Auto,
        WantedWay::Links,
        WantedWay::Symlinks,
        WantedWay::Copy,
    ];
    for way in ways {
        let scene = Scene::new();
        scene.source("a", "one");
        scene.source("b", "two");
        let mut request = scene.request(&["a"]);
        request.showing.way = way;
        let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
        let addition = |names: &[&str]| ViewAddition {
            view: view.record.id,
            items: names.iter().map(|name| scene.item(name)).collect(),
            within: None,
        };
        let add = |names: &[&str]| scene.cache.view_add(&addition(names), &Cancel::new());
        let added = add(&["b"]).expect("added");
        assert_eq!(added.record.entries.len(), 2, "{way:?}");
        assert_eq!(added.record.entries[0], view.record.entries[0]);
        assert_eq!(&added.mounts[..view.mounts.len()], &view.mounts[..]);
        let is_longer = usize::from(view.record.way.has_slots());
        assert_eq!(added.mounts.len(), view.mounts.len() + is_longer);
        let seen = scene.cache.view_seen(&added.record).expect("a directory");
        if way != WantedWay::Symlinks {
            assert_eq!(text(&seen.join("a/text")), "one");
            assert_eq!(text(&seen.join("b/text")), "two");
        }
        let list = text(&view.directory.join(MANIFEST_NAME));
        let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
        assert_eq!(list["entries"][1]["name"], "b", "{list}");
        for lease in scene.cache.leases().expect("leases") {
            assert_eq!(
                (lease.view, lease.label.as_str()),
                (Some(view.record.id), "for box")
            );
        }
        scene.check_at_rest();
        // A name that it has is refused before anything is asked, and changes nothing.
        let refused = add(&["a"]).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::Usage, "{refused}");
        assert_eq!(
            (scene.leases(), scene.cache.views().expect("views").len()),
            (2, 1)
        );
        scene.cache.view_release("box").expect("released");
        assert_eq!(add(&["b"]).expect_err("gone").kind(), ErrorKind::NoSuchKey);
        scene.check_no_view();
    }
}

/// Rules: C-85, C-86, I-4, container-view-spike §5.
#[test]
fn a_view_without_mounts_that_nobody_has_is_taken_back() {
    let scene = Scene::new();
    scene.source("a", "one");
    let Some(view) = scene.shown(&["a"], WantedWay::Slots) else {
        return;
    };
    let id = view.record.id;
    assert_eq!(scene.cache.reclaim(None).expect("reclaimed").leases, []);
    assert_eq!(scene.cache.leftovers().expect("looked at"), Leftovers::default());
    assert!(scene.cache.view_detach("box").expect("detached"));
    assert!(!scene.cache.view_detach("box").expect("nothing to do"));
    assert_eq!(scene.cache.leftovers().expect("looked at").stranded, [id]);
    assert_eq!(scene.cache.reclaim(None).expect("reclaimed").leases.len(), 1);
    scene.check_no_view();
}

/// Rules: I-5.
#[test]
fn mounts_of_a_view_that_is_gone_are_found_and_taken_away() {
    let scene = Scene::new();
    scene.source("a", "one");
    let Some(view) = scene.shown(&["a"], WantedWay::Slots) else {
        return;
    };
    // Somebody moves the view's directory away.
    let place = view.directory.parent().expect("the view").to_owned();
    fs::rename(&place, scene.path("store/trash").join("x")).expect("moved");
    let left = scene.cache.leftovers().expect("looked at");
    assert_eq!(left.mounts, [scene.path("store/trash/x/mounts")]);
    scene.cache.reclaim(None).expect("reclaimed");
    assert_eq!(mounts_below(&scene.path("store")), 0);
    fs::remove_dir_all(scene.path("store/trash/x")).expect("removed");
}
