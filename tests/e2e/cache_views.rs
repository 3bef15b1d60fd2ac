//! Views: what a container is shown.

use std::fs;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use serde_json::Value;
use tests::cell::{Cell, Ran};
use tests::origin::{Asset, Origin, Route};
use tests::tars::{self, Member};

use super::cell;

fn origin() -> Origin {
    let asset = |text: &str| Route::asset(Asset::new(tars::tgz(&[Member::file("f", text)]), "\"1\""));
    Origin::start([
        ("/a", asset("one")),
        ("/b", asset("two")),
        ("/secret", asset("hidden")),
    ])
}

fn create(cell: &Cell, origin: &Origin, name: &str, lines: &str) -> Ran {
    let list = cell.file(&format!("{name}.list"), lines.replace("URL", &origin.url("")));
    let directory = cell.path("files").join(name);
    cell.run(&format!(
        "--json view create {} --file {list} --holder {name}",
        directory.display()
    ))
}

fn read(cell: &Cell, path: &str) -> Option<String> {
    fs::read_to_string(cell.path("files").join(path)).ok()
}

fn leases(cell: &Cell) -> usize {
    cell.must("--json lease list").values().len()
}

/// A view of one asset is read in its place: no mounts, and the reason is said, the same to everybody.
///
/// Rules: Q5, S-18
#[test]
fn a_view_of_one_asset_says_its_way_and_why() {
    let (cell, origin) = (cell(), origin());
    let reason = "no mounts: it is read in its place";
    let line = |at: &str| {
        let out = cell.path("files").join(at);
        format!(
            "fetch {} --key a --as view --out {}",
            origin.url("/a"),
            out.display()
        )
    };
    let told = cell.must(&line("v"));
    assert!(told.text().ends_with(&format!("way: P2 ({reason})\n")), "{told}");
    assert_eq!(read(&cell, "v/a/f").as_deref(), Some("one"));
    let json = cell.must(&format!("--json {}", line("w")));
    assert_eq!(
        (json.at("way"), json.at("reason")),
        (Value::from("P2"), Value::from(reason))
    );
    assert_eq!(json.at("manifest")["reason"], reason, "{json}");
}

/// A view as a runtime shows it: mounted as the program said. Gone when dropped.
struct Mounted(PathBuf);

impl Mounted {
    /// None without the right to mount.
    fn of(cell: &Cell, created: &Ran) -> Option<Self> {
        let target = cell.path("files/seen");
        fs::create_dir(&target).expect("a folder");
        let none: Option<&str> = None;
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID;
        let seen = Self(target.clone());
        for shown in created.at("mounts").as_array().expect("mounts") {
            let destination = Path::new(shown["destination"].as_str().expect("a path"));
            let place = target.join(destination.strip_prefix("/cached-downloads").expect("below"));
            if mount(shown["source"].as_str(), &place, none, MsFlags::MS_BIND, none).is_err() {
                tests::skipped!("a view as a container sees it: no right to mount one");
                return None;
            }
            assert_eq!(shown["read_only"], true, "{created}");
            mount(none, &place, none, flags, none).expect("remounted");
        }
        Some(seen)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _gone = umount2(&self.0, MntFlags::MNT_DETACH);
    }
}

/// Rules: C-07, C-09, C-85, Q2, Q3, Q5, Q16, Q24, I-4
#[test]
fn a_view_shows_what_was_asked_for_and_keeps_it() {
    let (cell, origin) = (cell(), origin());
    cell.must(&format!("fetch {} --key secret", origin.url("/secret")));
    let ran = create(&cell, &origin, "v", "a URL/a\nb URL/b\n");
    assert_eq!(ran.code, Some(0), "{ran}");
    let mut names: Vec<_> = fs::read_dir(cell.path("files/v"))
        .expect("a view")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    names.sort();
    assert_eq!(names, [".manifest.json", "a", "b"]);
    assert_eq!(read(&cell, "v/a/f").as_deref(), Some("one"));
    assert_eq!(read(&cell, "v/b/f").as_deref(), Some("two"));
    let manifest = read(&cell, "v/.manifest.json").expect("a manifest");
    let value: Value = serde_json::from_str(&manifest).expect("JSON");
    let text = value.to_string();
    for fact in ["\"key\"", "\"sha256\"", "\"etag\"", "\"stale\"", "\"name\""] {
        assert!(text.contains(fact), "no {fact} in {text}");
    }
    assert!(!text.contains("secret") && !text.contains("hidden"), "{text}");
    // What a container gets is what the runtime mounts.
    let seen = Mounted::of(&cell, &ran);
    if let Some(seen) = &seen {
        let refused = fs::write(seen.join("a/f"), "x").expect_err("writing into a view");
        assert_eq!(refused.raw_os_error(), Some(nix::libc::EROFS));
    }
    // A new version comes; the view keeps what it was made with.
    let newer = Asset::new(tars::tgz(&[Member::file("f", "newer")]), "\"2\"");
    origin.set("/b", Route::asset(newer));
    cell.must(&format!("fetch {} --key b", origin.url("/b")));
    cell.must("evict --all-unleased");
    assert_eq!(read(&cell, "v/b/f").as_deref(), Some("two"));
    if let Some(seen) = seen {
        assert_eq!(fs::read_to_string(seen.join("b/f")).ok().as_deref(), Some("two"));
        drop(seen);
    }
    let before = leases(&cell);
    let directory = cell.path("files/v");
    assert!(cell.must("--json view list").text().contains("\"v\"") || before >= 2);
    cell.must(&format!("view release {}", directory.display()));
    assert_eq!(leases(&cell), before - 2);
    assert!(!directory.exists(), "the view is still there");
    let again = cell.run(&format!("view release {}", directory.display()));
    assert!(matches!(again.code, Some(0 | 3)), "{again}");
}

/// Rules: C-07, C-85, Q16, Q17, I-5
#[test]
fn a_failing_entry_fails_the_view_and_leaves_nothing() {
    let (cell, origin) = (cell(), origin());
    cell.open();
    let ran = create(&cell, &origin, "v", "a URL/a\nx URL/missing\nb URL/b\n");
    assert_eq!(ran.code, Some(4), "{ran}");
    assert!(!cell.path("files/v").exists());
    assert_eq!(leases(&cell), 0);
    let optional = "{\"key\":\"a\",\"source\":\"URL/a\"}\n\
                    {\"key\":\"x\",\"source\":\"URL/missing\",\"optional\":true}\n";
    let ran = create(&cell, &origin, "w", optional);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(read(&cell, "w/a/f").as_deref(), Some("one"));
    let manifest = read(&cell, "w/.manifest.json").expect("a manifest");
    assert!(
        manifest.contains("\"x\""),
        "what is absent is not listed: {manifest}"
    );
    cell.must(&format!("view release {}", cell.path("files/w").display()));
}

/// Rules: Q18
#[test]
fn two_entries_of_one_name_are_refused_before_anything_is_asked() {
    let (cell, origin) = (cell(), origin());
    let lines = "{\"key\":\"a\",\"name\":\"x\",\"source\":\"URL/a\"}\n\
                 {\"key\":\"b\",\"name\":\"x\",\"source\":\"URL/b\"}\n";
    let ran = create(&cell, &origin, "v", lines);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert_eq!(origin.connections(), 0);
}

/// Rules: C-09, Q5, Q13
#[test]
fn a_plan_names_the_mounts() {
    let (cell, origin) = (cell(), origin());
    let list = cell.file("list", format!("a {}\n", origin.url("/a")));
    let ran = cell.must(&format!("--json view plan --file {list} --holder box"));
    let text = ran.text();
    assert!(
        text.contains("\"source\"") && text.contains("\"destination\"") && text.contains("\"ro\""),
        "{text}"
    );
    assert_eq!(leases(&cell), 1, "what is planned is not held");
}
