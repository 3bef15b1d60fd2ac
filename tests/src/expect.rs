//! What a scenario expects, as data.

use crate::golden;
use crate::outcome::Outcome;
use crate::program::End;

/// One expectation; texts are compared with masked output.
#[derive(Debug, Clone)]
pub enum Expect {
    /// The exit status.
    Exit(i32),
    /// The signal that ends the builder.
    Signal(i32),
    /// All of standard output.
    Stdout(String),
    /// All of standard error.
    Stderr(String),
    /// A part of standard output.
    StdoutHas(String),
    /// A part of standard error.
    StderrHas(String),
    /// The end of standard error.
    StderrEnds(String),
    /// What neither stream may hold.
    NeverShown(String),
    /// All of the result file, without its final newline.
    Result(String),
    /// A value of the result file: pointer and JSON text, `null` when it must be absent.
    ResultAt(&'static str, String),
    /// There is no result file.
    NoResult,
    /// All of `staging_info.yml`, without its final newline.
    StagingInfo(String),
    /// There is no droplet under the final name.
    NoDroplet,
    /// The droplet has these members among others.
    DropletHas(&'static [&'static str]),
    /// The droplet has none of these.
    DropletLacks(&'static [&'static str]),
    /// The droplet's normal listing is the golden file of this name.
    DropletGolden(&'static str),
    /// The artifacts cache archive has exactly these members (folder names of keys masked).
    CacheMembers(&'static [&'static str]),
    /// The artifacts cache folder holds exactly this (masked).
    CacheDir(&'static [&'static str]),
    /// Anything else.
    That(fn(&Outcome)),
}

impl Expect {
    /// Panics when the outcome is not as expected.
    pub fn check(&self, outcome: &Outcome) {
        let members: Vec<_> = outcome.droplet.names();
        match self {
            Self::Exit(code) => same("end", &End::Exit(*code), &outcome.end),
            Self::Signal(signal) => same("end", &End::Signal(*signal), &outcome.end),
            Self::Stdout(text) => same("stdout", text, &outcome.stdout),
            Self::Stderr(text) => same("stderr", text, &outcome.stderr),
            Self::StdoutHas(text) => has("stdout", &outcome.stdout, text),
            Self::StderrHas(text) => has("stderr", &outcome.stderr, text),
            Self::StderrEnds(text) => assert!(
                outcome.stderr.ends_with(text.as_str()),
                "stderr ends otherwise than {text:?}: {:?}",
                outcome.stderr
            ),
            Self::NeverShown(text) => {
                let shown = outcome.stdout.contains(text.as_str()) || outcome.stderr.contains(text.as_str());
                assert!(
                    !shown,
                    "{text:?} is shown: {:?} {:?}",
                    outcome.stdout, outcome.stderr
                );
            }
            Self::Result(text) => {
                let actual = outcome.sandbox.mask(outcome.result_text().as_bytes());
                same("result", &format!("{text}\n"), &actual);
            }
            Self::ResultAt(pointer, json) => {
                let actual = outcome
                    .sandbox
                    .mask(outcome.result_at(pointer).to_string().as_bytes());
                same(pointer, json, &actual);
            }
            Self::NoResult => same(
                "result",
                &None,
                &outcome.result.as_deref().map(String::from_utf8_lossy),
            ),
            Self::StagingInfo(text) => same("staging_info", &format!("{text}\n"), &outcome.staging_info()),
            Self::NoDroplet => {
                assert!(
                    !outcome.sandbox.path("out/droplet.tgz").exists(),
                    "a droplet with {members:?}"
                );
            }
            Self::DropletHas(names) => {
                let missing: Vec<_> = names.iter().filter(|name| !members.contains(name)).collect();
                assert!(
                    missing.is_empty(),
                    "droplet lacks {missing:?}, has {members:?}, {:?}",
                    outcome.stderr
                );
            }
            Self::DropletLacks(names) => {
                let there: Vec<_> = names.iter().filter(|name| members.contains(name)).collect();
                assert!(there.is_empty(), "droplet has {there:?}");
            }
            Self::DropletGolden(name) => golden::compare(name, &outcome.droplet.normal(outcome.user)),
            Self::CacheMembers(names) => same("cache archive", &sorted(names), &cache_members(outcome)),
            Self::CacheDir(names) => same("cache folder", &sorted(names), &outcome.cache_dir),
            Self::That(check) => check(outcome),
        }
    }
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, expected: &T, actual: &T) {
    assert!(
        expected == actual,
        "{what}\n    expected {expected:?}\n    got      {actual:?}"
    );
}

fn has(what: &str, text: &str, part: &str) {
    assert!(text.contains(part), "{what} lacks {part:?}: {text:?}");
}

fn sorted(names: &[&str]) -> Vec<String> {
    let mut names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort();
    names
}

fn cache_members(outcome: &Outcome) -> Vec<String> {
    let masked = outcome
        .cache
        .names()
        .into_iter()
        .map(|name| outcome.sandbox.mask(name.as_bytes()));
    let mut names: Vec<_> = masked.collect();
    names.sort();
    names
}
