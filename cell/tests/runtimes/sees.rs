//! What a process in a container sees and may do.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use cell::bundle::RootFs;
use cell::runtime::{Ended, Kind};

use crate::harness::{in_each, mount, program, run, run_in, say, scratch, shell};

#[test]
fn it_is_vcap_without_privileges() {
    in_each(|case| {
        let script = "id -u; id -un; id -g; id -G; pwd; hostname; grep -hE '^(Cap|NoNew)' /proc/self/status";
        let (ended, said) = run(case.kind, &shell(case.isolation, script));
        let none = "\t0000000000000000\n";
        let expected = format!(
            "2000\nvcap\n2000\n2000\n/home/vcap\ncell-test\n\
             CapInh:{none}CapPrm:{none}CapEff:{none}CapBnd:{none}CapAmb:{none}NoNewPrivs:\t1\n"
        );
        assert_eq!((ended, said), (Ended::Exit(0), expected), "{case:?}");
    });
}

#[test]
fn only_its_own_directories_can_be_written() {
    in_each(|case| {
        let workspace = scratch();
        let script = "for d in /tmp /var/tmp /home/vcap /dev/shm; do touch $d/f || echo NO $d; done
            for d in / /usr /etc /dev /run /proc /proc/sys /var /home; do touch $d/f 2>/dev/null && echo YES $d; done
            test -O /dev && echo one id
            mount -t tmpfs x /tmp 2>/dev/null && echo mounted
            echo x 2>/dev/null >/proc/sysrq-trigger && echo sysrq
            test -r /etc/shadow && echo shadow
            ls /home; echo end";
        let (_, said) = run_in(case.kind, &shell(case.isolation, script), workspace.path());
        // With one id the file systems that are private to the container are vcap's, too; the embedded runtime leaves
        // the one with the devices writable.
        let single = match case.kind {
            Kind::Embedded => "YES /dev\none id\nvcap\nend\n",
            _ => "one id\nvcap\nend\n",
        };
        let is_single = case.vcap.uid != 2000 && said == single;
        assert!(is_single || said == "vcap\nend\n", "{case:?}: {said}");
        let made = fs::metadata(workspace.path().join("fresh-2/f")).expect("its file");
        assert_eq!(
            (made.uid(), made.gid()),
            (case.vcap.uid, case.vcap.gid),
            "{case:?}"
        );
    });
}

#[test]
fn it_sees_its_own_processes_only() {
    in_each(|case| {
        let script = "ls /proc | grep -c '^[0-9]*$'; kill -9 1; kill -9 -1 2>/dev/null; exit 5";
        let (ended, said) = run(case.kind, &shell(case.isolation, script));
        assert!(
            said.trim().parse::<u32>().is_ok_and(|count| count < 8),
            "{case:?}: {said}"
        );
        assert_eq!(ended, Ended::Exit(5), "{case:?}");
        let script = "cat /proc/1/environ 2>/dev/null; for f in 0 1 2 3 4; do readlink /proc/1/fd/$f; done 2>/dev/null; echo end";
        let (_, said) = run(case.kind, &shell(case.isolation, script));
        assert_eq!(said, "end\n", "{case:?}: process 1 shows what it has");
    });
}

#[test]
fn the_environment_is_exact_and_never_on_disk() {
    in_each(|case| {
        let workspace = scratch();
        let secret = "hush-".repeat(3);
        let mut container = shell(case.isolation, "");
        container.process.args = ["grep", "-ra", "hush-hush-hush", "/tmp", "/dev/shm"]
            .map(str::to_owned)
            .to_vec();
        container.process.env.push(("SECRET".to_owned(), secret.clone()));
        container
            .process
            .env
            .push(("HOME".to_owned(), "/home/vcap".to_owned()));
        let (ended, said) = run_in(case.kind, &container, workspace.path());
        assert_eq!((ended, said), (Ended::Exit(1), String::new()), "{case:?}");
        container.process.args = vec!["env".to_owned()];
        let (_, said) = run_in(case.kind, &container, workspace.path());
        let mut lines: Vec<_> = said.lines().collect();
        lines.sort_unstable();
        let expected = [
            "HOME=/home/vcap",
            "PATH=/usr/bin:/bin",
            &format!("SECRET={secret}"),
        ]
        .map(str::to_owned);
        assert_eq!(lines, expected, "{case:?}");
        let found = Command::new("grep")
            .args(["-ra", &secret])
            .arg(workspace.path())
            .output();
        assert_eq!(
            String::from_utf8_lossy(&found.expect("grep").stdout),
            "",
            "{case:?}"
        );
    });
}

#[test]
fn mounts_are_made_in_order_and_read_only_holds() {
    in_each(|case| {
        let (workspace, closed) = (scratch(), scratch());
        let view = closed.path().join("view");
        let asset = closed.path().join("asset");
        let own = closed.path().join("own");
        for directory in [&view, &asset, &own] {
            fs::create_dir(directory).expect("a directory");
        }
        fs::create_dir(view.join("a")).expect("a mountpoint");
        fs::write(view.join("b"), "").expect("a mountpoint");
        fs::write(asset.join("f"), "asset").expect("a file");
        fs::set_permissions(asset.join("f"), fs::Permissions::from_mode(0o4755)).expect("a mode");
        std::os::unix::fs::chown(&own, Some(case.vcap.uid), Some(case.vcap.gid)).expect("given");
        // Only the owner of the store may enter; the container sees what is mounted from it all the same.
        fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).expect("a mode");
        let script = "cat /cached-downloads/a/f /cached-downloads/b /tmp/app/deep/f; echo
            for f in /cached-downloads/x /cached-downloads/a/x /cached-downloads/b /tmp/app/deep/x; do
                echo x 2>/dev/null >$f && echo YES $f; done
            echo mine >/tmp/own/x || echo NO; touch /tmp/app/x || echo NO
            grep -c ' /cached-downloads/a ro,nosuid,nodev' /proc/self/mountinfo";
        let mut container = shell(case.isolation, script);
        container.mounts = vec![
            mount(&view, "/cached-downloads", true),
            mount(&asset, "/cached-downloads/a", true),
            mount(&asset.join("f"), "/cached-downloads/b", true),
            mount(&asset, "/tmp/app/deep", true),
            mount(&own, "/tmp/own", false),
        ];
        let (ended, said) = run_in(case.kind, &container, workspace.path());
        assert_eq!(
            (ended, said.as_str()),
            (Ended::Exit(0), "assetassetasset\n1\n"),
            "{case:?}"
        );
        assert_eq!(
            fs::read_to_string(own.join("x")).expect("written"),
            "mine\n",
            "{case:?}"
        );
        assert_eq!(fs::read_dir(&view).expect("the view").count(), 2, "{case:?}");
    });
}

#[test]
fn root_in_a_container_has_the_platform_s_capabilities_and_cannot_undo_read_only() {
    in_each(|case| {
        let (workspace, asset) = (scratch(), scratch());
        fs::set_permissions(asset.path(), fs::Permissions::from_mode(0o777)).expect("a mode");
        let script = "grep -h ^CapEff /proc/self/status
            mount -o remount,bind,rw /cached-downloads 2>/dev/null && echo remounted
            touch /cached-downloads/x 2>/dev/null && echo written; echo end";
        let mut container = shell(case.isolation, script);
        container.mounts = vec![mount(asset.path(), "/cached-downloads", true)];
        (container.process.uid, container.process.gid) = (0, 0);
        let (_, said) = run_in(case.kind, &container, workspace.path());
        let all = "CapEff:\t00000000a80425fb\nend\n";
        let single = "CapEff:\t0000000000000000\nend\n";
        assert!(
            said == all || (case.vcap.uid != 2000 && said == single),
            "{case:?}: {said}"
        );
    });
}

#[test]
fn a_prepared_root_is_used_and_left_alone() {
    let root = scratch();
    if !furnish(root.path()) {
        say!("SKIPPED: a prepared root: no static busybox, or `ldd` failed");
        return;
    }
    let before = listing(root.path());
    in_each(|case| {
        let script = "id -u; ls -d /tmp /home/vcap /var/tmp /own; touch /tmp/x /home/vcap/x || echo NO
            touch /x 2>/dev/null && echo YES; grep -c ^vcap: /etc/passwd; ls /usr 2>/dev/null; test -s /etc/resolv.conf || echo NO";
        let mut container = shell(case.isolation, script);
        container.root = RootFs::Directory(root.path().to_owned());
        container.process.args[0] = "/bin/sh".to_owned();
        container.process.env[0].1 = "/bin".to_owned();
        let (ended, said) = run(case.kind, &container);
        assert_eq!(
            (ended, said.as_str()),
            (Ended::Exit(0), "2000\n/home/vcap\n/own\n/tmp\n/var/tmp\n1\n"),
            "{case:?}"
        );
    });
    assert_eq!(listing(root.path()), before);
}

/// A root with busybox and the libraries that the program under test is linked with.
fn furnish(root: &Path) -> bool {
    let busybox = ["/bin/busybox", "/usr/bin/busybox"]
        .into_iter()
        .find(|path| Path::new(path).is_file());
    let libraries = Command::new("ldd")
        .arg(program())
        .output()
        .ok()
        .filter(|out| out.status.success());
    let (Some(busybox), Some(libraries)) = (busybox, libraries) else {
        return false;
    };
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).expect("a mode");
    for name in ["bin", "own", "etc"] {
        fs::create_dir(root.join(name)).expect("a directory");
    }
    fs::copy(busybox, root.join("bin/busybox")).expect("a copy");
    for name in ["sh", "id", "ls", "touch", "grep", "test"] {
        std::os::unix::fs::symlink("busybox", root.join("bin").join(name)).expect("a link");
    }
    let libraries = String::from_utf8_lossy(&libraries.stdout).into_owned();
    for path in libraries
        .split_ascii_whitespace()
        .filter(|word| word.starts_with('/'))
    {
        let to = root.join(path.trim_start_matches('/'));
        fs::create_dir_all(to.parent().expect("a parent")).expect("a directory");
        fs::copy(path, to).expect("a copy");
    }
    Command::new(root.join("bin/busybox"))
        .arg("true")
        .status()
        .is_ok_and(|status| status.success())
}

fn listing(root: &Path) -> String {
    let out = Command::new("find")
        .arg(root)
        .args(["-printf", "%p %m %U %G %T@\\n"])
        .output();
    String::from_utf8_lossy(&out.expect("find").stdout).into_owned()
}
