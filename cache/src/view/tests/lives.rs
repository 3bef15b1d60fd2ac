//! What happens to a view once it is there.

use std::collections::BTreeSet;

use super::*;

/// Rules: Q10, I-4.
#[test]
fn what_a_view_shows_is_not_evicted() {
    let scene = Scene::new();
    scene.source("a", "one");
    let view = scene.create(&["a"]);
    let object = view.record.entries[0].object;
    assert_eq!(scene.cache.evict(object).expect("tried"), Evicted::InUse(1));
    let dropped = scene
        .cache
        .view_release(&view.record.id.to_string())
        .expect("released");
    assert_eq!(dropped, [view.record.entries[0].lease]);
    assert!(!view.directory.exists());
    assert!(matches!(
        scene.cache.evict(object).expect("tried"),
        Evicted::Gone(_)
    ));
    scene.check_no_view();
}

/// Rules: Q3, Q4, C-82.
#[test]
fn a_new_version_does_not_touch_a_view() {
    let scene = Scene::new();
    scene.source("a", "one");
    let old = scene.create(&["a"]);
    scene.source("a", "newer");
    let new = scene.create(&["a"]);
    assert_eq!(text(&old.directory.join("a/text")), "one");
    assert_eq!(text(&new.directory.join("a/text")), "newer");
    assert_ne!(old.record.entries[0].object, new.record.entries[0].object);
    scene.check_at_rest();
    scene
        .cache
        .view_release(&old.record.id.to_string())
        .expect("released");
    let usage = scene.cache.usage().expect("usage");
    assert_eq!((usage.objects.count, usage.views.count), (1, 1));
    scene.check_at_rest();
}

/// Rules: C-08, C-84, C-09.
#[test]
fn a_release_drops_all_and_once() {
    let scene = Scene::new();
    scene.source("a", "one");
    scene.source("b", "two");
    let first = scene.create(&["a", "b"]);
    let _ = scene.create(&["a"]);
    let mut other = scene.request(&["b"]);
    other.name = "other".to_owned();
    let other = scene.cache.view_create(&other, &Cancel::new()).expect("a view");
    assert_eq!(scene.cache.view_release("box").expect("released").len(), 3);
    assert_eq!(scene.leases(), 1);
    assert!(other.directory.join("b/text").exists());
    let again = scene.cache.view_release(&first.record.id.to_string());
    assert_eq!(again.expect("fine"), []);
    let unknown = scene.cache.view_release("box").expect_err("no such view");
    assert!(matches!(unknown, CacheError::NoSuchView(_)), "{unknown}");
    scene.cache.view_release("other").expect("released");
    scene.check_no_view();
}

/// Rules: Q10, C-84.
#[test]
fn a_lease_of_a_view_goes_with_the_view_only() {
    let scene = Scene::new();
    scene.source("a", "one");
    let view = scene.create(&["a"]);
    let lease = view.record.entries[0].lease;
    let refused = scene.cache.release(lease).expect_err("in a view");
    assert!(
        matches!(refused, CacheError::Store(StoreError::InView { .. })),
        "{refused}"
    );
    assert_eq!(refused.kind(), ErrorKind::InUse);
    let lease = &scene.cache.leases().expect("leases")[0];
    assert_eq!(lease.view, Some(view.record.id));
    assert_eq!(
        (&lease.holder, lease.label.as_str()),
        (&Holder::External, "for box")
    );
}

/// Rules: C-86, C-85.
#[test]
fn a_view_whose_holder_is_gone_is_reclaimed_whole() {
    let scene = Scene::new();
    scene.source("a", "one");
    scene.source("b", "two");
    let view = scene.create(&["a", "b"]);
    let empty = scene.create(&[]);
    let alive = BTreeSet::from([Label::new("for box")]);
    assert_eq!(scene.cache.reclaim(Some(&alive)).expect("tried").leases.len(), 0);
    assert!(view.directory.exists() && empty.directory.exists());
    assert_eq!(
        scene
            .cache
            .reclaim(Some(&BTreeSet::new()))
            .expect("tried")
            .leases
            .len(),
        2
    );
    assert!(!view.directory.exists() && !empty.directory.exists());
    scene.check_no_view();
}

/// Rules: C-81.
#[test]
fn a_view_ends_when_its_time_is_over() {
    let scene = Scene::new();
    scene.source("a", "one");
    let mut request = scene.request(&["a"]);
    request.terms.expires = Some(1);
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(scene.cache.reclaim(None).expect("tried").leases.len(), 1);
    assert!(!view.directory.exists());
    scene.check_no_view();
}

/// Rules: C-103, Q21.
#[test]
fn a_view_outlives_whoever_made_it() {
    let scene = Scene::new();
    scene.source("a", "one");
    let view = scene.create(&["a"]);
    let Scene {
        unmount,
        folder,
        cache,
    } = scene;
    let root = folder.path().join("store");
    drop(cache);
    fs::remove_file(root.join("index")).expect("an index");
    let scene = Scene {
        unmount,
        cache: again(&root),
        folder,
    };
    assert_eq!(scene.cache.views().expect("views"), [view.record]);
    assert_eq!(text(&view.directory.join("a/text")), "one");
    scene.check_at_rest();
    assert_eq!(scene.cache.usage().expect("usage").views.count, 1);
    scene.cache.view_release("box").expect("released");
    scene.check_no_view();
}

/// Rules: S-07, C-102, S-19.
#[test]
fn what_is_no_view_is_cleared_away() {
    let scene = Scene::new();
    scene.source("a", "one");
    let view = scene.create(&["a"]);
    let Scene {
        unmount,
        folder,
        cache,
    } = scene;
    let root = folder.path().join("store");
    drop(cache);
    fs::write(view.directory.join("../record.json"), "{").expect("written");
    fs::write(root.join("views/theirs"), "x").expect("written");
    fs::remove_file(root.join("index")).expect("an index");
    let scene = Scene {
        unmount,
        cache: again(&root),
        folder,
    };
    assert_eq!(scene.cache.usage().expect("usage").set_aside, 1);
    scene.check_no_view();
}

fn again(root: &Path) -> Cache {
    let settings = settings(root.to_owned(), LIMITS);
    Cache::open(settings, Arc::new(Deaf)).expect("opened again")
}

/// Rules: C-09, Q5.
#[test]
fn a_link_leads_to_a_view_and_goes_with_it() {
    let scene = Scene::new();
    scene.source("a", "one");
    let link = scene.path("place");
    let mut request = scene.request(&["a"]);
    request.link = Some(link.clone());
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(text(&link.join("a/text")), "one");
    let refused = scene.refuse(&request);
    assert!(matches!(refused, CacheError::Taken(_)), "{refused}");
    scene.cache.view_release("box").expect("released");
    assert!(fs::symlink_metadata(&link).is_err());
    // A link to a view that went without it is replaced.
    std::os::unix::fs::symlink(&view.directory, &link).expect("a link");
    let _ = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(text(&link.join("a/text")), "one");
    scene.cache.view_release("box").expect("released");
    scene.check_no_view();
}
