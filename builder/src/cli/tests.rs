use super::{CliOutcome, Compression, Options, Placement, Progress, RunAs, parse};
use crate::model::key::BuildpackKey;
use proptest::prelude::*;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn read(words: &str) -> Result<Options, CliOutcome> {
    read_with(words, &[])
}

/// Words are separated by blanks; `''` is an empty one.
fn read_with(words: &str, environment: &[(&str, &str)]) -> Result<Options, CliOutcome> {
    let words = words.split(' ').filter(|word| !word.is_empty());
    parse(
        words.map(|word| OsString::from(word.trim_matches('\''))),
        &|name| {
            environment
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| value.into())
        },
    )
}

fn order(options: &Options) -> Vec<String> {
    options
        .buildpack_order
        .keys()
        .iter()
        .map(BuildpackKey::to_string)
        .collect()
}

/// Rows: R2.1-01, R2.1-03, R2.1-04
#[test]
fn flags_have_the_defaults_of_the_legacy() {
    let options = read("-buildpackOrder=a").unwrap();
    assert_eq!(options.build_dir, Path::new("/tmp/app"));
    assert_eq!(options.output_droplet, Path::new("/tmp/droplet"));
    assert_eq!(options.output_metadata, Path::new("/tmp/result.json"));
    assert_eq!(
        options.output_build_artifacts_cache,
        Path::new("/tmp/output-cache")
    );
    assert_eq!(options.buildpacks_dir, Path::new("/tmp/buildpacks"));
    assert_eq!(
        options.buildpacks_download_dir,
        Path::new("/tmp/buildpackdownloads")
    );
    assert_eq!(options.build_artifacts_cache_dir, Path::new("/tmp/cache"));
    assert_eq!(order(&options), ["a"]);
    assert_eq!((options.skip_detect, options.skip_cert_verify), (false, false));
    assert_eq!(options.credhub_connect_attempts.get(), 3);
    assert_eq!(options.credhub_retry_delay, Duration::from_secs(1));
}

#[test]
fn our_own_flags_are_off_by_default() {
    let options = read("-buildpackOrder=a").unwrap();
    assert_eq!(
        (options.progress, options.compression),
        (Progress::None, Compression::Members)
    );
    assert_eq!(
        (options.explain, options.reproducible, options.offline),
        (false, false, false)
    );
    assert_eq!((options.staging_report, options.extra_ca_certs), (None, None));
    assert_eq!(
        options.cached_downloads_dir.as_deref(),
        Some(Path::new("/cached-downloads"))
    );
    assert_eq!(
        (options.placement, options.private_buildpacks, options.run_as),
        (Placement::Auto, Vec::new(), None)
    );
}

#[test]
fn cached_buildpacks_have_their_own_flags() {
    let options = read(
        "-buildpackOrder=a -cachedDownloadsDir /c -placement inplace -privateBuildpacks a,https://h/x.zip -runAs 1:2",
    )
    .unwrap();
    assert_eq!(options.cached_downloads_dir, Some("/c".into()));
    assert_eq!(options.placement, Placement::InPlace);
    let private = options.private_buildpacks.iter().map(BuildpackKey::to_string);
    assert_eq!(private.collect::<Vec<_>>(), ["a", "https://h/x.zip"]);
    assert_eq!(options.run_as, Some(RunAs::Ids { uid: 1, gid: 2 }));
    let nowhere = read("-buildpackOrder=a -cachedDownloadsDir=").unwrap();
    assert_eq!(nowhere.cached_downloads_dir, None);
    assert!(read("-buildpackOrder=a -placement=elsewhere").is_err());
}

#[test]
fn every_flag_reaches_its_option() {
    let options = read(
        "-buildpackOrder a,b -buildDir a -outputDroplet b -outputMetadata c -outputBuildArtifactsCache d -buildpacksDir e \
         -buildpacksDownloadDir f -buildArtifactsCacheDir g -skipDetect -skipCertVerify -credhubConnectAttempts 7 \
         -credhubRetryDelay 1.5h -progress plain -explain -stagingReport h -reproducible -extraCACerts i -offline \
         -compression single",
    )
    .unwrap();
    let paths = [
        options.build_dir,
        options.output_droplet,
        options.output_metadata,
        options.output_build_artifacts_cache,
        options.buildpacks_dir,
        options.buildpacks_download_dir,
        options.build_artifacts_cache_dir,
        options.staging_report.unwrap(),
        options.extra_ca_certs.unwrap(),
    ];
    assert_eq!(
        paths,
        ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map(PathBuf::from)
    );
    assert!(
        options.skip_detect
            && options.skip_cert_verify
            && options.explain
            && options.reproducible
            && options.offline
    );
    assert_eq!(options.credhub_connect_attempts.get(), 7);
    assert_eq!(options.credhub_retry_delay, Duration::from_mins(90));
    assert_eq!(
        (options.progress, options.compression),
        (Progress::Plain, Compression::Single)
    );
}

#[track_caller]
fn check_order(words: &str, expected: &[&str]) {
    assert_eq!(order(&read(words).unwrap()), expected, "{words}");
}

/// Rows: R2.2-01, R2.2-02, R2.2-06, R2.2-07
#[test]
fn words_are_read_as_by_go() {
    check_order("-buildpackOrder=a", &["a"]);
    check_order("--buildpackOrder=a", &["a"]);
    check_order("-buildpackOrder a", &["a"]);
    check_order("--buildpackOrder a", &["a"]);
    check_order("-buildpackOrder -skipDetect", &["-skipDetect"]);
    check_order("-buildpackOrder --", &["--"]);
    check_order("-buildpackOrder=a -buildpackOrder=b", &["b"]);
    check_order("-buildpackOrder=a word -buildpackOrder=b", &["a"]);
    check_order("-buildpackOrder=a - -buildpackOrder=b", &["a"]);
    check_order("-buildpackOrder=a -- -nonsense", &["a"]);
    check_order("-buildpackOrder=a '' -nonsense", &["a"]);
}

/// Rows: R2.2-03, R2.2-05
#[test]
fn a_bare_boolean_takes_no_word() {
    let check = |words: &str, expected: (bool, bool)| {
        let options = read(&format!("-buildpackOrder=a {words}")).unwrap();
        assert_eq!(
            (options.skip_detect, options.skip_cert_verify),
            expected,
            "{words}"
        );
    };
    check("-skipDetect", (true, false));
    check("--skipDetect -skipCertVerify", (true, true));
    check("-skipDetect=F", (false, false));
    check("-skipDetect false -skipCertVerify", (true, false));
}

#[track_caller]
fn check_refused(words: &str, expected: &str) {
    let outcome = read(words).unwrap_err();
    assert!(matches!(outcome, CliOutcome::Usage(_)), "{words}: {outcome:?}");
    assert_eq!(outcome.to_string(), expected, "{words}");
}

/// Rows: R2.2-08, R2.3-03, R2.3-04, R2.3-05, R2.3-06, R2.3-07
#[test]
fn a_wrong_word_is_named() {
    check_refused("-nonsense=1", "flag provided but not defined: -nonsense");
    check_refused("-builddir=x", "flag provided but not defined: -builddir");
    check_refused("-buildDi=x", "flag provided but not defined: -buildDi");
    check_refused("-buildDir", "flag needs an argument: -buildDir");
    check_refused("-credhubRetryDelay", "flag needs an argument: -credhubRetryDelay");
    check_refused("---x", "bad flag syntax: ---x");
    check_refused("--=x", "bad flag syntax: --=x");
    check_refused(
        "-skipDetect=yes",
        r#"invalid boolean value "yes" for -skipDetect: parse error"#,
    );
    check_refused(
        "-skipDetect=",
        r#"invalid boolean value "" for -skipDetect: parse error"#,
    );
    check_refused(
        "-credhubConnectAttempts=1.5",
        r#"invalid value "1.5" for flag -credhubConnectAttempts: parse error"#,
    );
    check_refused(
        "-credhubConnectAttempts 9223372036854775808",
        r#"invalid value "9223372036854775808" for flag -credhubConnectAttempts: value out of range"#,
    );
    check_refused(
        "-credhubRetryDelay=5",
        r#"invalid value "5" for flag -credhubRetryDelay: parse error"#,
    );
    check_refused(
        "-progress=bar",
        r#"invalid value "bar" for flag -progress: must be one of none, plain"#,
    );
}

/// Rows: K-01
#[test]
fn a_wrong_word_shows_no_secret() {
    check_refused("---x=https://u:p@h/x", "bad flag syntax: ---x=https://***@h/x");
    check_refused(
        "-credhubConnectAttempts -buildpackOrder=https://u:p@h/x?t=s",
        r#"invalid value "-buildpackOrder=https://***@h/x?t=..." for flag -credhubConnectAttempts: parse error"#,
    );
}

/// Rows: R2.3-02, R2.3-09
#[test]
fn the_first_word_decides() {
    for words in [
        "-h",
        "--h",
        "-help",
        "--help",
        "-help=x",
        "-h=false",
        "-buildDir= -h -nonsense",
        "-h word",
    ] {
        assert_eq!(read(words), Err(CliOutcome::Help), "{words}");
    }
    check_refused("-nonsense -h", "flag provided but not defined: -nonsense");
    check_refused(
        "-buildDir -h -nonsense",
        "flag provided but not defined: -nonsense",
    );
}

#[track_caller]
fn check_missing(words: &str, expected: &str) {
    let outcome = read(words).unwrap_err();
    assert!(matches!(outcome, CliOutcome::Missing(_)), "{words}: {outcome:?}");
    assert_eq!(outcome.to_string(), expected, "{words}");
}

/// Rows: R2.1-02, R2.3-08, R2.3-10
#[test]
fn empty_texts_are_listed() {
    check_missing("", "missing flag: -buildpackOrder");
    check_missing("-buildpackOrder=", "missing flag: -buildpackOrder");
    check_missing(
        "-outputDroplet= -buildDir ''",
        "missing flag: -buildDir, missing flag: -buildpackOrder, missing flag: -outputDroplet",
    );
}

/// Rows: R2.2-11
#[test]
fn paths_are_cleaned_and_stay_relative() {
    let options = read("-buildpackOrder=a -buildDir=./x//y/../z/ -outputDroplet=/a/../b/.").unwrap();
    assert_eq!(options.build_dir.as_os_str(), "x/z");
    assert_eq!(options.output_droplet.as_os_str(), "/b");
}

#[test]
fn numbers_without_meaning_have_the_nearest_one() {
    let options = read("-buildpackOrder=a -credhubConnectAttempts=-2 -credhubRetryDelay=-5s").unwrap();
    assert_eq!(
        (
            options.credhub_connect_attempts.get(),
            options.credhub_retry_delay
        ),
        (1, Duration::ZERO)
    );
}

#[test]
fn words_need_not_be_text() {
    let word = OsString::from_vec(b"-buildpackOrder=\xff,a".to_vec());
    let options = parse([word], &|_| None).unwrap();
    assert_eq!(options.buildpack_order.keys()[0].as_bytes(), b"\xff");
}

#[test]
fn our_own_flags_can_stand_in_the_environment() {
    let environment = [
        ("CELLCACHE_PROGRESS", "plain"),
        ("CELLCACHE_EXPLAIN", "1"),
        ("CELLCACHE_STAGING_REPORT", "r"),
        ("CELLCACHE_REPRODUCIBLE", "true"),
        ("CELLCACHE_EXTRA_CA_CERTS", "c"),
        ("CELLCACHE_OFFLINE", "T"),
        ("CELLCACHE_COMPRESSION", "single"),
        ("CELLCACHE_BUILD_DIR", "/elsewhere"),
    ];
    let options = read_with("-buildpackOrder=a", &environment).unwrap();
    assert_eq!(
        (options.progress, options.compression),
        (Progress::Plain, Compression::Single)
    );
    assert!(options.explain && options.reproducible && options.offline);
    assert_eq!(options.staging_report, Some("r".into()));
    assert_eq!(options.extra_ca_certs, Some("c".into()));
    assert_eq!(options.build_dir, Path::new("/tmp/app"));
}

#[test]
fn a_flag_wins_over_its_variable() {
    let environment = [
        ("CELLCACHE_OFFLINE", "nonsense"),
        ("CELLCACHE_STAGING_REPORT", "r"),
        ("CELLCACHE_PROGRESS", ""),
    ];
    let options = read_with("-buildpackOrder=a -offline=false -stagingReport=", &environment).unwrap();
    assert_eq!(
        (options.offline, options.staging_report, options.progress),
        (false, None, Progress::None)
    );
}

#[test]
fn a_wrong_variable_is_named_after_wrong_words() {
    let environment = [("CELLCACHE_OFFLINE", "nonsense")];
    let outcome = |words: &str| read_with(words, &environment).unwrap_err();
    let expected =
        r#"invalid boolean value "nonsense" for environment variable CELLCACHE_OFFLINE: parse error"#;
    assert_eq!(outcome("").to_string(), expected);
    assert_eq!(outcome("-h"), CliOutcome::Help);
    let outcome = read_with("", &[("CELLCACHE_COMPRESSION", "x")]).unwrap_err();
    let expected =
        r#"invalid value "x" for environment variable CELLCACHE_COMPRESSION: must be one of members, single"#;
    assert_eq!(outcome.to_string(), expected);
}

proptest! {
    #[test]
    fn any_words_are_read_without_panic(words in prop::collection::vec("-{0,3}(h|buildDir|skipDetect|credhubRetryDelay)?=?[a1-]{0,2}", 0..6)) {
        let _ = parse(words.into_iter().map(OsString::from), &|_| None);
    }

    #[test]
    fn any_value_is_taken_as_it_is(value: Vec<u8>) {
        prop_assume!(!value.is_empty() && !value.contains(&b','));
        let one = [b"-buildpackOrder=", value.as_slice()].concat();
        let two = [b"--buildpackOrder".to_vec(), value.clone()];
        let one = parse([OsString::from_vec(one)], &|_| None).unwrap();
        let two = parse(two.map(OsString::from_vec), &|_| None).unwrap();
        prop_assert_eq!(one.buildpack_order.keys()[0].as_bytes(), value.as_slice());
        prop_assert_eq!(one, two);
    }
}
