//! What is refused, and leaves nothing.

use super::*;

/// Rules: Q18, C-132.
#[test]
fn two_entries_of_one_name_are_refused_before_anything_is_fetched() {
    let scene = Scene::new();
    scene.source("a", "one");
    let mut request = scene.request(&["a", "missing"]);
    request.items[1].name = "a".to_owned();
    let refused = scene.refuse(&request);
    assert!(matches!(refused, CacheError::SameName(_)), "{refused}");
    assert_eq!(scene.cache.usage().expect("usage").objects.count, 0);
    scene.check_no_view();
}

/// Rules: C-07, C-85, Q17, I-5.
#[test]
fn all_or_nothing() {
    let scene = Scene::new();
    for name in ["a", "b", "c"] {
        scene.source(name, name);
    }
    // More than are fetched side by side, so that some are leased when the last one fails.
    let mut names = ["a", "b", "c"].repeat(10);
    names.push("missing");
    let mut request = scene.request(&names);
    for (number, item) in request.items.iter_mut().enumerate() {
        item.name = number.to_string();
    }
    let refused = scene.refuse(&request);
    assert!(matches!(refused, CacheError::Source(_)), "{refused}");
    assert_eq!(scene.cache.usage().expect("usage").objects.count, 3);
    scene.check_no_view();
    let view = scene.create(&["a", "b", "c"]);
    assert_eq!(view.record.entries.len(), 3);
}

/// Rules: C-48, I-5.
#[test]
fn a_cancelled_view_leaves_nothing() {
    let scene = Scene::new();
    scene.source("a", "one");
    let cancel = Cancel::new();
    cancel.cancel();
    let refused = scene
        .cache
        .view_create(&scene.request(&["a"]), &cancel)
        .expect_err("cancelled");
    assert!(refused.is_cancelled(), "{refused}");
    scene.check_no_view();
}

/// Rules: Q9, C-92, I-5.
#[test]
fn a_view_that_does_not_fit_leaves_nothing() {
    let scene = Scene::with(Limits {
        scratch_quota: 256 << 10,
        ..LIMITS
    });
    scene.source("a", "one");
    for number in 0..200 {
        fs::create_dir(scene.path("a").join(number.to_string())).expect("a folder");
    }
    let refused = scene.refuse(&scene.request(&["a"]));
    assert_eq!(refused.kind(), ErrorKind::Quota, "{refused}");
    scene.check_no_view();
}

/// Rules: I-5.
#[test]
fn a_link_that_cannot_be_made_takes_the_view_back() {
    let scene = Scene::new();
    scene.source("a", "one");
    let mut request = scene.request(&["a"]);
    request.link = Some(scene.path("no/such/folder"));
    let refused = scene.refuse(&request);
    assert_eq!(refused.kind(), ErrorKind::Io, "{refused}");
    scene.check_no_view();
}
