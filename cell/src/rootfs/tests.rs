use super::*;
use crate::bundle::{Isolation, Mount, Process};

fn container(root: RootFs, destinations: &[(&str, bool)]) -> (Container, Ground) {
    let mounts = destinations.iter().map(|(destination, _)| Mount {
        source: PathBuf::from("/store/x"),
        destination: PathBuf::from(destination),
        read_only: true,
        options: vec![],
    });
    let sources = destinations.iter().map(|(_, is_dir)| Source {
        is_dir: *is_dir,
        options: vec![],
    });
    let ground = Ground {
        system: vec!["usr".to_owned(), "etc".to_owned()],
        links: vec![("bin".to_owned(), PathBuf::from("usr/bin"))],
        sources: sources.collect(),
        accounts: ["root:x:0:0::/:/bin/sh\n".to_owned(), String::new()],
        network: ["nameserver 10.0.0.1\n".to_owned(), String::new()],
        resolver: Some(PathBuf::from("/run/resolve/stub.conf")),
        ..Ground::default()
    };
    let container = Container {
        root,
        isolation: Isolation::UserNamespace,
        mounts: mounts.collect(),
        process: Process {
            args: vec![],
            env: vec![],
            cwd: PathBuf::from("/"),
            uid: 2000,
            gid: 2000,
        },
        memory: None,
        hostname: String::new(),
    };
    (container, ground)
}

fn room(root: RootFs, destinations: &[(&str, bool)]) -> Room {
    let (container, ground) = container(root, destinations);
    Room::plan(&container, &ground, Path::new("/w"), Path::new("/opt/cell"))
}

fn has(room: &Room, path: &str) -> bool {
    room.nodes.iter().any(|node| match node {
        Node::Directory(at, _) | Node::File(at, _) | Node::Link(at, _) => at == Path::new(path),
    })
}

#[test]
fn every_parent_is_made_before_what_it_holds_and_nothing_twice() {
    for root in [RootFs::Host, RootFs::Directory(PathBuf::from("/r"))] {
        let room = room(
            root,
            &[("/cached-downloads", true), ("/a/b/c", false), ("/tmp/app", true)],
        );
        let mut made = vec![PathBuf::from("/")];
        for node in &room.nodes {
            let (Node::Directory(path, _) | Node::File(path, _) | Node::Link(path, _)) = node;
            let parent = path.parent().expect("a parent");
            assert!(
                made.iter().any(|there| there == parent),
                "{path:?} before {parent:?}"
            );
            assert!(!made.contains(path), "{path:?} twice");
            made.push(path.clone());
        }
        for bind in &room.binds {
            assert!(made.contains(&bind.at), "nothing to mount {:?} on", bind.at);
        }
    }
}

#[test]
fn only_free_destinations_are_made_in_the_root() {
    let check = |destination: &str, expected: bool| {
        let room = room(RootFs::Host, &[("/cached-downloads", true), (destination, true)]);
        assert_eq!(
            has(&room, &format!("/rootfs{destination}")),
            expected,
            "{destination}"
        );
    };
    check("/data", true);
    check("/cached-downloads/a", false);
    check("/tmp/app", false);
    check("/usr/share/x", false);
    check("/dev/x", false);
    check("/tmpfiles", true);
}

#[test]
fn what_is_mounted_in_a_fresh_directory_is_known() {
    let (container, ground) = container(
        RootFs::Host,
        &[("/tmp/app/x", true), ("/tmp", true), ("/home/vcap/f", false)],
    );
    let expected = [(0, Path::new("app/x"), true), (2, Path::new("f"), false)];
    assert_eq!(inside_fresh(&container, &ground), expected);
}

#[test]
fn a_prepared_root_lies_below_a_layer_of_mountpoints() {
    let directory = room(RootFs::Directory(PathBuf::from("/r")), &[]);
    assert_eq!(directory.lower, Some(PathBuf::from("/r")));
    for path in [
        "/layer/etc/passwd",
        "/layer/etc/resolv.conf",
        "/layer/home/vcap",
        "/layer/proc",
    ] {
        assert!(has(&directory, path), "{path}");
    }
    assert!(!has(&directory, "/layer/usr") && !has(&directory, "/rootfs/proc"));
    let host = room(RootFs::Host, &[]);
    assert_eq!(host.lower, None);
    for path in ["/files/passwd", "/rootfs/bin", "/rootfs/run/resolve/stub.conf"] {
        assert!(has(&host, path), "{path}");
    }
}

#[test]
fn accounts_are_the_system_s_and_vcap() {
    let passwd =
        "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:\nvcap:x:5:5::/:\nnobody:x:65534:1::/:\nbad\n\n";
    let expected = format!("root:x:0:0::/root:/bin/sh\nnobody:x:65534:1::/:\n{VCAP_USER}\n");
    assert_eq!(accounts(passwd, VCAP_USER), expected);
    assert_eq!(accounts("", VCAP_GROUP), "vcap:x:2000:\n");
}
