//! Every runtime, with and without a user namespace, with buildpacks of every shape, shown in every way.
//!
//! What works, works; what cannot be is refused with its reason. `MATRIX_FULL=1` lets every shape be the final buildpack
//! with every runtime and way; without it they take turns.

use std::collections::BTreeMap;
use std::time::Instant;

use nix::unistd::geteuid;
use tests::cell::Ran;
use tests::desk::Desk;
use tests::kinds::{Kind, files_in, two_at_a_time};
use tests::pack::{Pack, Shape};
use tests::skipped;

/// The name of a file in a buildpack that only another view shows.
const MARKER: &str = "marker-of-another-view";

/// The tag files' prefix in the two versions of the fixture.
const BOTH: [&str; 2] = ["plain", "modern"];

/// A way, how it is asked for, and its word in reports.
#[derive(Debug, Clone, Copy)]
struct Way {
    words: &'static str,
    name: &'static str,
}

const WAYS: [Way; 5] = [
    Way {
        words: "--way slots",
        name: "P1",
    },
    Way {
        words: "--way slots --no-map-owner",
        name: "P1b",
    },
    Way {
        words: "--way links",
        name: "P2",
    },
    Way {
        words: "--way symlinks",
        name: "P3",
    },
    Way {
        words: "--way copy",
        name: "P4",
    },
];

/// What is staged with what.
struct Stage {
    desk: Desk,
    app: String,
    /// Buildpacks that compile, and such that finalize, each by its shape.
    plain: BTreeMap<&'static str, String>,
    modern: BTreeMap<&'static str, String>,
    /// Why mounts cannot be had, or owners cannot be mapped.
    no_mounts: Option<String>,
    no_map: Option<String>,
}

impl Stage {
    fn new(desk: Desk) -> Self {
        let app = desk.folder("app", &[("index.html", "hello")]);
        let fixture = Pack::fixture("shows-sight");
        let written = |version: &str, pack: &Pack| {
            let one = |shape: Shape| {
                let named = pack.clone().with("name", 0o644, shape.name());
                let folder = desk.path("files").join(version).join(shape.name());
                (shape.name(), named.write(&folder, shape))
            };
            Shape::ALL.into_iter().map(one).collect()
        };
        let plain = written(
            BOTH[0],
            &fixture.clone().without("bin/finalize").without("bin/supply"),
        );
        let modern = written(BOTH[1], &fixture.clone().without("bin/compile"));
        let mut stage = Self {
            app,
            plain,
            modern,
            desk,
            no_mounts: None,
            no_map: None,
        };
        stage.hold_another_view();
        stage.ask_what_can_be_had();
        stage
    }

    /// What another container has must stay out of sight.
    fn hold_another_view(&self) {
        let hidden = Pack::compiles("true").with(MARKER, 0o644, "hidden");
        let source = hidden.write(&self.desk.path("files/hidden"), Shape::Tgz);
        let list = self.desk.cell().file("hidden.list", format!("hidden {source}\n"));
        let at = self.desk.path("hidden-view");
        self.desk.cell().must(&format!(
            "view create {} --file {list} --holder other --way links",
            at.display()
        ));
    }

    fn ask_what_can_be_had(&mut self) {
        let said = self.desk.cell().run("doctor").text();
        let reason = |words: &str| {
            let (_, after) = said.split_once(words)?;
            Some(after.lines().next().unwrap_or_default().to_owned())
        };
        self.no_mounts = reason("no mounts: ");
        self.no_map = reason("no ID map: ").or_else(|| self.no_mounts.clone());
    }

    /// Stages with all four shapes, `last` behind the others.
    fn run(&self, kind: Kind, way: Way, version: &str, last: Shape, more: &str) -> (Ran, String) {
        let sources = if version == BOTH[0] {
            &self.plain
        } else {
            &self.modern
        };
        let others = Shape::ALL.into_iter().filter(|shape| *shape != last);
        let order: Vec<_> = others
            .chain([last])
            .map(|shape| format!("-b {0}={1}", shape.name(), sources[shape.name()]))
            .collect();
        let out = format!(
            "out-{}-{}-{}-{version}-{}",
            kind.runtime,
            kind.is_privileged,
            way.name,
            last.name()
        );
        let line = format!(
            "stage {} {} {} {} --env MARKER={MARKER} --env STORE={} --env CHOSEN={} --out {out} {more}",
            self.app,
            order.join(" "),
            kind.words(),
            way.words,
            self.desk.cell().store().display(),
            last.name(),
        );
        (self.desk.run(&line), out)
    }

    /// Why this cannot be, and the exit code of its refusal.
    fn refusal(&self, kind: Kind, way: Way) -> Option<(i32, String)> {
        let reason = "a privileged container could write into the store, so it gets copies only";
        match (&self.no_mounts, way.name) {
            (_, name) if kind.is_privileged && name != "P4" => Some((2, reason.to_owned())),
            (Some(reason), "P1" | "P1b") => Some((101, reason.clone())),
            _ => None,
        }
    }

    fn check(&self, kind: Kind, way: Way, turn: usize) {
        let label = format!("{kind}, {}", way.name);
        if let Some((code, reason)) = self.refusal(kind, way) {
            let (ran, _) = self.run(kind, way, BOTH[0], Shape::ALL[turn % 4], "");
            assert_eq!(ran.code, Some(code), "{label}: {ran}");
            assert!(ran.stderr.contains(&reason), "{label}: {ran}");
            return;
        }
        let is_full = super::rounds("MATRIX_FULL", 0) != 0;
        let takes_turn = |at: usize| is_full || at == turn % 4;
        for (at, shape) in Shape::ALL.into_iter().enumerate() {
            if takes_turn(at) {
                self.check_detected(&label, kind, way, shape);
            }
            if takes_turn((at + 1) % 4) {
                self.check_ordered(&label, kind, way, shape);
            }
        }
    }

    /// Each is asked, the last one is the application's: it compiles. They run in place.
    fn check_detected(&self, label: &str, kind: Kind, way: Way, last: Shape) {
        let more = "--env CELLCACHE_PLACEMENT=inplace";
        let (ran, out) = self.run(kind, way, BOTH[0], last, more);
        assert_eq!(ran.code, Some(0), "{label}: {ran}");
        let mut phases: Vec<_> = Shape::ALL.map(|shape| ("detect", shape)).into();
        phases.extend([("compile", last), ("release", last)]);
        self.check_sights(label, kind, way, &out, &phases, true);
    }

    /// All supply, and the last one finalizes. They run as the builder places them.
    fn check_ordered(&self, label: &str, kind: Kind, way: Way, last: Shape) {
        let (ran, out) = self.run(kind, way, BOTH[1], last, "--no-detect");
        assert_eq!(ran.code, Some(0), "{label}: {ran}");
        let mut phases: Vec<_> = Shape::ALL.map(|shape| ("supply", shape)).into();
        phases.extend([("finalize", last), ("release", last)]);
        self.check_sights(label, kind, way, &out, &phases, false);
    }

    fn check_sights(
        &self,
        label: &str,
        kind: Kind,
        way: Way,
        out: &str,
        phases: &[(&str, Shape)],
        in_place: bool,
    ) {
        let told = files_in(&self.desk.path(out).join("droplet.tgz"), "./app/sight/");
        let expected: Vec<_> = phases
            .iter()
            .map(|(phase, shape)| format!("{phase}-{}", shape.name()))
            .collect();
        let mut names: Vec<_> = expected.clone();
        names.sort();
        assert_eq!(told.keys().cloned().collect::<Vec<_>>(), names, "{label}");
        for (script, (_, shape)) in expected.iter().zip(phases) {
            let expected = self.sight(kind, way, *shape, in_place);
            let seen = told[script].lines();
            // Where a private copy is, is the builder's affair, and where links lead, the store's.
            let is_known = in_place && way.name != "P3";
            let seen: Vec<_> = seen
                .filter(|line| is_known || !line.starts_with("from "))
                .collect();
            assert_eq!(seen, expected, "{label}: {script}");
        }
        let report = self.desk.report(out);
        assert_eq!(report["sharing"], way.name, "{label}: {report}");
        let reason = report["sharing_reason"].as_str().unwrap_or_default();
        assert_eq!(
            reason.contains("no owner to map to was named"),
            way.name == "P1b",
            "{label}: {report}"
        );
    }

    /// What a script has to tell.
    fn sight(&self, kind: Kind, way: Way, shape: Shape, in_place: bool) -> Vec<String> {
        let owner = self.owner(kind, way);
        let top = if shape == Shape::NestedZip {
            "/buildpack-1.0"
        } else {
            ""
        };
        let names: Vec<_> = Shape::ALL.map(Shape::name).into();
        let objects = if way.name == "P3" { ".objects " } else { "" };
        let mut shown = names;
        shown.sort_unstable();
        let mut lines = vec!["user 2000:2000".to_owned(), "powers 0000000000000000".to_owned()];
        if in_place && way.name != "P3" {
            lines.push(format!("from /cached-downloads/{}{top}", shape.name()));
        }
        lines.extend([
            format!("owner {owner}"),
            "mode 755 644 755".to_owned(),
            "reads readable".to_owned(),
            "tool runs".to_owned(),
            format!("shown .manifest.json {objects}{} ", shown.join(" ")),
        ]);
        if way.name == "P3" && !self.is_by_root() {
            // The store's user is the container's, and can list what is its own.
            lines.extend(["sees what is not its own", "lists all objects"].map(str::to_owned));
        }
        lines
    }

    /// Whether root stages.
    fn is_by_root(&self) -> bool {
        geteuid().is_root() && self.desk.cell().user().is_none()
    }

    /// Whom the container sees as the owner of what is shown.
    fn owner(&self, kind: Kind, way: Way) -> &'static str {
        let is_mapped = !matches!(way.name, "P1b" | "P3") && self.no_map.is_none();
        match (is_mapped, kind.is_privileged) {
            (true, _) => "2000:2000",
            // The store's owner is root, or this very user, who is vcap inside.
            _ if !self.is_by_root() => "2000:2000",
            (false, true) => "0:0",
            // Nobody of this container.
            (false, false) => "65534:65534",
        }
    }
}

/// Stages with every kind in every way.
fn check_all(desk: Desk) {
    let stage = Stage::new(desk);
    let kinds = Kind::here(&stage.desk);
    if kinds.is_empty() {
        skipped!("the matrix: no containers");
        return;
    }
    if let Some(reason) = &stage.no_mounts {
        skipped!("the matrix: P1 and P1b are only seen to be refused: {reason}");
    }
    let begun = Instant::now();
    let cases = kinds.iter().flat_map(|kind| WAYS.map(|way| (*kind, way)));
    let cases: Vec<_> = cases.enumerate().collect();
    two_at_a_time(cases, |(turn, (kind, way))| stage.check(kind, way, turn));
    let user = stage.desk.cell().user().unwrap_or(geteuid().as_raw());
    let names: Vec<_> = kinds.iter().map(ToString::to_string).collect();
    eprintln!("user {user}: {}: {:?}", names.join("; "), begun.elapsed());
    // Whatever the scripts tried, the objects are what they were.
    stage.desk.cell().must("verify");
    stage.desk.cell().must("view release other");
    stage.desk.assert_clean();
}

/// Rules: Q2, Q5, Q7, C-85, C-130, I-1, I-4
#[test]
fn every_runtime_shows_every_shape_in_every_way() {
    check_all(Desk::new(super::CELLCACHE, super::CELL));
}

/// Rules: Q2, Q5, Q7, C-85, C-130, I-1, I-4
#[test]
fn an_ordinary_user_has_all_of_it_but_mounts_and_privileges() {
    if !geteuid().is_root() {
        skipped!("the matrix of another user: that takes root");
        return;
    }
    let desk = Desk::new(super::CELLCACHE, super::CELL).run_by(1000);
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_privileged) {
        let app = desk.folder("refused/app", &[("a", "b")]);
        let buildpack = desk.buildpack("refused/buildpack", "true", "true");
        let ran = desk.run(&format!(
            "stage {app} -b {buildpack} {} --out refused",
            kind.words()
        ));
        assert_eq!(ran.code, Some(103), "{ran}");
        assert!(ran.stderr.contains("A privileged container needs root"), "{ran}");
    }
    check_all(desk);
}

/// Rules: Q5, I-4
#[test]
fn without_a_container_there_are_copies_only() {
    let desk = Desk::new(super::CELLCACHE, super::CELL);
    let app = desk.folder("app", &[("a", "b")]);
    let buildpack = desk.buildpack("buildpack", "true", "true");
    for way in ["slots", "links", "symlinks", "copy", "auto"] {
        let line = format!("stage {app} -b {buildpack} --runtime none --way {way} --out {way}");
        let ran = desk.run(&line);
        if let "copy" | "auto" = way {
            assert_eq!(ran.code, Some(0), "{ran}");
            assert_eq!(desk.report(way)["sharing"], "P4");
        } else {
            assert_eq!(ran.code, Some(2), "{ran}");
            let words = format!("Without a container a view is made of copies, not with --way {way}");
            assert!(ran.stderr.contains(&words), "{ran}");
        }
    }
    desk.assert_clean();
}
