//! What a view shows.

use super::*;

/// The place of the leased content of a view's first entry.
fn object(scene: &Scene, view: &View) -> PathBuf {
    let lease = view.record.entries[0].lease;
    let lease = scene
        .cache
        .inner
        .store
        .held(lease)
        .expect("looked up")
        .expect("held");
    match lease.record.object.form() {
        Form::Tree => lease.tree(),
        Form::File => lease.file(),
    }
}

/// Rules: Q2, Q5, Q16, C-09.
#[test]
fn a_view_has_what_was_asked_for_and_shares_it() {
    let scene = Scene::new();
    scene.source("a", "one");
    scene.source("b", "two");
    scene.source("c", "three");
    let _ = scene.create(&["c"]);
    let first = scene.create(&["a", "b"]);
    assert_eq!(names(&first.directory), [MANIFEST_NAME, "a", "b"]);
    assert_eq!(first.record.way, Way::Farm);
    let second = scene.create(&["a"]);
    let object = object(&scene, &second);
    for name in ["bin/detect", "bin/deep/same", "text"] {
        let inodes = [
            inode(&object.join(name)),
            inode(&first.directory.join("a").join(name)),
            inode(&second.directory.join("a").join(name)),
        ];
        assert_eq!(inodes, [inodes[0]; 3], "{name}");
    }
    assert_eq!(
        inode(&first.directory.join("a/bin/detect")),
        inode(&first.directory.join("a/bin/deep/same"))
    );
    let link = first.directory.join("a/link");
    assert_eq!(fs::read_link(&link).expect("a link"), Path::new("bin/detect"));
    assert_eq!(text(&link), "one");
    assert_eq!(text(&first.directory.join("b/text")), "two");
    scene.check_at_rest();
    let usage = scene.cache.usage().expect("usage");
    assert_eq!(usage.views.count, 3);
    // Directories, links and lists; the files are the objects'.
    assert!(
        usage.views.bytes > 0 && usage.views.bytes < 200 << 10,
        "{usage:?}"
    );
}

/// Rules: Q7.
#[test]
fn a_view_has_the_modes_and_times_of_the_object() {
    let scene = Scene::new();
    scene.source("a", "one");
    let view = scene.create(&["a"]);
    let object = object(&scene, &view);
    for name in ["", "bin", "bin/deep", "bin/detect", "link", "text"] {
        let facts = |root: &Path| {
            let facts = fs::symlink_metadata(root.join(name)).expect("it is there");
            (facts.mode(), facts.mtime(), facts.mtime_nsec(), facts.uid())
        };
        assert_eq!(facts(&object), facts(&view.directory.join("a")), "{name}");
    }
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o7777;
    assert_eq!(mode(&view.directory), 0o755);
    assert_eq!(mode(&view.directory.join(MANIFEST_NAME)), 0o644);
    assert_eq!(mode(view.directory.parent().expect("a parent")), 0o711);
}

/// Rules: Q14.
#[test]
fn a_file_is_shown_as_a_file() {
    let scene = Scene::new();
    fs::write(scene.path("a"), "body").expect("a file");
    let mut request = scene.request(&["a"]);
    request.items[0].request.form = Form::File;
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(text(&view.directory.join("a")), "body");
    assert_eq!(inode(&view.directory.join("a")), inode(&object(&scene, &view)));
    scene.check_at_rest();
    scene.cache.view_release("box").expect("released");
    scene.check_no_view();
}

/// Rules: Q5.
#[test]
fn two_names_of_one_object_are_both_there() {
    let scene = Scene::new();
    scene.source("a", "one");
    let mut request = scene.request(&["a", "a"]);
    request.items[1].name = "again".to_owned();
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    let shared = |name: &str| inode(&view.directory.join(name).join("text"));
    assert_eq!(shared("a"), shared("again"));
    assert_eq!(scene.leases(), 2);
    scene.check_at_rest();
}

/// Rules: Q24, K-01.
#[test]
fn a_view_lists_itself() {
    let scene = Scene::new();
    scene.source("a", "one");
    let view = scene.create(&["a"]);
    let list = text(&view.directory.join(MANIFEST_NAME));
    assert_eq!(list.as_bytes(), view.manifest.to_json());
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!((&list["v"], &list["way"]), (&1.into(), &"P2".into()));
    let entry = &list["entries"][0];
    assert_eq!((&entry["name"], &entry["key"]), (&"a".into(), &"key of a".into()));
    assert_eq!(
        entry["sha256"],
        view.record.entries[0].object.digest().to_string()
    );
    assert_eq!((&entry["size"], &entry["stale"]), (&6.into(), &false.into()));
    assert!(entry["fetched_at"].as_u64().is_some_and(|at| at > 1_600_000_000));
    assert!(entry["validators"].is_object() && entry["url"].is_string());
}

/// Rules: Q17.
#[test]
fn what_is_optional_may_be_missing() {
    let scene = Scene::new();
    scene.source("a", "one");
    let mut request = scene.request(&["a", "missing"]);
    request.items[1].optional = true;
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(names(&view.directory), [MANIFEST_NAME, "a"]);
    assert_eq!(view.record.absent, ["missing"]);
    let list: serde_json::Value =
        serde_json::from_str(&text(&view.directory.join(MANIFEST_NAME))).expect("JSON");
    assert_eq!(list["absent"][0]["name"], "missing");
    assert_eq!(list["absent"][0]["reason"], ErrorKind::Io.name());
}

/// Rules: Q13, C-09.
#[test]
fn a_plan_leases_and_makes_nothing() {
    let scene = Scene::new();
    scene.source("a", "one");
    fs::write(scene.path("f"), "body").expect("a file");
    let mut request = scene.request(&["a", "f"]);
    request.items[1].request.form = Form::File;
    let plan = scene.cache.view_plan(&request, &Cancel::new()).expect("a plan");
    assert_eq!(plan.mounts[0].destination, Path::new("/cached-downloads/a"));
    assert_eq!(text(&plan.mounts[0].source.join("text")), "one");
    assert_eq!(text(&plan.mounts[1].source), "body");
    assert_eq!(plan.manifest.entries.len(), 2);
    assert_eq!(scene.cache.view_directory(&plan.record), None);
    assert!(!scene.cache.inner.store.view_root(&plan.record.id).exists());
    scene.check_at_rest();
    assert_eq!(scene.cache.view_release("box").expect("released").len(), 2);
    scene.check_no_view();
}

/// Rules: Q9, C-95, Q8.
#[test]
fn a_private_copy_can_be_shown() {
    let scene = Scene::new();
    scene.source("a", "one");
    let mut request = scene.request(&["a"]);
    request.items[0].request.rules.private = true;
    let view = scene.cache.view_create(&request, &Cancel::new()).expect("a view");
    assert_eq!(
        inode(&view.directory.join("a/text")),
        inode(&object(&scene, &view).join("text"))
    );
    scene.check_at_rest();
    scene.cache.view_release("box").expect("released");
    scene.check_no_view();
    assert_eq!(scene.cache.usage().expect("usage").private.count, 0);
}
