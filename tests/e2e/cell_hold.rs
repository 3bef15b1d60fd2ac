//! What happens to a buildpack while a container stages from it: replaced, evicted, its store attacked.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use nix::unistd::geteuid;
use tests::desk::Desk;
use tests::held::{Held, WAITS};
use tests::kinds::{Kind, files_in};
use tests::origin::{Asset, Origin, Route};
use tests::pack::Pack;
use tests::skipped;

/// A buildpack of which much has not been read when its script begins.
fn version(number: u32) -> Pack {
    let mut pack = Pack::compiles(WAITS).with("version", 0o644, number.to_string());
    for at in 0..50 {
        pack = pack.with(&format!("lib/{at}"), 0o644, format!("{number} {at}"));
    }
    pack
}

fn route(number: u32) -> Route {
    Route::asset(Asset::new(version(number).tgz(), &format!("\"{number}\"")))
}

/// The trees in the store that hold a version.
fn trees(desk: &Desk, number: u32) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![desk.cell().store().join("objects")];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
            let at = entry.path();
            if entry.file_name() == "version" && fs::read_to_string(&at).ok() == Some(number.to_string()) {
                found.push(path.clone());
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(at);
            }
        }
    }
    found
}

/// One desk with one origin.
struct Bench {
    desk: Desk,
    origin: Origin,
    app: String,
}

impl Bench {
    fn new() -> Self {
        let desk = Desk::new(super::CELLCACHE, super::CELL);
        let app = desk.folder("app", &[("index.html", "hello")]);
        Self {
            app,
            origin: Origin::start([("/b.tgz", route(1))]),
            desk,
        }
    }

    fn line(&self, more: &str, out: &str) -> String {
        let url = self.origin.url("/b.tgz");
        // In place: the script reads from the view, not from a copy of its own.
        format!(
            "stage {} -b {url} {more} --env CELLCACHE_PLACEMENT=inplace --out {out}",
            self.app
        )
    }

    fn told(&self, out: &str) -> (String, String) {
        let files = files_in(&self.desk.path(out).join("droplet.tgz"), "./app/");
        (files["version"].clone(), files["entries"].trim().to_owned())
    }

    fn attack(&self) {
        let cell = self.desk.cell();
        let url = self.origin.url("/b.tgz");
        // A new version comes, in all ways in which one may.
        self.origin.set("/b.tgz", route(2));
        let fetched = cell.fetch(&format!("{url} --key {url}"));
        cell.must(&format!("lease release {}", fetched.word("lease")));
        let nothing = cell.file("nothing", "");
        cell.must(&format!("declare --group cell --consumer other --keys {nothing}"));
        for line in [
            "evict --all-unleased",
            "prune --group cell --apply",
            "lease reclaim",
            "verify --repair",
        ] {
            cell.must(line);
        }
        let object = cell.run(&format!("--json show {url}"));
        let evicted = cell.run(&format!("evict {url}"));
        assert!(matches!(evicted.code, Some(0 | 3 | 5)), "{evicted} {object}");
        if geteuid().is_root() {
            // Another user of this machine.
            let removed = Command::new("setpriv")
                .args([
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    "rm",
                    "-rf",
                    "--",
                ])
                .arg(cell.store())
                .output();
            assert!(removed.is_ok_and(|ended| !ended.status.success()));
        }
    }

    /// Two stagings hold the first version; it goes with the second of them, whatever was tried before.
    fn check(&self, label: &str, more: &str) {
        let (one, other) = (
            Held::start(&self.desk, &self.line(more, "one")),
            Held::start(&self.desk, &self.line(more, "other")),
        );
        assert_eq!(trees(&self.desk, 1).len(), 1, "{label}: shared");
        self.attack();
        assert_eq!(trees(&self.desk, 1).len(), 1, "{label}: both hold it");
        let ran = one.finish();
        assert_eq!(ran.code, Some(0), "{label}: {ran}");
        assert_eq!(
            trees(&self.desk, 1).len(),
            1,
            "{label}: the other one holds it still"
        );
        let ran = other.finish();
        assert_eq!(ran.code, Some(0), "{label}: {ran}");
        assert_eq!(
            trees(&self.desk, 1),
            Vec::<PathBuf>::new(),
            "{label}: nobody holds it"
        );
        let whole = ("1".to_owned(), "57".to_owned());
        assert_eq!(
            [self.told("one"), self.told("other")],
            [whole.clone(), whole],
            "{label}"
        );
        // Who comes later gets the new one.
        let ran = Held::start(&self.desk, &self.line(more, "later")).finish();
        assert_eq!(ran.code, Some(0), "{label}: {ran}");
        assert_eq!(self.told("later").0, "2", "{label}");
        self.desk.cell().must("verify");
        self.desk.assert_clean();
    }
}

/// Rules: C-85, Q3, Q4, Q10, I-4, I-5
#[test]
fn what_is_staged_from_stays_until_the_last_one_is_done() {
    let kinds = Kind::here(&Bench::new().desk);
    for kind in &kinds {
        if !kind.is_privileged {
            for way in ["auto", "links", "symlinks"] {
                let label = format!("{kind}, {way}");
                Bench::new().check(&label, &format!("{} --way {way}", kind.words()));
            }
        }
    }
    if kinds.is_empty() {
        skipped!("held in containers: there are none");
    }
    Bench::new().check("none", "--runtime none");
}
