//! `cell stage` where something means ill, or merely looks like ours: scripts of buildpacks, what they leave, what lies
//! about on the machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::desk::Desk;
use tests::listing::Listing;

fn desk() -> Desk {
    Desk::new(super::CELLCACHE, super::CELL)
}

/// The directory for what is temporary is everybody's: what is only called like ours is not swept away.
///
/// Rules: I-1, S-19
#[test]
fn directories_of_others_survive_beside_the_scratch() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let buildpack = desk.buildpack("plain", "true", "true");
    for (name, mode) in [("cell-biology", 0o755), ("cell-2024", 0o700)] {
        let path = desk.path("shared").join(name);
        fs::create_dir_all(path.join("thesis")).expect("a folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
        let old = std::time::SystemTime::now() - std::time::Duration::from_hours(2);
        let opened = fs::File::open(&path).expect("a folder");
        opened.set_modified(old).expect("a time");
    }
    desk.must(&format!(
        "stage {app} -b {buildpack} --runtime none --scratch shared"
    ));
    for name in ["cell-biology", "cell-2024"] {
        assert!(desk.path("shared").join(name).join("thesis").is_dir(), "{name}");
    }
    desk.assert_clean();
}

/// Of a directory of results that lies in the application only the results are left out; and however its path is
/// spelled, nothing but them is.
///
/// Rules: I-1
#[test]
fn results_in_the_application_hide_nothing_else() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b"), ("public/index.html", "hello")]);
    let buildpack = desk.buildpack("plain", "true", "true");
    for out in [
        format!("{app}/public"),
        format!("{app}/public/../public"),
        app.clone(),
        format!("{app}/../app/results"),
    ] {
        let line = format!("stage {app} -b {buildpack} --runtime none --out {out}");
        desk.must(&line);
        desk.must(&line);
        let listing = Listing::read(&std::path::Path::new(&out).join("droplet.tgz"));
        for name in ["./app/a", "./app/public/index.html"] {
            assert!(listing.find(name).is_some(), "{out}: {name}");
        }
        for name in ["./app/droplet.tgz", "./app/public/staging.json", "./app/results"] {
            assert!(listing.find(name).is_none(), "{out}: {name}");
        }
        for name in [
            "droplet.tgz",
            "result.json",
            "artifacts-cache.tgz",
            "staging.json",
        ] {
            fs::remove_file(std::path::Path::new(&out).join(name)).expect("a result");
        }
    }
    // Two levels above the copy of the application lies the scratch directory's own `home`.
    let beside = format!("{app}/../../home");
    desk.must(&format!(
        "stage {app} -b {buildpack} --runtime none --out {beside}"
    ));
    desk.assert_clean();
}
