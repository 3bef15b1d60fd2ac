//! `cell stage`: buildpacks out of the cache, a container, a droplet, and nothing left behind.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tests::desk::Desk;
use tests::listing::Listing;
use tests::origin::{Asset, Origin, Route};
use tests::{skipped, tars, zips};

fn desk() -> Desk {
    Desk::new(super::CELLCACHE, super::CELL)
}

/// The scripts of a buildpack whose compile script tells who it is and what it may do.
const TELLS: &str = r#"here="$(cd "$(dirname "$0")/.." && pwd -P)"
{
  echo "user $(id -u):$(id -g)"
  echo "place $here"
  echo "shown $(ls -A /cached-downloads | tr '\n' ' ')"
  echo "owned by $(stat -c %u:%g /cached-downloads/tells/bin/compile)"
  touch /cached-downloads/tells/own 2>/dev/null && echo "writes" || echo "cannot write"
  chmod 777 /cached-downloads/tells/bin/compile 2>/dev/null && echo "changes" || echo "cannot change"
  echo "stack $CF_STACK memory $MEMORY_LIMIT home $HOME extra ${EXTRA:-}"
} >"$1/told""#;

/// One file of a droplet, as text.
#[track_caller]
fn unpacked(droplet: &Path, name: &str) -> String {
    let file = fs::File::open(droplet).expect("a droplet");
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(file));
    for member in archive.entries().expect("members") {
        let mut member = member.expect("a member");
        if member.path_bytes().as_ref() == name.as_bytes() {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut member, &mut text).expect("text");
            return text;
        }
    }
    panic!("no {name} in {}", droplet.display());
}

/// Scripts run as vcap, see their buildpack as their own and what they asked for, and cannot write to it.
///
/// Rules: Q2, Q7, C-85, I-4
#[test]
fn scripts_see_their_buildpack_as_vcap_and_cannot_write() {
    let desk = desk();
    if !desk.has_containers() {
        return;
    }
    let app = desk.folder("app", &[("index.html", "hello")]);
    let buildpack = desk.buildpack("tells", TELLS, "true");
    desk.must(&format!(
        "stage {app} -b {buildpack} --out out --stack moon --memory 300M --env EXTRA=more"
    ));
    let told = unpacked(&desk.path("out/droplet.tgz"), "./app/told");
    for words in [
        "user 2000:2000\n",
        "shown .manifest.json tells \n",
        "cannot write\n",
        "cannot change\n",
        "stack moon memory 300m home /home/vcap extra more\n",
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
    let report = desk.report("out");
    assert_eq!(report["buildpacks"][0]["name"], "tells");
    if report["sharing"] == "P1" {
        assert!(told.contains("owned by 2000:2000\n"), "{told}");
    }
    assert_eq!(
        unpacked(&desk.path("out/droplet.tgz"), "./app/index.html"),
        "hello"
    );
    desk.assert_clean();
}

/// Whatever form a buildpack comes in, it is one object; the second staging asks and reads nothing anew.
///
/// Rules: C-20, C-26
#[test]
fn sources_of_every_kind_are_cached() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let directory = desk.buildpack("plain", "touch \"$1/plain\"", "true");
    let zip = desk.cell().file("zipped.zip", zips::buildpack("compiles", []));
    let nested = nested_zip();
    let nested = desk.cell().file("nested.zip", nested);
    let tgz = desk.cell().file("packed.tgz", tgz());
    let origin = Origin::start([(
        "/far.zip",
        Route::asset(Asset::new(zips::buildpack("compiles", []), "\"1\"")),
    )]);
    let far = origin.url("/far.zip");
    for (name, source) in [
        ("plain", directory),
        ("zipped", zip),
        ("nested", nested),
        ("packed", tgz),
        ("far", far),
    ] {
        let line = format!("stage {app} -b {source} --runtime none --out out-{name}");
        desk.must(&line);
        let first = desk.report(&format!("out-{name}"));
        let how = first["buildpacks"][0]["how"].as_str().expect("a word").to_owned();
        assert!(["cold", "same_content"].contains(&how.as_str()), "{name}: {how}");
        let again = desk.must(&line);
        let how = &desk.report(&format!("out-{name}"))["buildpacks"][0]["how"];
        assert_eq!(how, "revalidated", "{name}: {again}");
        let listing = Listing::read(&desk.path(&format!("out-{name}/droplet.tgz")));
        assert!(listing.find("./app/a").is_some(), "{name}");
        let result = fs::read_to_string(desk.path(&format!("out-{name}/result.json"))).expect("result.json");
        assert!(result.contains(name), "{result}");
    }
    assert_eq!(origin.requests().len(), 2);
    desk.assert_clean();
}

/// The scripts of a fixture in one directory of an archive, as archives of repositories have it.
fn nested_zip() -> Vec<u8> {
    let below = desk_scripts().into_iter();
    let entries: Vec<_> = below
        .map(|(name, content)| zips::Entry::file(format!("buildpack-1.0/{name}"), content).mode(0o755))
        .collect();
    zips::zip(&entries)
}

fn tgz() -> Vec<u8> {
    let mut members = vec![tars::Member::folder("bin/", 0o755)];
    for (name, content) in desk_scripts() {
        members.push(tars::Member::file(name, content).mode(0o755));
    }
    tars::tgz(&members)
}

fn desk_scripts() -> Vec<(String, Vec<u8>)> {
    let scripts = tests::fixture::folder().join("buildpacks/compiles/bin");
    let names = tests::tree::list(&scripts);
    let read = |name: String| {
        let content = fs::read(scripts.join(&name)).expect("a script");
        (format!("bin/{name}"), content)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn the_builders_own_exit_code_is_ours() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let fixtures = tests::fixture::folder().join("buildpacks");
    for (name, code) in [
        ("detects-not", 222),
        ("fails-to-compile", 223),
        ("fails-to-release", 224),
    ] {
        let buildpack = fixtures.join(name).display().to_string();
        let ran = desk.run(&format!("stage {app} -b {buildpack} --runtime none --out out"));
        assert_eq!(ran.code, Some(code), "{name}: {ran}");
        assert!(
            ran.stderr
                .contains(&format!("error: The builder ended with exit code {code}")),
            "{ran}"
        );
        assert!(!desk.path("out/droplet.tgz").exists(), "{name}");
    }
    desk.assert_clean();
}

#[test]
fn several_buildpacks_supply_in_order() {
    let desk = desk();
    let demo = tests::fixture::folder().join("demo");
    let at = |name: &str| demo.join(name).display().to_string();
    let (app, web, site) = (at("field-notes"), at("web"), at("site"));
    let ran = desk.must(&format!(
        "stage {app} -b {web} -b {site} --no-detect --runtime none --out out"
    ));
    assert!(ran.text().contains("Supplying serve"), "{ran}");
    let listing = Listing::read(&desk.path("out/droplet.tgz"));
    assert!(listing.find("./deps/0/bin/serve").is_some());
    assert!(listing.find("./app/site/index.html").is_some());
    let again = desk.must(&format!(
        "stage {app} -b {web} -b {site} --no-detect --runtime none --out out"
    ));
    assert!(again.text().contains("from the artifacts cache"), "{again}");
    let other = desk.must(&format!(
        "stage {app} -b {web} -b {site} --no-detect --runtime none --out out --stack other"
    ));
    assert!(!other.text().contains("from the artifacts cache"), "{other}");
}

#[test]
fn a_staging_that_takes_too_long_ends() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let sleeps = tests::fixture::folder()
        .join("buildpacks/sleeps")
        .display()
        .to_string();
    let ran = desk.run(&format!(
        "stage {app} -b {sleeps} --no-detect --runtime none --out out --timeout 1s"
    ));
    assert_eq!(ran.code, Some(124), "{ran}");
    assert!(ran.stderr.contains("error: Not done after 1 s"), "{ran}");
    desk.assert_clean();
}

/// A script that puts a link in the place of a result gets nothing of this machine into the results.
///
/// Rules: I-1
#[test]
fn a_planted_link_is_not_followed() {
    let desk = desk();
    let secret = desk.cell().file("secret", "hidden");
    let app = desk.folder("app", &[("a", "b")]);
    let plants = desk.buildpack(
        "plants",
        &format!("ln -s {secret} \"$1/../output-cache\""),
        "true",
    );
    let ran = desk.run(&format!("stage {app} -b {plants} --runtime none --out out"));
    assert_ne!(ran.code, Some(0), "{ran}");
    let kept = fs::read_to_string(desk.path("out/artifacts-cache.tgz")).unwrap_or_default();
    assert!(!kept.contains("hidden"));
    desk.assert_clean();
}

/// Rules: K-01, K-02
#[test]
fn wrong_words_are_told_without_secrets() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let quick = desk.buildpack("quick", "true", "true");
    let check = |line: &str, code: i32, words: &str| {
        let ran = desk.run(line);
        assert_eq!(ran.code, Some(code), "{ran}");
        assert!(ran.stderr.contains(words), "{words} in {ran}");
        let all = format!("{}{}", ran.text(), ran.stderr);
        assert!(!all.contains("hunter2"), "{all}");
    };
    check("stage missing -b b", 101, "error: Failed to read the application");
    check(&format!("stage {app}"), 2, "--buildpack");
    check(
        &format!("stage {app} -b {quick} -b x/quick"),
        2,
        "Two buildpacks are called `quick`",
    );
    check(
        &format!("stage {app} -b ftp://u:hunter2@h/x.zip"),
        2,
        "ftp://***@h/x.zip cannot be asked for",
    );
    check(
        &format!("stage {app} https://u:hunter2@h/x.zip -b {quick}"),
        2,
        "unexpected argument",
    );
    check(
        &format!("stage {app} -b files/nothing"),
        101,
        "error: Failed to get the buildpacks",
    );
    check(
        &format!("stage {app} -b http://u:hunter2@127.0.0.1:1/x.zip"),
        101,
        "***@127.0.0.1:1/x.zip",
    );
    check(
        &format!("stage {app} -b {quick} --rootfs files/nothing"),
        2,
        "is no directory",
    );
    check(&format!("stage {app} -b {quick} --env =x"), 2, "Not a variable");
    check(
        &format!("stage {app} -b {quick} --private-buildpacks quik"),
        2,
        "error: No buildpack is called `quik`\nhelp: a buildpack's name is",
    );
    let empty = desk.folder("empty", &[]);
    check(&format!("stage {empty} -b {quick}"), 101, "it is empty");
    desk.assert_clean();
}

/// An app is copied as the platform's client would: what leads out of it is refused, results of before stay out.
#[test]
fn an_application_is_what_is_in_it() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let quick = desk.buildpack("quick", "true", "true");
    let line = format!("stage {app} -b {quick} --runtime none --out files/app/out");
    desk.must(&line);
    desk.must(&line);
    let listing = Listing::read(&desk.path("files/app/out/droplet.tgz"));
    assert!(
        !listing.names().iter().any(|name| name.contains("out")),
        "{:?}",
        listing.names()
    );
    symlink("/etc/passwd", Path::new(&app).join("out-of-it")).expect("a link");
    let ran = desk.run(&line);
    assert_eq!(ran.code, Some(101), "{ran}");
    assert!(ran.stderr.contains("out-of-it"), "{ran}");
    let zip = desk
        .cell()
        .file("app.zip", zips::zip(&[zips::Entry::file("z", "zipped")]));
    desk.must(&format!("stage {zip} -b {quick} --runtime none --out zipped"));
    assert_eq!(unpacked(&desk.path("zipped/droplet.tgz"), "./app/z"), "zipped");
    desk.assert_clean();
}

/// A repository is cloned on this side, without its history, and is one object of the cache for every staging.
#[test]
fn a_repository_is_cloned_into_the_cache() {
    let desk = desk();
    let app = desk.folder("app", &[("a", "b")]);
    let repository = desk.buildpack("repository", "test ! -e \"$0/../../.git\"", "true");
    let git = |words: &[&str]| {
        let run = std::process::Command::new("git")
            .arg("-C")
            .arg(&repository)
            .args(words)
            .output();
        run.is_ok_and(|output| output.status.success())
    };
    let identity = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "commit",
        "-qm",
        "one",
    ];
    if !(git(&["init", "-q"]) && git(&["add", "."]) && git(&identity)) {
        skipped!("no git");
        return;
    }
    let line = format!("stage {app} -b file://{repository} --runtime none --out out");
    desk.must(&line);
    assert_eq!(desk.report("out")["buildpacks"][0]["how"], "cold");
    desk.must(&line);
    let how = desk.report("out")["buildpacks"][0]["how"]
        .as_str()
        .expect("a word")
        .to_owned();
    assert!(["revalidated", "same_content"].contains(&how.as_str()), "{how}");
    let ran = desk.run(&format!(
        "stage {app} -b file://{repository}/nothing --runtime none --out out"
    ));
    assert_eq!(ran.code, Some(101), "{ran}");
    assert!(ran.stderr.contains("error: Failed to clone file://"), "{ran}");
    assert!(!ran.stderr.contains("Cloning into"), "{ran}");
    desk.assert_clean();
}
