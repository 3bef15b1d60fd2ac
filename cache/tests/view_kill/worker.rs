//! The process that is killed: makes views and releases them, and says what was done.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use cache::ingest::download::Cancel;
use cache::view::WantedWay;
use cache::{Cache, sys};

use super::judge;
use super::scene::Scene;

pub(crate) fn run(mut args: impl Iterator<Item = String>) -> ExitCode {
    let root = PathBuf::from(args.next().expect("a folder"));
    let points = args.next().unwrap_or_default();
    let scene = Scene::at(&root);
    let cache = scene.open();
    sys::failpoint::set(&points).expect("points");
    let is_error = points.contains("error:");
    for round in 0..2 {
        let name = format!("{}-{round}", std::process::id());
        make(&scene, &cache, &name, WantedWay::Links, is_error);
        let plan = cache.view_plan(&scene.request(&format!("{name}-plan")), &Cancel::new());
        if let Ok(plan) = plan {
            say("made", &plan.record.id);
        }
        for way in [
            WantedWay::Links,
            WantedWay::Slots,
            WantedWay::Symlinks,
            WantedWay::Copy,
        ] {
            if way == WantedWay::Slots && !Scene::has_mounts(&cache) {
                continue;
            }
            for end in ["staying", "passing"] {
                let name = format!("{name}-{}-{end}", way.name());
                make(&scene, &cache, &name, way, is_error);
                add(&scene, &cache, &name, is_error);
                if end == "passing" {
                    release(&cache, &name);
                }
            }
        }
    }
    ExitCode::SUCCESS
}

fn make(scene: &Scene, cache: &Cache, name: &str, way: WantedWay, is_error: bool) {
    match scene.create_by(cache, name, way) {
        Ok(view) => say("made", &view.record.id),
        Err(error) => {
            assert!(is_error, "{error}");
            // Nothing is left of it, already now.
            let views = cache.views().expect("views");
            assert!(views.iter().all(|view| view.name != name), "{error}");
            judge::check_leases(cache, "after an error");
        }
    }
}

fn add(scene: &Scene, cache: &Cache, name: &str, is_error: bool) {
    let views = cache.views().expect("views");
    let Some(view) = views.into_iter().find(|view| view.name == name) else {
        return;
    };
    match scene.add(cache, view.id) {
        Ok(added) => {
            assert_eq!(added.record.entries.len(), view.entries.len() + 1);
            say("added", &view.id);
        }
        Err(error) => {
            assert!(is_error, "{error}");
            let views = cache.views().expect("views");
            assert!(views.contains(&view), "{error}: the view is not what it was");
            judge::check_view(cache, &view, "after an error");
            judge::check_leases(cache, "after an error");
        }
    }
}

fn release(cache: &Cache, name: &str) {
    let id = cache
        .views()
        .expect("views")
        .into_iter()
        .find(|view| view.name == name);
    let Some(id) = id.map(|view| view.id) else {
        return;
    };
    say("going", &id);
    // What failed half-way is finished by whoever comes next.
    let _ = cache.view_release(name);
}

fn say(what: &str, id: &dyn std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what} {id}")
        .and_then(|()| out.flush())
        .expect("heard");
}
