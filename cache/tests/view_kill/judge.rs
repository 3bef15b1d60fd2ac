//! Looks at a store after somebody was killed.

use std::collections::BTreeSet;

use cache::Cache;
use cache::view::{MANIFEST_NAME, ViewRecord, Way};

use super::scene::{NAMES, Scene, text};

/// What the killed said.
#[derive(Default)]
pub(crate) struct Claims {
    made: BTreeSet<String>,
    /// May be there or not, but whole.
    going: BTreeSet<String>,
}

impl Claims {
    pub(crate) fn read(output: &[u8]) -> Self {
        let mut claims = Self::default();
        for line in String::from_utf8_lossy(output).lines() {
            match line.split_once(' ') {
                Some(("made", id)) => claims.made.insert(id.to_owned()),
                Some(("going", id)) => claims.going.insert(id.to_owned()),
                _ => panic!("what is {line:?}?"),
            };
        }
        claims
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.made.extend(more.made);
        self.going.extend(more.going);
    }
}

/// Opens the store anew and checks everything that must be true of it.
pub(crate) fn check(scene: &Scene, claims: &Claims, step: &str) {
    let cache = scene.open();
    let views = cache.views().expect("views");
    let there: BTreeSet<String> = views.iter().map(|view| view.id.to_string()).collect();
    for id in claims.made.difference(&claims.going) {
        assert!(there.contains(id), "{step}: a view is lost");
    }
    for view in &views {
        check_view(&cache, view, step);
    }
    check_leases(&cache, step);
    check_at_rest(&cache, step);
    let on_disk = std::fs::read_dir(scene.root().join("store/views")).map_or(0, Iterator::count);
    assert_eq!(on_disk, views.len(), "{step}: something is left");
}

/// A view that is there is whole.
pub(crate) fn check_view(cache: &Cache, view: &ViewRecord, step: &str) {
    assert_eq!(view.entries.len(), NAMES.len(), "{step}");
    let Some(directory) = cache.view_directory(view) else {
        assert_eq!(view.way, Way::Plan);
        return;
    };
    for name in NAMES {
        let entry = directory.join(name);
        for file in ["bin/detect", "bin/same", "bin/deep/link"] {
            let found = std::fs::read_to_string(entry.join(file)).expect(step);
            assert!(found == text(name), "{step}: {name}/{file} is not what it was");
        }
    }
    let list = std::fs::read(directory.join(MANIFEST_NAME)).expect(step);
    let list: serde_json::Value = serde_json::from_slice(&list).expect(step);
    assert_eq!(
        list["entries"].as_array().map(Vec::len),
        Some(NAMES.len()),
        "{step}"
    );
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
