//! Buildpacks downloaded as zip archives (§6.1-6.3), from an origin on loopback.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::certificates::{Authority, Purpose};
use tests::expect::Expect;
use tests::key;
use tests::origin::{Origin, Reply, Resource, Route};
use tests::outcome::Outcome;
use tests::program::End;
use tests::scenario::Scenario;
use tests::zips::{self, Entry};

use super::{hold, program};

const COMPILED: &str = "compile 2 ROOT/app ROOT/cache/final\n";

/// Stages one buildpack by its URL.
fn stage(url: &str) -> Outcome {
    Scenario::skip("download", "").order(url).run(&program())
}

/// Serves an archive as `/bp.zip`, stages it, and gives the outcome with the folder that it was extracted into.
fn extract(archive: &[u8]) -> (Outcome, std::path::PathBuf) {
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(archive)))]);
    let url = origin.url("/bp.zip");
    let outcome = stage(&url);
    let folder = outcome.sandbox.path("dl").join(key::primary(url.as_bytes()));
    (outcome, folder)
}

fn mode(path: &std::path::Path) -> u32 {
    fs::symlink_metadata(path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .permissions()
        .mode()
        & 0o7777
}

/// Rows: R6.1-02, R6.2-01, R6.2-08, R6.2-09, R6.3-04, R19-12, R18-02, R5.2-01, R6.1-06
#[test]
fn a_download_is_extracted_and_used() {
    let archive = zips::buildpack("compiles", []);
    let origin = Origin::start([("/x/bp.zip", Route::always(Reply::ok(&archive)))]);
    let url = format!("{}?a=b%20c#fragment", origin.url("/x/bp.zip"));
    let outcome = stage(&url);
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    let size = archive.len();
    let size = if size < 1024 {
        format!("{size}B")
    } else {
        panic!("the archive is too long for this test")
    };
    let first = outcome.stdout.lines().next().unwrap_or_default().to_owned();
    assert!(
        first.starts_with("Downloaded buildpack `http://127.0.0.1:"),
        "{first}"
    );
    assert!(
        first.ends_with(&format!("` ({size})")),
        "{first}, expected {size}"
    );
    assert!(outcome.stdout.ends_with(COMPILED));
    assert_eq!(outcome.result_at("/lifecycle_metadata/buildpack_key"), url);
    let requests = origin.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].target.as_str()),
        ("GET", "/x/bp.zip?a=b%20c")
    );
    for name in ["if-none-match", "if-modified-since", "authorization"] {
        assert_eq!(requests[0].header(name), None, "{name}");
    }
    assert!(
        outcome
            .sandbox
            .path("dl")
            .join(key::primary(url.as_bytes()))
            .join("bin/compile")
            .exists()
    );
    assert_eq!(outcome.left, Vec::<String>::new());
}

/// Rows: R6.2-01
#[test]
fn user_info_becomes_basic_authentication() {
    let origin = Origin::start([(
        "/bp.zip",
        Route::always(Reply::ok(&zips::buildpack("compiles", []))),
    )]);
    let outcome = stage(&origin.url_with("us%65r:pa%40ss", "/bp.zip"));
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert_eq!(
        origin.requests()[0].header("authorization"),
        Some("Basic dXNlcjpwYUBzcw==")
    );
}

/// Rows: R6.2-03
#[test]
fn redirects_are_followed() {
    let archive = zips::buildpack("compiles", []);
    let origin = Origin::start([
        ("/a.zip", Route::always(Reply::redirect("/b"))),
        ("/b", Route::always(Reply::redirect("/c?d"))),
        ("/c", Route::always(Reply::ok(&archive))),
    ]);
    let outcome = stage(&origin.url("/a.zip"));
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
}

/// Rows: R6.2-04, R6.2-10, R6.2-11, R6.2-12, R17-02, R1-08, R6.2-08
#[test]
fn other_statuses_fail() {
    for status in [201, 206, 404, 403] {
        let origin = Origin::start([("/bp.zip", Route::always(Reply::with_body(status, &[], b"no")))]);
        let url = origin.url("/bp.zip");
        let outcome = stage(&url);
        assert_eq!(outcome.end, End::Exit(1), "{status}");
        assert!(
            outcome
                .stderr
                .starts_with(&format!("Failed to download buildpack '{url}': ")),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome
                .stderr
                .contains(&format!("Download failed: Status code {status}")),
            "{}",
            outcome.stderr
        );
        assert_eq!((outcome.stdout.as_str(), outcome.result.as_deref()), ("", None));
        assert_eq!(outcome.left, Vec::<String>::new());
    }
}

/// Rows: R6.2-05, R6.2-13
#[test]
fn a_download_that_breaks_off_is_tried_again() {
    let archive = zips::buildpack("compiles", []);
    let cut = Reply::Resource(Resource::new(&archive, "\"v\"").cut(100));
    let whole = Reply::Resource(Resource::new(&archive, "\"v\""));
    let origin = Origin::start([("/bp.zip", Route::Replies(vec![cut, whole]))]);
    let outcome = stage(&origin.url("/bp.zip"));
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert_eq!(origin.requests().len(), 2);
}

/// Rows: R6.2-02, R3-08
#[test]
fn certificates_are_checked_unless_told_not_to() {
    let authority = Authority::new("test root");
    let leaf = authority.issue(&["127.0.0.1"], Purpose::Server);
    let archive = zips::buildpack("compiles", []);
    let routes = || [("/bp.zip", Route::always(Reply::ok(&archive)))];
    let origin = Origin::start_tls(routes(), leaf.server(None));
    let url = origin.url("/bp.zip");
    let untrusted = Scenario::skip("tls", "")
        .order(&url)
        .env("CF_SYSTEM_CERT_PATH", "{root}");
    let outcome = untrusted
        .clone()
        .file("{root}/root.crt", authority.pem())
        .run(&program());
    assert_eq!(outcome.end, End::Exit(1), "CF_SYSTEM_CERT_PATH was consulted");
    assert!(
        outcome.stderr.starts_with("Failed to download buildpack '"),
        "{}",
        outcome.stderr
    );
    let outcome = untrusted.clone().flags(&["-skipCertVerify"]).run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    let trusting = untrusted
        .file("{root}/trust.pem", authority.pem())
        .env("SSL_CERT_FILE", "{root}/trust.pem");
    let outcome = trusting.run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
}

/// Rows: R3-07
#[test]
fn loopback_is_never_proxied() {
    let proxy = Origin::start([]);
    let origin = Origin::start([(
        "/bp.zip",
        Route::always(Reply::ok(&zips::buildpack("compiles", []))),
    )]);
    let address = format!("http://{}", proxy.address());
    let scenario = Scenario::skip("proxy", "").order(origin.url("/bp.zip"));
    let outcome = scenario
        .env("http_proxy", &address)
        .env("HTTPS_PROXY", &address)
        .run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert_eq!(proxy.connections(), 0);
}

/// Rows: R3-07
#[test]
fn other_hosts_are_proxied() {
    let archive = zips::buildpack("compiles", []);
    let proxy = Origin::start([(
        "http://buildpacks.invalid/bp.zip",
        Route::always(Reply::ok(&archive)),
    )]);
    let address = format!("http://{}", proxy.address());
    let scenario = Scenario::skip("proxy", "").order("http://buildpacks.invalid/bp.zip");
    let outcome = scenario.env("http_proxy", address).run(&program());
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
}

/// Rows: R6.1-04, R6.1-05
#[test]
fn keys_that_are_no_urls_are_refused() {
    let reasons = [
        (":x", "missing protocol scheme"),
        ("1a:b", "first path segment in URL cannot contain colon"),
        (
            "git@host:o/r.git",
            "first path segment in URL cannot contain colon",
        ),
        ("a%zz", "invalid URL escape"),
        ("a\u{7f}b", "invalid control character in URL"),
        ("http://[::1", "missing ']' in host"),
    ];
    let table = reasons.map(|(key, reason)| {
        Scenario::skip(key, "R6.1-04, R6.1-05, R17-02")
            .order(key)
            .exit(1)
            .stdout("")
            .stderr_has("Invalid buildpack url (")
            .stderr_has(reason)
    });
    hold(&table);
}

/// Rows: R6.1-01
#[test]
fn other_keys_are_looked_up_locally() {
    let keys = [
        "a b", " a", "é", "a/b", "../x", "/a:b", "./a:b", "a/b:c", "a?b:c", "a#b:c", "//host/x", "a\\b",
        "a%41",
    ];
    let table = keys.map(|key| {
        Scenario::skip(key, "R6.1-01")
            .buildpack(key, "compiles")
            .exit(0)
            .stdout(COMPILED)
    });
    hold(&table);
}

/// Rows: R6.3-01, R6.3-02, R6.2-10, R6.2-04
#[test]
fn what_is_no_zip_archive_is_refused() {
    let mut shifted = b"in front".to_vec();
    shifted.extend(zips::buildpack("compiles", []));
    for (bytes, reason) in [
        (b"<html>not a zip</html>".to_vec(), "is not a zip archive"),
        (shifted, "is not a zip archive"),
        (zips::zip(&[]), "is not a zip archive"),
        (Vec::new(), "EOF"),
    ] {
        let (outcome, _) = extract(&bytes);
        assert_eq!(outcome.end, End::Exit(1));
        assert!(
            outcome.stderr.starts_with("Failed to extract buildpack 'http://"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains(reason), "{reason}: {}", outcome.stderr);
        assert_eq!(outcome.left, Vec::<String>::new());
    }
}

/// Rows: R6.3-03, R6.3-05, R6.3-06
#[test]
fn trailing_bytes_and_the_encryption_flag_alone_do_no_harm() {
    let mut archive = zips::buildpack(
        "compiles",
        [
            Entry::file("stored", "s").stored(),
            Entry::file("flagged", "f").flags(1),
        ],
    );
    archive.extend(b"after the end");
    let (outcome, folder) = extract(&archive);
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    assert_eq!(fs::read(folder.join("stored")).expect("stored"), b"s");
    assert_eq!(fs::read(folder.join("flagged")).expect("flagged"), b"f");
}

/// Rows: R6.3-05
#[test]
fn methods_and_checksums() {
    let unsupported = zips::buildpack("compiles", [Entry::file("x", "x").method(12)]);
    let damaged = zips::buildpack("compiles", [Entry::file("x", "x").checksum(1)]);
    for archive in [unsupported, damaged] {
        let (outcome, _) = extract(&archive);
        assert_eq!(outcome.end, End::Exit(1));
        assert!(
            outcome.stderr.starts_with("Failed to extract buildpack 'http://"),
            "{}",
            outcome.stderr
        );
    }
}

/// Rows: R6.3-08, R6.3-09, R6.3-10, R6.3-11, R6.3-12, R5.3-04
#[test]
fn modes_links_and_names() {
    let entries = [
        Entry::folder("private/", 0o700),
        Entry::file("private/f", "f").mode(0o640),
        Entry::file("deep/er/f", "f").mode(0o666),
        Entry::file("dos", "").made_on_dos(0),
        Entry::file("dos-read-only", "").made_on_dos(1),
        Entry::link("out", "/nowhere/at/all"),
        Entry::file(b"lat\xe9n", ""),
        Entry::file("back\\slash", ""),
    ];
    let (outcome, folder) = extract(&zips::buildpack("compiles", entries));
    assert_eq!(outcome.end, End::Exit(0), "{}", outcome.stderr);
    let modes = [
        ("private", 0o700),
        ("private/f", 0o640),
        ("deep", 0o755),
        ("deep/er/f", 0o644),
        ("dos", 0o644),
        ("dos-read-only", 0o444),
        ("bin/compile", 0o755),
        ("back\\slash", 0o644),
    ];
    for (name, expected) in modes {
        assert_eq!(mode(&folder.join(name)), expected, "{name}");
    }
    assert_eq!(
        fs::read_link(folder.join("out")).expect("link"),
        std::path::Path::new("/nowhere/at/all")
    );
    let names: Vec<_> = fs::read_dir(&folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name())
        .collect();
    let latin = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"lat\xe9n");
    assert!(names.iter().any(|name| name == latin), "{names:?}");
}

/// Rows: R6.3-10, R9-11
#[test]
fn scripts_without_unix_modes_are_not_executable() {
    let entries: Vec<_> = zips::fixture("compiles")
        .into_iter()
        .map(|entry| entry.made_on_dos(0))
        .collect();
    let (outcome, _) = extract(&zips::zip(&entries));
    // Placing mends the bits of an archive's scripts, or the legacy's failure stands: never anything else.
    assert!(
        matches!(outcome.end, End::Exit(0 | 223)),
        "{:?} {}",
        outcome.end,
        outcome.stderr
    );
}

/// Rows: R6.3-04, R6.3-09, R6.3-11
#[test]
fn an_existing_destination_is_written_into() {
    let archive = zips::buildpack("compiles", [Entry::file("kept-mode", "new").mode(0o755)]);
    let origin = Origin::start([("/bp.zip", Route::always(Reply::ok(&archive)))]);
    let url = origin.url("/bp.zip");
    let scenario = Scenario::skip("again", "").order(&url);
    let sandbox = scenario.prepare();
    let folder = sandbox.path("dl").join(key::primary(url.as_bytes()));
    fs::create_dir_all(&folder).expect("folder");
    fs::write(folder.join("other"), "stays").expect("other");
    fs::write(folder.join("kept-mode"), "old and longer").expect("kept-mode");
    fs::set_permissions(folder.join("kept-mode"), fs::Permissions::from_mode(0o604)).expect("mode");
    let (end, _) = scenario.start(&program(), &sandbox).finish();
    assert_eq!(end, End::Exit(0));
    assert_eq!(fs::read(folder.join("other")).expect("other"), b"stays");
    assert_eq!(fs::read(folder.join("kept-mode")).expect("kept-mode"), b"new");
    assert_eq!(mode(&folder.join("kept-mode")), 0o604);
    let link = zips::buildpack("compiles", [Entry::link("kept-mode", "x")]);
    let origin = Origin::start([("/bp.zip", Route::Replies(vec![Reply::ok(&link)]))]);
    let (url, scenario) = (origin.url("/bp.zip"), "link-over-a-file");
    let scenario = Scenario::skip(scenario, "")
        .order(&url)
        .exit(1)
        .stderr_has("Failed to extract buildpack '");
    let sandbox = scenario.prepare();
    let folder = sandbox.path("dl").join(key::primary(url.as_bytes()));
    fs::create_dir_all(&folder).expect("folder");
    fs::write(folder.join("kept-mode"), "in the way").expect("file");
    let (end, elapsed) = scenario.start(&program(), &sandbox).finish();
    scenario.check(&Outcome::collect(sandbox, end, elapsed, (0, 0)));
}

/// Rows: R19-12
#[test]
fn a_file_in_place_of_the_download_folder() {
    let origin = Origin::start([(
        "/bp.zip",
        Route::always(Reply::ok(&zips::buildpack("compiles", []))),
    )]);
    let scenario = Scenario::skip("file", "")
        .order(origin.url("/bp.zip"))
        .file("{dl}", "");
    hold(&[scenario.exit(1).expect(Expect::NoResult)]);
}
