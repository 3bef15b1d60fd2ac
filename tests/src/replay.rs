//! Replays the recorded stagings of the legacy builder and compares every recorded fact.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::listing::{Listing, Member};
use crate::outcome::sorted_lists;
use crate::program::{End, Program, Running, Start};
use crate::sandbox::Sandbox;
use crate::{key, legacy, tree};

/// One recorded staging.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// The number of the case.
    pub case: u32,
    input: Input,
    legacy: BTreeMap<String, Value>,
    /// The facts in which two runs of the legacy builder differed.
    random: Vec<String>,
}

#[expect(clippy::struct_excessive_bools, reason = "the form of the recording")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    app: BTreeMap<String, AppFile>,
    applinks: bool,
    bps: Vec<RecordedBuildpack>,
    emptydir: bool,
    env: BTreeMap<String, String>,
    flags: Vec<String>,
    order: Vec<String>,
    outdirs: bool,
    skip: bool,
    stale_cache: bool,
}

#[derive(Debug, Deserialize)]
struct AppFile {
    data: String,
    mode: u32,
}

#[derive(Debug, Deserialize)]
struct RecordedBuildpack {
    name: String,
    #[serde(rename = "where")]
    place: String,
    nest: String,
    nobin: bool,
    noexec: Vec<String>,
    scripts: BTreeMap<String, String>,
}

/// Reads `fixtures/recorded.json`.
#[must_use]
pub fn cases() -> Vec<Case> {
    let bytes = fs::read(crate::fixture::folder().join("recorded.json")).expect("fixtures/recorded.json");
    serde_json::from_slice(&bytes).expect("recorded.json")
}

/// Runs a case and tells every fact that differs from the recorded one without being decided; owners count only when
/// `owners` is set.
#[must_use]
pub fn differences(program: &Program, case: &Case, owners: bool) -> Vec<String> {
    let sandbox = Sandbox::new(Vec::new());
    case.input.build(&sandbox);
    let actual = case.input.run(program, &sandbox, owners);
    let fields: BTreeSet<_> = case.legacy.keys().chain(actual.keys()).collect();
    let decided = legacy::accepted();
    let name = format!("recorded/{}", case.case);
    let compared = fields
        .into_iter()
        .filter(|field| !case.random.contains(field) && !legacy::is_accepted(&decided, &name, field));
    compared
        .filter_map(|field| {
            let recorded = case.legacy.get(field).map(|value| match field.as_str() {
                "droplet" | "cache" => without_owners(value, owners),
                // Sorted when recorded, but by another order of members.
                _ => sorted_lists(value.clone()),
            });
            let actual = actual.get(field);
            (recorded.as_ref() != actual).then(|| {
                let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), ToString::to_string);
                let (old, new) = (shown(recorded.as_ref()), shown(actual));
                format!("case {} {field}\n    legacy  {old}\n    builder {new}", case.case)
            })
        })
        .collect()
}

impl Input {
    fn build(&self, sandbox: &Sandbox) {
        for (path, file) in &self.app {
            // As recorded: a file whose parent is a file is left out.
            let path = sandbox.path("app").join(path);
            let _blocked = fs::create_dir_all(path.parent().expect("a folder"));
            if fs::write(&path, &file.data).is_ok() {
                set_mode(&path, file.mode);
            }
        }
        if self.applinks {
            for (name, text) in [
                ("good", "index.html"),
                ("dangling", "nowhere"),
                ("abs", "/etc/hostname"),
                ("dirlink", "sub"),
            ] {
                let _taken = symlink(text, sandbox.path("app").join(name));
            }
            let _absent = fs::hard_link(sandbox.path("app/index.html"), sandbox.path("app/hard"));
        }
        if self.emptydir {
            fs::create_dir(sandbox.path("app/void")).expect("void");
            set_mode(&sandbox.path("app/void"), 0o750);
        }
        if self.stale_cache {
            for folder in ["cache/stale", "cache/final"] {
                fs::create_dir(sandbox.path(folder)).expect("stale folder");
            }
            for (path, text) in [("cache/stalefile", "s"), ("cache/final/keep", "k")] {
                fs::write(sandbox.path(path), text).expect("stale file");
            }
        }
        for buildpack in self.bps.iter().filter(|buildpack| buildpack.place != "none") {
            buildpack.build(&sandbox.path("bps"));
        }
        fs::remove_dir(sandbox.path("out")).expect("out");
        if self.outdirs {
            fs::create_dir_all(sandbox.path("out/deep")).expect("out/deep");
        }
    }

    fn run(&self, program: &Program, sandbox: &Sandbox, owners: bool) -> BTreeMap<String, Value> {
        assert!(self.flags.is_empty(), "no recorded case has flags");
        let words = [
            ("-buildDir", "{app}".to_owned()),
            ("-buildpacksDir", "{bps}".to_owned()),
            ("-buildArtifactsCacheDir", "{cache}".to_owned()),
            ("-buildpackOrder", self.order.join(",")),
            ("-outputDroplet", "{out}/deep/droplet".to_owned()),
            ("-outputMetadata", "{out}/deep/result.json".to_owned()),
            ("-outputBuildArtifactsCache", "{out}/c/cache.tgz".to_owned()),
            ("-buildpacksDownloadDir", "{dl}".to_owned()),
        ];
        let mut arguments: Vec<_> = words
            .iter()
            .flat_map(|(flag, value)| [(*flag).into(), sandbox.expand(value).into()])
            .collect();
        arguments.push(format!("-skipDetect={}", self.skip).into());
        arguments.push("-credhubRetryDelay=0s".into());
        let path = std::env::var_os("PATH").expect("PATH");
        let mut environment = vec![
            ("PATH".into(), path),
            ("TMPDIR".into(), sandbox.path("tmp").into()),
            ("HOME".into(), "/nonexistent".into()),
            ("LANG".into(), "C.UTF-8".into()),
        ];
        environment.extend(self.env.iter().map(|(name, value)| (name.into(), value.into())));
        let folder = sandbox.root().to_owned();
        let start = Start {
            arguments,
            environment,
            folder,
            stdin: Vec::new(),
            limits: None,
            user: None,
            mounts: None,
        };
        let streams = tempfile::tempdir().expect("a folder for the streams");
        let (end, _) = Running::start(program, &start, streams.path()).finish();
        facts(sandbox, end, streams.path(), owners)
    }
}

impl RecordedBuildpack {
    fn build(&self, base: &Path) {
        let name = self.name.as_bytes();
        let mut folder = base.join(if self.place == "xx" {
            key::primary(name)
        } else {
            key::legacy(name)
        });
        if self.nest != "flat" {
            folder.push("inner");
        }
        fs::create_dir_all(&folder).expect("buildpack folder");
        if self.nest == "two" {
            fs::write(folder.with_file_name("other"), "x").expect("other");
        }
        if self.nobin {
            return;
        }
        fs::create_dir(folder.join("bin")).expect("bin");
        for (script, text) in &self.scripts {
            let path = folder.join("bin").join(script);
            fs::write(&path, text).expect("script");
            set_mode(
                &path,
                if self.noexec.contains(script) {
                    0o644
                } else {
                    0o755
                },
            );
        }
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode");
}

fn facts(sandbox: &Sandbox, end: End, streams: &Path, owners: bool) -> BTreeMap<String, Value> {
    let stream = |name: &str| json!(mask(sandbox, &fs::read(streams.join(name)).expect("a stream")));
    let code = match end {
        End::Exit(code) => json!(code),
        End::Signal(signal) => json!(-signal),
        End::Hung => json!("timeout"),
    };
    let droplet = Listing::read(&sandbox.path("out/deep/droplet"));
    let files = |name: &str| {
        let listed = tree::list(&sandbox.path(name))
            .into_iter()
            .filter(|entry| !entry.ends_with('/'));
        let mut files: Vec<_> = listed
            .map(|entry| format!("{name}/{}", without_arrow(&entry)))
            .collect();
        files.retain(|entry| !sandbox.path(entry).is_dir());
        files.sort();
        json!(files)
    };
    let result =
        fs::read(sandbox.path("out/deep/result.json")).map_or(json!("absent"), |bytes| normal(&bytes));
    let left = tree::list(&sandbox.path("tmp"));
    let left: Vec<_> = left
        .iter()
        .map(|entry| entry.trim_end_matches('/'))
        .filter(|entry| !entry.contains('/'))
        .collect();
    let mut facts = BTreeMap::from([
        ("exit".to_owned(), code),
        ("stdout".to_owned(), stream("stdout")),
        ("stderr".to_owned(), stream("stderr")),
        ("result".to_owned(), result),
        (
            "cache".to_owned(),
            archive(&Listing::read(&sandbox.path("out/c/cache.tgz")), owners),
        ),
        ("droplet".to_owned(), archive(&droplet, owners)),
        ("tmp_left".to_owned(), json!(left)),
        ("cachedir".to_owned(), files("cache")),
        ("appdir".to_owned(), files("app")),
    ]);
    if droplet != Listing::Absent {
        let info = droplet.find("./staging_info.yml");
        let info = info.map_or(json!("none"), |member| normal(&member.content));
        facts.insert("staging_info".to_owned(), info);
    }
    facts
}

fn without_arrow(entry: &str) -> &str {
    entry.split(" -> ").next().unwrap_or(entry)
}

fn mask(sandbox: &Sandbox, bytes: &[u8]) -> String {
    let root = sandbox.root().to_str().expect("a plain name");
    let text = String::from_utf8_lossy(bytes).replace(root, "R");
    let mut parts = text.split("contents");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        masked += if rest.len() < part.len() {
            "contentsX"
        } else {
            "contents"
        };
        masked += rest;
    }
    masked
}

fn normal(bytes: &[u8]) -> Value {
    let parsed = serde_json::from_slice::<Value>(bytes).map(sorted_lists);
    parsed.unwrap_or_else(|_| json!(String::from_utf8_lossy(bytes)))
}

/// The recorded form of an archive: name to kind, mode, user, group, link, content hash.
fn archive(listing: &Listing, owners: bool) -> Value {
    let members = match listing {
        Listing::Absent => return json!("absent"),
        Listing::Unreadable(error) => return json!(format!("unreadable: {error}")),
        Listing::Members(members) => members,
    };
    let name = |member: &Member| {
        let name = member.name.trim_end_matches('/');
        if name.is_empty() {
            ".".to_owned()
        } else {
            name.to_owned()
        }
    };
    let mut listed: BTreeMap<_, _> = members
        .iter()
        .map(|member| (name(member), recorded(member)))
        .collect();
    for link in members.iter().filter(|member| member.kind == 'h') {
        // Which name of a hard-linked pair comes first is the walk's choice: the pair is compared, not its order.
        let Some(mut pair) = listed.get(&link.link).cloned() else {
            continue;
        };
        pair[4] = json!("linked");
        listed.insert(name(link), pair.clone());
        listed.insert(link.link.clone(), pair);
    }
    without_owners(&json!(listed), owners)
}

fn recorded(member: &Member) -> Value {
    let hash = if member.content.is_empty() || member.name == "./staging_info.yml" {
        String::new()
    } else {
        hex::encode(&Sha256::digest(&member.content)[..6])
    };
    let link = if matches!(member.kind, 'l' | 'h') {
        member.link.as_str()
    } else {
        ""
    };
    json!([
        member.kind.to_string(),
        format!("0o{:o}", member.mode),
        member.owner.0,
        member.owner.1,
        link,
        hash
    ])
}

fn without_owners(value: &Value, owners: bool) -> Value {
    let mut value = value.clone();
    if let (false, Value::Object(members)) = (owners, &mut value) {
        for member in members.values_mut().filter_map(Value::as_array_mut) {
            for owner in member.iter_mut().skip(2).take(2) {
                *owner = json!(0);
            }
        }
    }
    value
}
