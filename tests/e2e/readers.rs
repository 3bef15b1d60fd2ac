//! Droplet and artifacts cache in the hands of other people's readers (§16.2, B-09).

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::bufread::GzDecoder;
use flate2::read::MultiGzDecoder;
use nix::unistd::geteuid;
use tests::inventory::{Difference, Inventory};
use tests::odd_tree;
use tests::program::End;
use tests::reader::{self, Reader};
use tests::sandbox::Sandbox;
use tests::scenario::Scenario;

use super::program;

/// More than a number of 16 bits.
const CROWD: usize = 70_000;

/// Runs a scenario on a prepared sandbox and expects success.
fn stage(scenario: &Scenario, sandbox: &Sandbox) {
    let running = scenario.start(&program(), sandbox);
    let (end, _) = running.finish();
    let errors = fs::read(sandbox.path("streams/stderr")).expect("standard error");
    assert_eq!(end, End::Exit(0), "{}", String::from_utf8_lossy(&errors));
    assert_eq!(String::from_utf8_lossy(&errors), "");
}

/// Rows: R16.2-03, R16.2-04, R16.2-07, R16.2-08, R16.2-09, R16.2-10, R16.2-11, R16.2-12, R16.2-13, R16.2-14, R16.2-15
///
/// Rows: R16.2-17, R16.3-01
#[test]
fn every_reader_restores_the_tree() {
    if !geteuid().is_root() {
        tests::skipped!("in part: without root there are no {}", odd_tree::ROOT_ONLY);
    }
    let scenario = Scenario::skip("odd", "").buildpack("a", "caches-app");
    let sandbox = scenario.prepare();
    fs::create_dir(sandbox.path("app/odd")).expect("a folder");
    odd_tree::make(&sandbox.path("app/odd"));
    stage(&scenario, &sandbox);

    let app = without_sockets(&sandbox.path("app"));
    let cache = without_sockets(&sandbox.path("cache"));
    assert_eq!(cache.get("final/odd/owner-huge").is_some(), geteuid().is_root());
    let mut failures = Vec::new();
    for reader in Reader::ALL.into_iter().filter(|reader| reader.is_there()) {
        for (archive, inner, wanted) in [("droplet.tgz", "app", &app), ("cache.tgz", ".", &cache)] {
            let folder = sandbox.path("unpacked");
            reader.unpack(&sandbox.path("out").join(archive), &folder, sandbox.root());
            let found = wanted.differences(&Inventory::of(&folder.join(inner)));
            failures.extend(report(reader, archive, &reader.forgive(found)));
            odd_tree::remove(&folder);
        }
    }
    odd_tree::remove(&sandbox.path("app"));
    odd_tree::remove(&sandbox.path("cache"));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Rows: R16.2-01, R16.2-02
#[test]
fn every_reader_lists_a_crowded_folder() {
    let scenario = Scenario::skip("crowd", "").buildpack("a", "compiles");
    let sandbox = scenario.prepare();
    odd_tree::crowd(&sandbox.path("app/crowd"), CROWD);
    stage(&scenario, &sandbox);
    let droplet = sandbox.path("out/droplet.tgz");
    for reader in Reader::ALL.into_iter().filter(|reader| reader.is_there()) {
        let listed = reader.list(&droplet, sandbox.root());
        let mut names: Vec<_> = listed
            .lines()
            .filter_map(|line| line.split_once("app/crowd/"))
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(
            names.iter().filter(|(_, name)| name.len() == 5).count(),
            CROWD,
            "{reader:?}"
        );
    }
}

fn without_sockets(root: &Path) -> Inventory {
    Inventory::of(root).retain(|_, entry| entry.kind != 's')
}

fn report(reader: Reader, archive: &str, found: &[Difference]) -> Option<String> {
    let shown = |difference: &Difference| {
        let name = difference.name.escape_ascii();
        format!(
            "  {:?} of {} {name}: {}",
            difference.fact, difference.kind, difference.values
        )
    };
    let lines: Vec<_> = found.iter().take(20).map(shown).collect();
    let (count, lines) = (found.len(), lines.join("\n"));
    (count > 0).then(|| format!("{reader:?} restores {count} facts of {archive} otherwise:\n{lines}"))
}

/// A path beyond what the system takes in one call: packed all the same, and told by every reader.
///
/// Rows: R16.2-17
#[test]
fn every_reader_lists_a_tree_of_2000_levels() {
    const NAME: &str = "level";
    const LEVELS: usize = 2_000;
    let scenario = Scenario::skip("deep", "").buildpack("a", "compiles");
    let sandbox = scenario.prepare();
    odd_tree::deep(&sandbox.path("app"), NAME, LEVELS);
    stage(&scenario, &sandbox);
    let bottom = format!("./app/{}bottom", format!("{NAME}/").repeat(LEVELS));
    for reader in Reader::ALL.into_iter().filter(|reader| reader.is_there()) {
        if let Some((_, reason)) = reader::SHORT_NAMES.iter().find(|(short, _)| *short == reader) {
            println!("{reader:?} is left out: {reason}");
            continue;
        }
        let listed = reader.list(&sandbox.path("out/droplet.tgz"), sandbox.root());
        let deepest = listed.lines().max_by_key(|line| line.len()).unwrap_or_default();
        let plain = |name: &str| name.trim_start_matches("./").to_owned();
        assert!(
            plain(deepest) == plain(&bottom),
            "{reader:?} shows {} bytes, not {}",
            deepest.len(),
            bottom.len()
        );
        assert_eq!(
            listed.matches(NAME).count(),
            LEVELS * (LEVELS + 1) / 2 + LEVELS,
            "{reader:?}"
        );
    }
    odd_tree::remove(&sandbox.path("app"));
}

/// Stages an app of some megabytes and gives its droplet.
fn sizeable(flags: &[&str]) -> (Sandbox, PathBuf) {
    let scenario = Scenario::skip("sizeable", "")
        .buildpack("a", "compiles")
        .flags(flags);
    let sandbox = scenario.prepare();
    let lines: Vec<_> = (0..400_000).map(|number| format!("line {number}\n")).collect();
    fs::write(sandbox.path("app/text"), lines.concat()).expect("an app");
    stage(&scenario, &sandbox);
    let droplet = sandbox.path("out/droplet.tgz");
    (sandbox, droplet)
}

/// How many gzip members a file has.
fn members(archive: &Path) -> usize {
    let bytes = fs::read(archive).expect("an archive");
    let (mut rest, mut count) = (bytes.as_slice(), 0);
    while !rest.is_empty() {
        std::io::copy(&mut GzDecoder::new(&mut rest), &mut std::io::sink()).expect("a gzip member");
        count += 1;
    }
    count
}

/// Rows: R16.2-01, R16.2-06
#[test]
fn the_gzip_stream_is_of_one_member_if_asked_for_and_accepted_either_way() {
    for (flags, whole) in [(&[][..], false), (&["-compression=single"], true)] {
        let (sandbox, droplet) = sizeable(flags);
        assert_eq!(
            members(&droplet) == 1,
            whole,
            "{flags:?}: {} members",
            members(&droplet)
        );
        let mut wanted = Vec::new();
        let file = File::open(&droplet).expect("droplet");
        MultiGzDecoder::new(file).read_to_end(&mut wanted).expect("gzip");
        assert!(wanted.len() > 4_000_000 && wanted.len().is_multiple_of(10_240));
        let python =
            "import gzip, shutil, sys; shutil.copyfileobj(gzip.open(sys.argv[1]), sys.stdout.buffer)";
        for (program, arguments, expected) in [
            ("gzip", &["-t"][..], &[][..]),
            ("gzip", &["-dc"], &wanted),
            ("python3", &["-c", python], &wanted),
            ("busybox", &["gunzip", "-c"], &wanted),
        ] {
            if !reader::is_there(program) {
                tests::skipped!("{program}: it is not there");
                continue;
            }
            let output = Command::new(program)
                .args(arguments)
                .arg(&droplet)
                .output()
                .expect("a program");
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success() && errors.is_empty(),
                "{program} {flags:?}: {errors}"
            );
            assert!(
                output.stdout == expected,
                "{program} {flags:?} unpacks other bytes"
            );
        }
        drop(sandbox);
    }
}
