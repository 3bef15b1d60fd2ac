#![expect(clippy::disallowed_methods, reason = "the golden files are beside this one")]

use std::path::{Path, PathBuf};

use super::*;
use crate::rootfs::{Ground, Source};

fn container() -> Container {
    Container {
        root: RootFs::Host,
        isolation: Isolation::UserNamespace,
        mounts: vec![
            Mount {
                source: PathBuf::from("/store/view"),
                destination: PathBuf::from("/cached-downloads"),
                read_only: true,
                options: vec!["noexec".to_owned(), "rbind".to_owned(), "nodev".to_owned()],
            },
            Mount {
                source: PathBuf::from("/work/app"),
                destination: PathBuf::from("/tmp/app"),
                read_only: false,
                options: vec![],
            },
        ],
        process: Process {
            args: vec!["/builder".to_owned(), "-x".to_owned()],
            env: vec![
                ("PATH".to_owned(), "/bin".to_owned()),
                ("TOKEN".to_owned(), "hush".to_owned()),
            ],
            cwd: PathBuf::from("/home/vcap"),
            uid: 2000,
            gid: 2000,
        },
        memory: Some(1 << 30),
        hostname: "app".to_owned(),
    }
}

fn ground(single_id: bool) -> Ground {
    let source = |options: &[&str]| Source {
        is_dir: true,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    Ground {
        system: vec!["usr".to_owned(), "etc".to_owned()],
        links: vec![("bin".to_owned(), PathBuf::from("usr/bin"))],
        sources: vec![source(&["nosuid", "noexec"]), source(&["ro", "nosuid"])],
        single_id,
        ..Ground::default()
    }
}

fn json(container: &Container, single_id: bool) -> serde_json::Value {
    let spec = config::spec(container, &ground(single_id)).expect("a configuration");
    let mut json = serde_json::to_value(spec).expect("JSON");
    // Sets have no order.
    let sets = json["process"]["capabilities"].as_object_mut().expect("sets");
    for set in sets.values_mut() {
        set.as_array_mut()
            .expect("a set")
            .sort_by_key(|name| name.as_str().map(str::to_owned));
    }
    json
}

/// Compares with the golden file of this name; `UPDATE_GOLDEN=1` rewrites it.
fn check(name: &str, found: &serde_json::Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/bundle/golden")
        .join(name);
    let found = serde_json::to_string_pretty(found).expect("text") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).expect("written");
    }
    let golden = std::fs::read_to_string(&path).expect("a golden file");
    assert_eq!(found, golden, "{name}");
}

#[test]
fn the_configuration_is_as_agreed() {
    check("host.json", &json(&container(), false));
}

/// An ordinary user cannot go beyond what is permitted anyway, so it is not asked for.
#[test]
fn limits_are_ours_or_lower_ones() {
    let limits = |most: [Option<u64>; 2]| {
        let ground = Ground {
            most,
            ..ground(false)
        };
        let spec = config::spec(&container(), &ground).expect("a configuration");
        let json = serde_json::to_value(spec).expect("JSON");
        let limits = json["process"]["rlimits"].as_array().expect("limits").clone();
        limits.iter().map(|one| one["hard"].as_u64()).collect::<Vec<_>>()
    };
    assert_eq!(limits([None, None]), [Some(8192), Some(16_384)]);
    assert_eq!(limits([Some(1 << 20), Some(1 << 20)]), [Some(8192), Some(16_384)]);
    assert_eq!(limits([Some(500), Some(1024)]), [Some(500), Some(1024)]);
}

#[test]
fn with_one_id_root_starts_and_becomes_vcap() {
    let json = json(&container(), true);
    assert_eq!(json["process"]["user"]["uid"], 0);
    assert_eq!(json["process"]["args"][1], "2000:2000");
    for set in ["bounding", "effective", "permitted"] {
        assert_eq!(
            json["process"]["capabilities"][set],
            serde_json::json!(["CAP_SETFCAP"])
        );
    }
}

#[test]
fn a_prepared_root_has_no_mounts_of_the_host() {
    let mut container = container();
    container.root = RootFs::Directory(PathBuf::from("/roots/one"));
    container.process.uid = 0;
    let json = json(&container, false);
    let mounts = json["mounts"].as_array().expect("mounts");
    assert!(
        !mounts.iter().any(|mount| mount["source"] == "/usr"),
        "{mounts:?}"
    );
    assert_eq!(
        json["process"]["capabilities"]["effective"]
            .as_array()
            .map(Vec::len),
        Some(14)
    );
}

#[test]
fn values_of_the_environment_are_never_shown() {
    let shown = format!("{:?}", container());
    assert!(shown.contains("TOKEN") && !shown.contains("hush"), "{shown}");
}
