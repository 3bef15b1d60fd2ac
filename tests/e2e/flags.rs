//! The command line (§2).

use tests::outcome::Outcome;
use tests::scenario::Scenario;

use super::hold;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut table = stagings();
    table.extend(outcomes());
    table.extend(VALUES.iter().map(|(flag, accepted)| {
        let scenario = Scenario::detect(
            flag,
            "R2.2-04, R2.2-09, R2.2-10, R2.3-06, R2.3-07, R2.1-03, R2.1-04",
        );
        let scenario = scenario.only_flags(&[flag]).stdout("");
        if *accepted {
            scenario.exit(1).stderr("missing flag: -buildpackOrder\n")
        } else {
            scenario.exit(2).stderr_has("Usage of builder:\n")
        }
    }));
    table
}

/// Values of booleans, integers and durations, and whether they are accepted.
const VALUES: &[(&str, bool)] = &[
    ("-skipDetect", true),
    ("--skipDetect", true),
    ("-skipDetect=1", true),
    ("-skipDetect=t", true),
    ("-skipDetect=T", true),
    ("-skipDetect=TRUE", true),
    ("-skipDetect=true", true),
    ("-skipDetect=True", true),
    ("-skipDetect=0", true),
    ("-skipDetect=f", true),
    ("-skipDetect=F", true),
    ("-skipDetect=FALSE", true),
    ("-skipDetect=false", true),
    ("-skipDetect=False", true),
    ("-skipCertVerify=", false),
    ("-skipDetect=tRUE", false),
    ("-skipDetect=yes", false),
    ("-skipDetect= true", false),
    ("-credhubConnectAttempts=3", true),
    ("-credhubConnectAttempts=-3", true),
    ("-credhubConnectAttempts=+3", true),
    ("-credhubConnectAttempts=0x1F", true),
    ("-credhubConnectAttempts=0o17", true),
    ("-credhubConnectAttempts=0b11", true),
    ("-credhubConnectAttempts=017", true),
    ("-credhubConnectAttempts=1_000", true),
    ("-credhubConnectAttempts=9223372036854775807", true),
    ("-credhubConnectAttempts=9223372036854775808", false),
    ("-credhubConnectAttempts=1__0", false),
    ("-credhubConnectAttempts=018", false),
    ("-credhubConnectAttempts= 1", false),
    ("-credhubConnectAttempts=1.0", false),
    ("-credhubConnectAttempts=", false),
    ("-credhubRetryDelay=1h2m3s4ms5us6µs7ns", true),
    ("-credhubRetryDelay=-1.5h", true),
    ("-credhubRetryDelay=.5s", true),
    ("-credhubRetryDelay=0", true),
    ("-credhubRetryDelay=1", false),
    ("-credhubRetryDelay=1d", false),
    ("-credhubRetryDelay=", false),
    ("-credhubRetryDelay=1 s", false),
];

fn outcomes() -> Vec<Scenario> {
    let only = |name: &'static str, rows: &'static str, flags: &[&str]| {
        Scenario::detect(name, rows).only_flags(flags).stdout("")
    };
    let refused = |name: &'static str, rows: &'static str, flags: &[&str], line: &str| {
        only(name, rows, flags)
            .exit(2)
            .stderr_has(format!("{line}\nUsage of builder:\n"))
    };
    let help = |name: &'static str, flags: &[&str]| {
        only(name, "R2.3-01, R2.3-02, R17-01, R2.1-01", flags)
            .exit(0)
            .that(usage_is_whole)
    };
    vec![
        only("nothing", "R2.3-10, R2.1-02", &[])
            .exit(1)
            .stderr("missing flag: -buildpackOrder\n"),
        only(
            "several-empty",
            "R2.3-08, R17-02",
            &["-outputDroplet=", "-buildDir", ""],
        )
        .exit(1)
        .stderr("missing flag: -buildDir, missing flag: -buildpackOrder, missing flag: -outputDroplet\n"),
        refused(
            "unknown",
            "R2.3-03, R17-03",
            &["-nope=1"],
            "flag provided but not defined: -nope",
        ),
        refused(
            "wrong-case",
            "R2.2-08",
            &["-builddir=x"],
            "flag provided but not defined: -builddir",
        ),
        refused(
            "abbreviated",
            "R2.2-08",
            &["-build=x"],
            "flag provided but not defined: -build",
        ),
        refused(
            "no-value",
            "R2.3-04",
            &["-buildDir"],
            "flag needs an argument: -buildDir",
        ),
        refused("three-dashes", "R2.3-05", &["---x"], "bad flag syntax: ---x"),
        refused("no-name", "R2.3-05", &["-=x"], "bad flag syntax: -=x"),
        refused(
            "no-name-two-dashes",
            "R2.3-05",
            &["--=x"],
            "bad flag syntax: --=x",
        ),
        refused(
            "bad-boolean",
            "R2.3-06",
            &["-skipDetect=maybe"],
            "invalid boolean value \"maybe\" for -skipDetect: parse error",
        ),
        refused(
            "bad-integer",
            "R2.3-07",
            &["-credhubConnectAttempts", "x"],
            "invalid value \"x\" for flag -credhubConnectAttempts: parse error",
        ),
        refused(
            "integer-out-of-range",
            "R2.3-07",
            &["-credhubConnectAttempts=99999999999999999999"],
            "invalid value \"99999999999999999999\" for flag -credhubConnectAttempts: value out of range",
        ),
        refused(
            "bad-duration",
            "R2.3-07",
            &["--credhubRetryDelay=1d"],
            "invalid value \"1d\" for flag -credhubRetryDelay: parse error",
        ),
        refused(
            "error-before-help",
            "R2.3-09",
            &["-nope", "-h"],
            "flag provided but not defined: -nope",
        ),
        refused(
            "error-before-empty",
            "R2.3-09",
            &["-buildDir=", "-nope"],
            "flag provided but not defined: -nope",
        ),
        help("help-before-error", &["-h", "-nope"]),
        help("help", &["-help"]),
        help("help-two-dashes", &["--help"]),
        help("help-with-value", &["-help=anything"]),
        help("help-false", &["-h=false"]),
    ]
}

fn usage_is_whole(outcome: &Outcome) {
    assert!(
        outcome.stderr.starts_with("Usage of builder:\n"),
        "{:?}",
        outcome.stderr
    );
    let lines: Vec<_> = outcome.stderr.lines().skip(1).collect();
    let names: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("  -")).collect();
    assert!(names.is_sorted(), "not in alphabetical order: {names:?}");
    let described = [
        ("buildArtifactsCacheDir string", "(default \"/tmp/cache\")"),
        ("buildDir string", "(default \"/tmp/app\")"),
        ("buildpackOrder string", ""),
        ("buildpacksDir string", "(default \"/tmp/buildpacks\")"),
        (
            "buildpacksDownloadDir string",
            "(default \"/tmp/buildpackdownloads\")",
        ),
        ("credhubConnectAttempts int", "(default 3)"),
        ("credhubRetryDelay duration", "(default 1s)"),
        (
            "outputBuildArtifactsCache string",
            "(default \"/tmp/output-cache\")",
        ),
        ("outputDroplet string", "(default \"/tmp/droplet\")"),
        ("outputMetadata string", "(default \"/tmp/result.json\")"),
        ("skipCertVerify", ""),
        ("skipDetect", ""),
    ];
    for (flag, default) in described {
        let at = lines.iter().position(|line| *line == format!("  -{flag}"));
        let text = lines[at.unwrap_or_else(|| panic!("{flag} is not in {lines:?}")) + 1];
        assert!(text.starts_with("    \t"), "{flag}: {text:?}");
        assert!(
            text.ends_with(default) && (default.is_empty() != text.contains("(default")),
            "{flag}: {text:?}"
        );
    }
}

fn stagings() -> Vec<Scenario> {
    let compiles = |name, rows| Scenario::skip(name, rows).buildpack("a", "compiles").exit(0);
    let usual = "compile 2 ROOT/app ROOT/cache/final\n";
    vec![
        compiles("one-dash-two-words", "R2.2-01")
            .flags(&["-buildDir", "{app}"])
            .stdout(usual),
        compiles("two-dashes", "R2.2-01")
            .flags(&["--buildDir={app}"])
            .stdout(usual),
        compiles("two-dashes-two-words", "R2.2-01")
            .flags(&[
                "--buildDir",
                "{app}",
                "--credhubConnectAttempts",
                "2",
                "-credhubRetryDelay",
                "1s",
            ])
            .stdout(usual),
        Scenario::skip("value-looks-like-a-flag", "R2.2-02")
            .buildpack("-skipDetect", "compiles")
            .order("x")
            .flags(&["-buildpackOrder", "-skipDetect"])
            .exit(0)
            .stdout(usual),
        Scenario::detect("bare-boolean", "R2.2-03")
            .buildpack("a", "detects-not")
            .flags(&["-skipDetect"])
            .exit(0)
            .stderr(""),
        Scenario::detect("boolean-in-two-words", "R2.2-05, R2.2-07")
            .buildpack("a", "detects-not")
            .flags(&["-skipDetect", "false", "-nope"])
            .exit(0)
            .stderr(""),
        compiles("last-counts", "R2.2-06")
            .flags(&["-buildDir=/nowhere", "-buildDir={app}"])
            .stdout(usual),
        compiles("positional-word", "R2.2-07")
            .flags(&["word", "-nope"])
            .stdout(usual)
            .stderr(""),
        compiles("lone-dash", "R2.2-07")
            .flags(&["-", "-nope"])
            .stdout(usual)
            .stderr(""),
        compiles("two-dashes-alone", "R2.2-07")
            .flags(&["--", "-nope"])
            .stdout(usual)
            .stderr(""),
        compiles("paths-are-cleaned", "R2.2-11")
            .flags(&[
                "-buildDir={app}/x//../.",
                "-buildArtifactsCacheDir={root}//cache/",
            ])
            .stdout(usual),
        compiles("relative-paths-stay-relative", "R2.2-11")
            .flags(&["-buildDir=./x/../app/", "-buildArtifactsCacheDir=cache"])
            .stdout("compile 2 app cache/final\n"),
        compiles("result-is-a-file", "R2.1-05")
            .flags(&["-outputMetadata={out}/folder.d/"])
            .that(|outcome| assert!(outcome.sandbox.path("out/folder.d").is_file())),
    ]
}

#[test]
fn scenarios_hold() {
    hold(&scenarios());
}
