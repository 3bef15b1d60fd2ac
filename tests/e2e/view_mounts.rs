//! Views made of mounts, as a container sees them: a process with a table of mounts of its own, which makes those that
//! the program lists, one after the other.
//!
//! Needs the right to mount; says so where it lacks it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tests::cell::{Cell, Ran};
use tests::origin::{Asset, Origin, Route};
use tests::tars::{self, Member};

use super::cell;

/// Who the container's user is on this machine.
const VCAP: &str = "2000:2000";

fn asset(text: &str, version: &str) -> Route {
    let members = [
        Member::file("f", text),
        Member::file("bin/run", "#!/bin/sh\necho ran\n").mode(0o755),
    ];
    Route::asset(Asset::new(tars::tgz(&members), version))
}

fn origin() -> Origin {
    Origin::start([
        ("/a", asset("one", "\"1\"")),
        ("/b", asset("two", "\"1\"")),
        ("/secret", asset("hidden", "\"1\"")),
    ])
}

/// A cell whose directory `seen` containers see a view at, and a view for vcap that the process `holder` holds; nothing
/// where mounting is not permitted.
fn scene(origin: &Origin, way: &str, more: &str) -> Option<(Cell, Ran)> {
    let cell = cell();
    fs::create_dir(cell.path("seen")).expect("a folder");
    cell.must(&format!("fetch {} --key secret", origin.url("/secret")));
    let doctor = cell.run("doctor");
    if !doctor.text().contains("(P1)") {
        tests::skipped!("views made of mounts: {}", doctor.text());
        return None;
    }
    let ran = create(
        &cell,
        origin,
        "v",
        &format!("--way {way} --map-owner {VCAP} {more}"),
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    Some((cell, ran))
}

fn create(cell: &Cell, origin: &Origin, name: &str, more: &str) -> Ran {
    let list = cell.file(
        "list",
        format!("a {}\nb {}\n", origin.url("/a"), origin.url("/b")),
    );
    cell.run(&format!(
        "--json view create {} --file {list} --name {name} --destination {} {more}",
        cell.path(name).display(),
        cell.path("seen").display(),
    ))
}

/// A process that sees what it was given, until it is dropped.
struct Container {
    shell: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Container {
    /// Starts one with the mounts of a view.
    fn start(created: &Ran) -> Self {
        let mut shell = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare");
        let output = BufReader::new(shell.stdout.take().expect("its output"));
        let mut container = Self { shell, output };
        for mount in created.at("mounts").as_array().expect("mounts") {
            let word = |name: &str| mount[name].as_str().expect("a path").to_owned();
            let (source, destination) = (word("source"), word("destination"));
            let told = container.ask(&format!(
                "mount --bind {source} {destination} && mount -o remount,bind,ro,nosuid,nodev {destination}"
            ));
            assert_eq!(told, "", "{mount}");
        }
        container
    }

    fn pid(&self) -> u32 {
        self.shell.id()
    }

    /// Runs a line as root of the container; yields what it says.
    fn ask(&mut self, line: &str) -> String {
        let input = self.shell.stdin.as_mut().expect("its input");
        writeln!(input, "{{ {line}; }} 2>&1; echo; echo DONE").expect("heard");
        let mut text = String::new();
        while self.output.read_line(&mut text).expect("said") > 0 && !text.ends_with("\nDONE\n") {}
        text.trim_end_matches("DONE\n").trim().to_owned()
    }

    /// The same as vcap.
    fn ask_as_vcap(&mut self, line: &str) -> String {
        let line = line.replace('\'', "\"");
        self.ask(&format!(
            "setpriv --reuid 2000 --regid 2000 --clear-groups --inh-caps=-all --bounding-set=-all sh -c '{line}'"
        ))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

fn leases(cell: &Cell) -> usize {
    // One is of what was fetched besides.
    cell.must("--json lease list").values().len() - 1
}

/// Mounts below the cell's directories on this machine.
fn mounts(cell: &Cell) -> Vec<String> {
    let table = fs::read_to_string("/proc/self/mountinfo").expect("a table");
    let below = cell.root().to_str().expect("UTF-8").to_owned();
    let places = table.lines().filter_map(|line| line.split(' ').nth(4));
    places
        .filter(|place| place.starts_with(&below))
        .map(str::to_owned)
        .collect()
}

/// The options of a mount as the container's own table has them.
fn options(container: &mut Container, place: &Path) -> Vec<String> {
    let table = container.ask("cat /proc/self/mountinfo");
    let place = place.to_str().expect("UTF-8");
    let line = table.lines().rfind(|line| line.split(' ').nth(4) == Some(place));
    let line = line.unwrap_or_else(|| panic!("{place} is no mount:\n{table}"));
    let options = line.split(' ').nth(5).expect("options");
    options.split(',').map(str::to_owned).collect()
}

/// Rules: Q2, Q5, C-07, C-09, design §3, container-view-spike §8, I-1, P-05.
#[test]
fn a_container_sees_what_was_asked_for_as_its_own_and_cannot_write() {
    for (way, name) in [
        ("auto", "P1"),
        ("slots", "P1"),
        ("links", "P2"),
        ("symlinks", "P3"),
        ("copy", "P4"),
    ] {
        let origin = origin();
        let Some((cell, created)) = scene(&origin, way, "") else {
            return;
        };
        assert_eq!(created.word("way"), name);
        let seen = cell.path("seen");
        let mut container = Container::start(&created);
        let mut at = |line: &str| {
            let line = line.replace("SEEN", seen.to_str().expect("UTF-8"));
            container.ask_as_vcap(&line)
        };
        assert_eq!(at("cat SEEN/a/f SEEN/b/f"), "onetwo", "{way}");
        assert_eq!(at("SEEN/a/bin/run"), "ran", "{way}");
        // All objects are not mapped: their owner could list them.
        let owner = if name == "P3" { "0:0" } else { VCAP };
        assert_eq!(
            at("stat -L -c %u:%g SEEN/a SEEN/a/f SEEN/b/bin/run"),
            [owner; 3].join("\n"),
            "{way}"
        );
        assert_eq!(at("ls SEEN"), "a\nb", "{way}");
        for write in [
            "touch SEEN/a/new",
            "touch SEEN/new",
            "chmod 777 SEEN/a/f",
            "rm -f SEEN/b/f",
        ] {
            let told = at(write);
            assert!(told.contains("Read-only file system"), "{way}: {write}: {told}");
        }
        let found = at("find -L SEEN 2>/dev/null | xargs grep -l hidden 2>/dev/null");
        assert_eq!(found, "", "{way}: an asset that was not asked for is seen");
        let mut places = vec![seen.clone()];
        if name == "P1" {
            places.extend([seen.join("a"), seen.join("b")]);
        }
        for place in &places {
            let options = options(&mut container, place);
            for option in ["ro", "nosuid", "nodev"] {
                assert!(options.iter().any(|found| found == option), "{way}: {options:?}");
            }
            assert!(
                !options.iter().any(|found| found == "noexec"),
                "{way}: {options:?}"
            );
        }
        drop(container);
        cell.must("view release v");
        assert_eq!((leases(&cell), mounts(&cell)), (0, Vec::new()), "{way}");
    }
}

/// Rules: Q3, Q4, I-4, C-84.
#[test]
fn what_a_container_has_stays_while_it_is_leased_and_no_longer() {
    let origin = origin();
    let Some((cell, created)) = scene(&origin, "slots", "") else {
        return;
    };
    let mut container = Container::start(&created);
    let read = format!("cat {}", cell.path("seen/a/f").display());
    // Detached here, it is there for the container, and its leases are in force.
    cell.must("view detach v");
    assert_eq!(mounts(&cell), Vec::<String>::new());
    let old = cell.must("--json show a").word("object");
    origin.set("/a", asset("newer", "\"2\""));
    let lease = cell
        .must(&format!("--json fetch {} --key a", origin.url("/a")))
        .word("lease");
    cell.must(&format!("lease release {lease}"));
    cell.must("evict --all-unleased");
    assert_eq!(container.ask(&read), "one");
    let refused = cell.run(&format!("evict {old}"));
    assert_eq!(refused.code, Some(5), "{refused}");
    cell.must("lease reclaim");
    assert_eq!((container.ask(&read).as_str(), leases(&cell)), ("one", 2));
    drop(container);
    cell.must("lease reclaim");
    assert_eq!(leases(&cell), 0);
    assert_eq!(
        cell.run(&format!("show {old}")).code,
        Some(3),
        "the old version is still here"
    );
    let doctor = cell.must("doctor");
    assert!(!doctor.text().contains("mounts:"), "{doctor}");
}

/// Rules: C-85, C-86, I-4, I-5, container-view-spike §5.
#[test]
fn a_dead_holder_keeps_what_its_container_has_mounted() {
    let origin = origin();
    let mut holder = Command::new("sleep").arg("600").spawn().expect("a process");
    let more = format!("--holder-pid {}", holder.id());
    let Some((cell, created)) = scene(&origin, "slots", &more) else {
        let _ = (holder.kill(), holder.wait());
        return;
    };
    let mut container = Container::start(&created);
    holder.kill().and_then(|()| holder.wait()).expect("dead");
    let read = format!("cat {}", cell.path("seen/a/f").display());
    cell.must("lease reclaim");
    assert_eq!(
        (container.ask(&read).as_str(), leases(&cell)),
        ("one", 2),
        "it lives"
    );
    drop(container);
    assert!(!mounts(&cell).is_empty(), "nobody has taken them away yet");
    cell.must("lease reclaim");
    assert_eq!((leases(&cell), mounts(&cell)), (0, Vec::new()));
    assert!(cell.must("--json view list").values().is_empty());
}

/// Rules: container-view-spike §4, C-85, Q18.
#[test]
fn what_is_added_reaches_a_container_that_runs() {
    for way in ["slots", "links"] {
        let origin = origin();
        origin.set("/c", asset("three", "\"1\""));
        let Some((cell, created)) = scene(&origin, way, "") else {
            return;
        };
        let mut container = Container::start(&created);
        cell.must("view detach v");
        let list = cell.file("more", format!("c {}\n", origin.url("/c")));
        let pid = container.pid();
        cell.must(&format!("view add v --file {list} --pid {pid}"));
        let place = cell.path("seen/c");
        assert_eq!(
            container.ask_as_vcap(&format!("cat {}/f", place.display())),
            "three",
            "{way}"
        );
        let told = container.ask_as_vcap(&format!("touch {}/new", place.display()));
        assert!(told.contains("Read-only"), "{way}: {told}");
        assert_eq!(leases(&cell), 3);
        let again = cell.run(&format!("view add v --file {list}"));
        assert_eq!(again.code, Some(2), "{again}");
        assert_eq!(
            container.ask_as_vcap(&format!("cat {}/f", cell.path("seen/a").display())),
            "one"
        );
        drop(container);
        cell.must("view release v");
        assert_eq!((leases(&cell), mounts(&cell)), (0, Vec::new()), "{way}");
    }
}

/// Rules: design §3.
#[test]
fn a_way_that_cannot_be_had_is_refused() {
    let (cell, origin) = (cell(), origin());
    for way in ["slots", "links", "symlinks"] {
        let refused = create(&cell, &origin, "v", &format!("--way {way} --privileged"));
        assert_eq!(refused.code, Some(2), "{refused}");
        assert!(refused.stderr.contains("privileged"), "{refused}");
    }
    let made = create(&cell, &origin, "v", "--privileged");
    assert_eq!((made.code, made.word("way").as_str()), (Some(0), "P4"), "{made}");
    let object = PathBuf::from(
        cell.must(&format!("--json fetch {} --key a", origin.url("/a")))
            .word("path"),
    );
    let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).expect("a file"));
    assert_ne!(inode(&object.join("f")), inode(&cell.path("v/a/f")));
    cell.must("view release v");
}

/// Rules: design §3, S-14, container-view-spike §8.
#[test]
fn mounts_are_listed_for_the_runtime() {
    let origin = origin();
    let Some((cell, created)) = scene(&origin, "slots", "") else {
        return;
    };
    let list = cell.file("list", format!("a {}\n", origin.url("/a")));
    let line = format!(
        "view create {} --file {list} --name w --map-owner {VCAP}",
        cell.path("w").display()
    );
    let oci = cell.must(&format!("{line} --format oci"));
    let oci: serde_json::Value = serde_json::from_str(&oci.text()).expect("JSON");
    let oci = oci.as_array().expect("mounts");
    assert_eq!(oci.len(), 2, "{oci:?}");
    assert_eq!(oci[0]["destination"], "/cached-downloads");
    assert_eq!(oci[1]["destination"], "/cached-downloads/a");
    for mount in oci {
        assert_eq!(
            mount["options"],
            serde_json::json!(["bind", "ro", "nosuid", "nodev"])
        );
        assert!(Path::new(mount["source"].as_str().expect("a path")).exists());
    }
    let table = cell.must(
        &line
            .replace("w --map", "x --map")
            .replace("/w ", "/x ")
            .replace("--name w", "--name x"),
    );
    assert!(table.text().contains("way: P1"), "{table}");
    let mount = created.at("mount/source").clone();
    assert_eq!(created.at("mounts/0/source"), mount);
    cell.must("view release v");
    cell.must("view release w");
    cell.must("view release x");
    assert_eq!(mounts(&cell), Vec::<String>::new());
}
