//! `cell stage` where something means ill, or merely looks like ours: scripts of buildpacks, what they leave, what lies
//! about on the machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::desk::Desk;
use tests::listing::Listing;
use tests::tars::{self, Member};

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

/// The words of a compile script that was staged in a container, as it left them in the droplet.
#[track_caller]
fn told(desk: &Desk, out: &str) -> String {
    let file = fs::File::open(desk.path(out).join("droplet.tgz")).expect("a droplet");
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(file));
    let mut members = archive
        .entries()
        .expect("members")
        .map(|member| member.expect("a member"));
    let mut found = members
        .find(|member| member.path_bytes().as_ref() == b"./app/told")
        .expect("its words");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut found, &mut text).expect("text");
    text
}

/// Scripts hold pipes: not the file, and not the terminal, to which their words go in the end.
///
/// Rules: P-04
#[test]
fn scripts_hold_no_stream_of_the_host() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let script = "for f in 0 1 2; do readlink /proc/self/fd/$f; done >\"$1/told\"\necho \"heard $((6 * 7))\"\necho warned >&2";
    let buildpack = desk.buildpack("streams", script, "true");
    for runtime in runtimes(&desk) {
        let line = format!("stage {app} -b {buildpack} --runtime {runtime} --out out-{runtime}");
        let (out, both) = (desk.path("out.log"), desk.path("both.log"));
        let file = |path| fs::File::create(path).expect("a file");
        let status = desk
            .command(&line)
            .stdout(file(&out))
            .stderr(file(&both))
            .status();
        assert!(status.expect("a program").success());
        let told = told(&desk, &format!("out-{runtime}"));
        let streams: Vec<_> = told.lines().collect();
        assert_eq!(streams[0], "/dev/null", "{runtime}");
        // The builder passes on what it was given.
        assert!(
            streams[1..].iter().all(|name| !name.contains(".log")),
            "{runtime}: {told}"
        );
        assert!(fs::read_to_string(&out).expect("words").contains("heard 42\n"));
        // One file for both keeps the order; `runc` has pipes of its own in between.
        let shared = file(&both);
        let again = shared.try_clone().expect("a file");
        let status = desk.command(&line).stdout(shared).stderr(again).status();
        assert!(status.expect("a program").success());
        let words = fs::read_to_string(&both).expect("words");
        let is_kept = words.contains("heard 42\nwarned\n");
        assert!(
            is_kept || runtime == "runc" && words.contains("heard 42\n"),
            "{runtime}: {words}"
        );
    }
    desk.assert_clean();
}

/// A line that a script began and did not end is no part of the result that is printed behind it.
///
/// Rules: A-06
#[test]
fn the_path_of_the_droplet_has_a_line_of_its_own() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let buildpack = desk.buildpack("forges", "printf /etc; printf 'cell: x' >&2", "true");
    for runtime in runtimes(&desk) {
        let ran = desk.must(&format!(
            "stage {app} -b {buildpack} --runtime {runtime} --out out"
        ));
        let path = desk.path("out/droplet.tgz").display().to_string();
        assert_eq!(ran.text().lines().last(), Some(path.as_str()), "{ran}");
        assert!(ran.stderr.contains("\ncell: staged in"), "{ran}");
    }
    desk.assert_clean();
}

/// Files with terabytes of nothing in them are no results: they are told, and not copied.
///
/// Rules: I-7, B-08
#[test]
fn results_that_would_fill_the_disk_are_not_copied() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    // Nothing else in the container is running when a signal has ended the builder.
    let script = "kill -STOP $PPID; rm -f \"$TMPDIR/result.json\"; truncate -s 4T \"$TMPDIR/result.json\"
        kill -KILL $PPID";
    let buildpack = desk.buildpack("fails", script, "true");
    for runtime in runtimes(&desk) {
        let ran = desk.run(&format!(
            "stage {app} -b {buildpack} --runtime {runtime} --out out"
        ));
        assert_eq!(ran.code, Some(137), "{ran}");
        assert_eq!(fs::read_dir(desk.path("out")).expect("a folder").count(), 0);
    }
    desk.assert_clean();
}

/// A script that replaces what the builder wrote: by a link, a fifo, a directory, or an endless file.
///
/// Rules: B-06, B-08, I-2
#[test]
fn what_is_put_in_the_place_of_the_droplet_is_refused() {
    let desk = desk();
    if !desk.has_containers() {
        return;
    }
    let app = desk.folder("app", &[("a", "b")]);
    let script = |put: &str| {
        // The builder gets on by moments only, and in the one after the droplet is there it is held.
        format!(
            "setsid bash -c 'while kill -CONT $0; do kill -STOP $0; [ -f /tmp/droplet ] && break; done
                rm /tmp/droplet; {put} /tmp/droplet; kill -CONT $0' $PPID >/dev/null 2>&1 &"
        )
    };
    for (name, put) in [
        ("link", "ln -s /etc/passwd"),
        ("fifo", "mkfifo"),
        ("folder", "mkdir"),
        ("holes", "truncate -s 4T"),
    ] {
        let buildpack = desk.buildpack(name, &script(put), "true");
        let line = format!("stage {app} -b {buildpack} --out out");
        // The builder may get through all the same, but not again and again.
        let tries = std::iter::repeat_with(|| desk.run(&line)).take(20);
        let ran = tries
            .into_iter()
            .find(|ran| ran.code != Some(0))
            .expect("a try that is too late for the builder");
        assert_eq!(ran.code, Some(100), "{name}: {ran}");
        assert!(ran.stderr.contains("The builder left no droplet"), "{ran}");
        assert!(!desk.path("out/staging.json").exists(), "{name}");
    }
    desk.assert_clean();
}

/// The runtimes that this machine has, and `none`.
fn runtimes(desk: &Desk) -> Vec<&'static str> {
    let installed = |name: &&str| {
        std::path::Path::new("/usr/sbin").join(name).exists()
            || std::path::Path::new("/usr/bin").join(name).exists()
    };
    let contained = ["embedded"]
        .into_iter()
        .chain(["runc", "crun"].into_iter().filter(installed));
    let contained = contained.filter(|_| desk.has_containers());
    contained.chain(["none"]).collect()
}

/// Keys that whoever starts a staging holds for the session are not the scripts'; nor are descriptors that happen to
/// be open.
///
/// Rules: P-04, P-06
#[test]
fn keys_and_open_files_of_the_session_stay_outside() {
    if !cfg!(target_arch = "x86_64") {
        tests::skipped!("the numbers of the calls are those of x86-64");
        return;
    }
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let looks = r#"perl -e '$into = "\0" x 400; print "keys ", syscall(250, 11, -3, $into, 400), "\n"' >"$1/told"
        ls /proc/self/fd | tr '\n' ' ' >>"$1/told""#;
    let buildpack = desk.buildpack("looks", looks, "true");
    // Joins a session, adds a key to it, opens a file that programs inherit, and starts what follows.
    let start = r#"use Fcntl; $name = "session"; exit 77 if syscall(250, 1, $name) < 0;
        ($kind, $what, $word) = ("user", "password", "hush"); exit 77 if syscall(248, $kind, $what, $word, 4, -3) < 0;
        $^F = 60; open(F, "<", "/etc/passwd"); exec @ARGV; exit 78"#;
    for runtime in runtimes(&desk) {
        let line = format!("stage {app} -b {buildpack} --runtime {runtime} --out out");
        let staged = desk.command(&line);
        let mut command = std::process::Command::new("perl");
        command
            .args(["-e", start])
            .arg(staged.get_program())
            .args(staged.get_args());
        command.current_dir(desk.cell().root()).env_clear();
        for (name, value) in staged.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let status = command.output().expect("perl").status;
        if status.code() == Some(77) {
            tests::skipped!("no keyrings here");
            return;
        }
        assert!(status.success(), "{runtime}");
        assert_eq!(told(&desk, "out"), "keys 0\n0 1 2 3 ", "{runtime}");
    }
    desk.assert_clean();
}

/// What is told of the limits is kept, and there is an end to processes.
///
/// Rules: I-7
#[test]
fn processes_and_open_files_are_limited() {
    let desk = desk();
    if !desk.has_containers() {
        return;
    }
    let app = desk.folder("app", &[("a", "b")]);
    let script = "{ ulimit -u; ulimit -n; ulimit -c; } >\"$1/told\"";
    let buildpack = desk.buildpack("limits", script, "true");
    for runtime in runtimes(&desk).into_iter().filter(|runtime| *runtime != "none") {
        desk.must(&format!(
            "stage {app} -b {buildpack} --runtime {runtime} --out out"
        ));
        let told = told(&desk, "out");
        let limits: Vec<u64> = told.lines().map(|line| line.parse().expect("a number")).collect();
        assert!(
            limits[0] <= 8192 && limits[1] <= 16_384 && limits[2] == 0,
            "{runtime}: {told}"
        );
    }
    desk.assert_clean();
}

/// Nobody fills the disk: neither a script, nor an application or an artifacts cache that unfolds.
///
/// Rules: I-7, A-60
#[test]
fn the_disk_is_not_filled() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    // Removed while it is written to: nobody who counts files finds it.
    let script = "exec 3>\"$TMPDIR/gone\"; rm \"$TMPDIR/gone\"; head -c 4G /dev/zero >&3; echo wrote";
    let buildpack = desk.buildpack("fills", script, "true");
    for runtime in runtimes(&desk) {
        let free = nix::sys::statvfs::statvfs(desk.cell().root()).expect("a disk");
        // Others write to this disk, too.
        let keep = free.blocks_available() * free.fragment_size() - (600 << 20);
        let line = format!("stage {app} -b {buildpack} --runtime {runtime} --out out --keep-free {keep}");
        let ran = desk.run(&line);
        assert_eq!(ran.code, Some(102), "{ran}");
        assert!(!ran.text().contains("wrote"), "{ran}");
        assert!(
            ran.stderr.contains("help: name a directory on a larger disk"),
            "{ran}"
        );
    }
    let ran = desk.run(&format!(
        "stage {app} -b {buildpack} --runtime none --keep-free 1000T"
    ));
    assert_eq!(ran.code, Some(102), "{ran}");
    let words = "error: No room in the scratch directory";
    assert!(ran.stderr.contains(words), "{ran}");
    assert!(
        ran.stderr.contains("--keep-free 1000T stay free\nhelp: name"),
        "{ran}"
    );
    desk.assert_clean();
}

/// A name as long as the archive says is not kept in memory: a few kilobytes would unfold to gigabytes.
///
/// Rules: A-64, A-67
#[test]
fn a_droplet_with_an_endless_name_takes_no_memory() {
    let desk = desk();
    let name = vec![b'a'; 128 << 20];
    let members = [
        Member::folder("./app/", 0o755),
        Member::special("././@LongLink", b'L').content(name),
        Member::file("./app/x", ""),
        Member::file("./staging_info.yml", "{}"),
    ];
    let droplet = desk.cell().file("droplet.tgz", tars::tgz(&members));
    let run = desk.command(&format!("run {droplet}"));
    let mut limited = std::process::Command::new("bash");
    limited.args(["-c", "ulimit -v 100000; exec \"$0\" \"$@\""]);
    limited.arg(run.get_program()).args(run.get_args());
    let output = limited.output().expect("bash");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{said}");
    assert!(said.contains("it names no start command"), "{said}");
}

/// Our own directories do not become a part of the application, nor is one copied into itself.
///
/// Rules: I-7
#[test]
fn directories_of_ours_in_the_application_are_refused() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b"), ("scratch/x", "")]);
    let buildpack = desk.buildpack("plain", "true", "true");
    for option in ["--scratch", "--store"] {
        let below = format!("{app}/{}", option.trim_start_matches("--"));
        let ran = desk.run(&format!(
            "stage {app} -b {buildpack} --runtime none {option} {below}"
        ));
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains("lies in the application"), "{ran}");
        assert!(
            ran.stderr
                .contains(&format!("help: name another directory with {option}")),
            "{ran}"
        );
    }
    desk.assert_clean();
}

/// Whatever scripts leave goes with the staging: closed directories, trees too deep for a path, special files, odd
/// names, processes that hear no signal, namespaces of their own.
///
/// Rules: I-5, S-17
#[test]
fn what_scripts_leave_behind_goes() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let script = r#"cd "$TMPDIR"
        mkdir -p closed/a/b; echo x >closed/a/b/c; chmod 000 closed/a/b/c closed/a/b; chmod 555 closed/a; chmod 000 closed
        name=$(printf 'd%.0s' {1..100}); for n in {1..60}; do mkdir "$name"; cd "$name"; done; cd "$TMPDIR"
        mkfifo pipe; ln -s / root; ln -s /etc/passwd accounts; : >$'new\nline\e[31m'
        (trap '' TERM INT HUP; setsid sleep 1000 >/dev/null 2>&1 &)
        unshare -Urm bash -c 'mount -t tmpfs x "$TMPDIR/closed"; sleep 1000' >/dev/null 2>&1 &
        chmod 000 "$HOME" || true"#;
    let buildpack = desk.buildpack("leaves", script, "true");
    for runtime in runtimes(&desk) {
        desk.must(&format!(
            "stage {app} -b {buildpack} --runtime {runtime} --out out"
        ));
        desk.assert_clean();
    }
}

/// Scripts write where it is documented and nowhere else, whoever owns the container.
///
/// Rules: P-04
#[test]
fn scripts_write_where_the_manual_says() {
    let by_user = |desk: Desk| {
        if nix::unistd::geteuid().is_root() {
            desk.run_by(1000)
        } else {
            desk
        }
    };
    for (desk, is_owner) in [
        (desk(), nix::unistd::geteuid().is_root()),
        (by_user(desk()), false),
    ] {
        let app = desk.folder("app", &[("a", "b")]);
        let script = "for d in / /dev /etc /run /usr /dev/shm /tmp /var/tmp /home/vcap; do (: >$d/x) 2>/dev/null && echo $d; done >\"$1/told\"";
        let buildpack = desk.buildpack("writes", script, "true");
        for runtime in runtimes(&desk).into_iter().filter(|runtime| *runtime != "none") {
            let out = format!("out-{runtime}");
            desk.must(&format!(
                "stage {app} -b {buildpack} --runtime {runtime} --out {out}"
            ));
            let told = told(&desk, &out);
            let written: Vec<_> = told.lines().collect();
            // The embedded runtime leaves it to whoever owns the container.
            let is_dev_left = runtime == "embedded" && !is_owner;
            let expected: &[&str] = if is_dev_left {
                &["/dev", "/dev/shm", "/tmp", "/var/tmp", "/home/vcap"]
            } else {
                &["/dev/shm", "/tmp", "/var/tmp", "/home/vcap"]
            };
            assert_eq!(written, expected, "{runtime}");
        }
        desk.assert_clean();
    }
}

/// A result that cannot be told is no success; a path that a container cannot be given is named.
#[test]
fn what_cannot_be_told_or_configured_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let quick = desk.buildpack("quick", "true", "true");
    let line = format!("stage {app} -b {quick} --runtime none --out out");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("/dev/full");
    let ran = desk.command(&line).stdout(full).output().expect("a program");
    assert_eq!(ran.status.code(), Some(100), "{ran:?}");
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(
        told.contains("out/droplet.tgz, but that cannot be told: write standard output: no space left"),
        "{told}"
    );
    if desk.has_containers() {
        let odd = desk.path("tmp").join(std::ffi::OsStr::from_bytes(b"odd\xff"));
        fs::create_dir(&odd).expect("a directory");
        let line = format!("stage {app} -b {quick} --out out");
        let ran = desk
            .command(&line)
            .arg("--scratch")
            .arg(&odd)
            .output()
            .expect("a program");
        assert_eq!(ran.status.code(), Some(2), "{ran:?}");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(
            told.contains("is no path for a container: it is not UTF-8"),
            "{told}"
        );
        fs::remove_dir(&odd).expect("empty");
    }
    desk.assert_clean();
}
