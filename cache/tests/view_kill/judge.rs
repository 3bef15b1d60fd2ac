//! Looks at a store after somebody was killed.

use std::collections::BTreeSet;
use std::path::Path;

use cache::Cache;
use cache::view::{MANIFEST_NAME, OBJECTS_NAME, ViewRecord, Way};

use super::scene::{ADDED, NAMES, Scene, text};

/// What the killed said.
#[derive(Default)]
pub(crate) struct Claims {
    made: BTreeSet<String>,
    /// Have one more name.
    added: BTreeSet<String>,
    /// May be there or not, but whole.
    going: BTreeSet<String>,
}

impl Claims {
    pub(crate) fn read(output: &[u8]) -> Self {
        let mut claims = Self::default();
        for line in String::from_utf8_lossy(output).lines() {
            match line.split_once(' ') {
                Some(("made", id)) => claims.made.insert(id.to_owned()),
                Some(("added", id)) => claims.added.insert(id.to_owned()),
                Some(("going", id)) => claims.going.insert(id.to_owned()),
                _ => panic!("what is {line:?}?"),
            };
        }
        claims
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.made.extend(more.made);
        self.added.extend(more.added);
        self.going.extend(more.going);
    }
}

/// Opens the store anew and checks everything that must be true of it.
pub(crate) fn check(scene: &Scene, claims: &Claims, step: &str) {
    let cache = scene.open();
    // Views whose mounts are gone are taken back: they can never be shown.
    cache.reclaim(None).expect("reclaimed");
    let left = cache.leftovers().expect("looked at");
    assert_eq!(left, cache::store::Leftovers::default(), "{step}");
    let views = cache.views().expect("views");
    let there: BTreeSet<String> = views.iter().map(|view| view.id.to_string()).collect();
    for id in claims.made.difference(&claims.going) {
        assert!(there.contains(id), "{step}: a view is lost");
    }
    for view in &views {
        check_view(&cache, view, step);
        let is_longer = view.entries.len() > NAMES.len();
        assert!(
            is_longer || !claims.added.contains(&view.id.to_string()),
            "{step}: what was added is lost"
        );
    }
    check_leases(&cache, step);
    check_at_rest(&cache, step);
    let on_disk = std::fs::read_dir(scene.root().join("store/views")).map_or(0, Iterator::count);
    assert_eq!(on_disk, views.len(), "{step}: something is left");
}

/// A view that is there is whole.
pub(crate) fn check_view(cache: &Cache, view: &ViewRecord, step: &str) {
    let names: Vec<&str> = view.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert!(
        names == NAMES || names == [NAMES[0], NAMES[1], ADDED],
        "{step}: {names:?}"
    );
    let Some(directory) = cache.view_seen(view) else {
        assert_eq!(view.way, Way::Plan);
        return;
    };
    let objects = directory.join("../../../objects");
    for name in &names {
        let mut entry = directory.join(name);
        if view.way == Way::Symlinks {
            let target = std::fs::read_link(&entry).expect(step);
            entry = objects.join(target.strip_prefix(OBJECTS_NAME).expect(step));
        }
        for file in ["bin/detect", "bin/same", "bin/deep/link"] {
            let found = std::fs::read_to_string(entry.join(file)).expect(step);
            assert!(found == text(name), "{step}: {name}/{file} is not what it was");
        }
    }
    check_names(&directory, &names, step);
    check_names(&cache.view_directory(view).expect("a directory"), &names, step);
    let list = std::fs::read(directory.join(MANIFEST_NAME)).expect(step);
    let list: serde_json::Value = serde_json::from_slice(&list).expect(step);
    let listed = list["entries"].as_array().expect(step);
    let listed: Vec<&str> = listed.iter().filter_map(|entry| entry["name"].as_str()).collect();
    assert_eq!(listed, names, "{step}");
}

/// Nothing is in a directory but what the view has.
fn check_names(directory: &Path, names: &[&str], step: &str) {
    let found = std::fs::read_dir(directory).expect(step);
    let found: BTreeSet<String> = found
        .map(|entry| entry.expect(step).file_name().into_string().expect("UTF-8"))
        .filter(|name| name != MANIFEST_NAME && name != OBJECTS_NAME)
        .collect();
    let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, names, "{step}: {}", directory.display());
}

/// Every lease is of a view that is there, and every view has its leases.
pub(crate) fn check_leases(cache: &Cache, step: &str) {
    let leases = cache.leases().expect("leases");
    let of_views: BTreeSet<_> = cache
        .views()
        .expect("views")
        .iter()
        .flat_map(|view| view.entries.iter().map(|entry| (entry.lease, Some(view.id))))
        .collect();
    let held: BTreeSet<_> = leases.iter().map(|lease| (lease.id, lease.view)).collect();
    assert_eq!(held, of_views, "{step}: leases and views differ");
    for lease in &leases {
        assert_eq!(lease.label.as_str(), "somebody", "{step}");
    }
}

/// What must be true whenever nobody is at work.
pub(crate) fn check_at_rest(cache: &Cache, step: &str) {
    for _ in 0..400 {
        if cache.usage().expect("usage").trash.count == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let usage = cache.usage().expect("usage");
    assert_eq!(usage, cache.recount().expect("recount"), "{step}");
    assert_eq!(
        (usage.staging.count, usage.trash.count),
        (0, 0),
        "{step}: {usage:?}"
    );
}
