//! A scenario: what is staged, how, and what is expected, as data.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use nix::unistd::{getegid, geteuid};

use crate::expect::Expect;
use crate::outcome::Outcome;
use crate::program::{Program, Running, Start, can_mount};
use crate::sandbox::Sandbox;
use crate::{fixture, key};

/// Where a buildpack stands below the buildpacks folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the folder named by XXH64.
    Primary,
    /// In the folder named by MD5.
    Legacy,
    /// One folder deeper than the primary one.
    Nested,
    /// One folder deeper than the legacy one.
    NestedLegacy,
}

/// A step of preparing the sandbox; paths and texts have the placeholders of [`Sandbox::expand`].
#[derive(Debug, Clone)]
pub enum Step {
    /// Writes a file with this mode, making its parents.
    File(&'static str, Vec<u8>, u32),
    /// Makes a folder with its parents.
    Folder(&'static str, u32),
    /// Makes a link to the text given second.
    Link(&'static str, &'static str),
    /// Changes a mode.
    Mode(&'static str, u32),
    /// Removes a file, link or tree.
    Remove(&'static str),
    /// Copies a buildpack of the fixtures, given second, below the cached downloads.
    Fixture(&'static str, &'static str),
    /// Does anything else.
    Run(fn(&Sandbox)),
}

/// A staging as data; built by its methods, run by [`hold`].
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The name, unique within its topic.
    pub name: &'static str,
    /// The contract rows that it verifies.
    pub rows: &'static str,
    buildpacks: Vec<(Place, &'static str, &'static str)>,
    app: &'static str,
    order: Option<Vec<u8>>,
    skip_detect: bool,
    flags: Vec<String>,
    only_flags: bool,
    environment: Vec<(String, Option<OsString>)>,
    stdin: Vec<u8>,
    limits: Option<String>,
    as_user: bool,
    needs_root: bool,
    mounts: Option<String>,
    steps: Vec<Step>,
    expect: Vec<Expect>,
}

/// A user without rights, for scenarios that root cannot show.
const PLAIN_USER: u32 = 2000;

impl Scenario {
    /// Begins a scenario in detect mode.
    #[must_use]
    pub fn detect(name: &'static str, rows: &'static str) -> Self {
        Self {
            name,
            rows,
            buildpacks: Vec::new(),
            app: "plain",
            order: None,
            skip_detect: false,
            flags: Vec::new(),
            only_flags: false,
            environment: Vec::new(),
            stdin: Vec::new(),
            limits: None,
            as_user: false,
            needs_root: false,
            mounts: None,
            steps: Vec::new(),
            expect: Vec::new(),
        }
    }

    /// Begins a scenario that skips detection.
    #[must_use]
    pub fn skip(name: &'static str, rows: &'static str) -> Self {
        Self {
            skip_detect: true,
            ..Self::detect(name, rows)
        }
    }

    /// Adds a buildpack by key and fixture; without [`Self::order`] the keys in this order are the order.
    #[must_use]
    pub fn buildpack(self, key: &'static str, fixture: &'static str) -> Self {
        self.buildpack_at(Place::Primary, key, fixture)
    }

    /// Adds a buildpack that stands elsewhere.
    #[must_use]
    pub fn buildpack_at(mut self, place: Place, key: &'static str, fixture: &'static str) -> Self {
        self.buildpacks.push((place, key, fixture));
        self
    }

    /// Sets the buildpack order as typed.
    #[must_use]
    pub fn order(mut self, order: impl AsRef<[u8]>) -> Self {
        self.order = Some(order.as_ref().to_vec());
        self
    }

    /// Stages another app than `plain`.
    #[must_use]
    pub fn app(mut self, fixture: &'static str) -> Self {
        self.app = fixture;
        self
    }

    /// Adds words to the end of the command line.
    #[must_use]
    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    /// Gives these words and no others.
    #[must_use]
    pub fn only_flags(mut self, flags: &[&str]) -> Self {
        self.only_flags = true;
        self.flags(flags)
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .push((name.to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    /// Takes a variable away.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.environment.push((name.to_owned(), None));
        self
    }

    /// Puts bytes into standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: &[u8]) -> Self {
        bytes.clone_into(&mut self.stdin);
        self
    }

    /// Runs shell commands such as `umask 077` in the builder's process first.
    #[must_use]
    pub fn limits(mut self, commands: &str) -> Self {
        self.limits = Some(commands.to_owned());
        self
    }

    /// Runs more shell commands in the builder's process first, besides those of [`Scenario::limits`].
    #[must_use]
    pub fn more_limits(mut self, commands: &str) -> Self {
        self.limits = Some(
            self.limits
                .map_or_else(|| commands.to_owned(), |first| format!("{first}\n{commands}")),
        );
        self
    }

    /// Runs as a user without rights, who owns the sandbox.
    #[must_use]
    pub fn as_user(mut self) -> Self {
        self.as_user = true;
        self
    }

    /// Runs only as root; others skip it and say so.
    #[must_use]
    pub fn needs_root(mut self) -> Self {
        self.needs_root = true;
        self
    }

    /// Puts a fixture below the cached downloads, under a name with placeholders, and points the builder there.
    #[must_use]
    pub fn cached(self, name: &'static str, fixture: &'static str) -> Self {
        self.with_cached_downloads().step(Step::Fixture(name, fixture))
    }

    /// Points the builder to `{cached}`, the folder of the cached downloads, which need not be there.
    #[must_use]
    pub fn with_cached_downloads(self) -> Self {
        let flag = "-cachedDownloadsDir={cached}";
        if self.flags.iter().any(|known| known == flag) {
            return self;
        }
        self.flags(&[flag])
    }

    /// Mounts the cached downloads read-only, as a container sees a view; needs root.
    #[must_use]
    pub fn read_only(self) -> Self {
        self.mounts("mount --bind cached cached\nmount -o remount,bind,ro,nosuid,nodev cached")
    }

    /// Runs shell commands as root in a mount namespace of the builder's own first; needs root.
    #[must_use]
    pub fn mounts(mut self, commands: &str) -> Self {
        self.mounts = Some(commands.to_owned());
        self
    }

    /// Adds a step of preparation.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Writes a file of mode 0644 beforehand.
    #[must_use]
    pub fn file(self, path: &'static str, text: impl AsRef<[u8]>) -> Self {
        self.step(Step::File(path, text.as_ref().to_vec(), 0o644))
    }

    /// Adds an expectation.
    #[must_use]
    pub fn expect(mut self, expect: Expect) -> Self {
        self.expect.push(expect);
        self
    }

    /// Expects an exit status.
    #[must_use]
    pub fn exit(self, code: i32) -> Self {
        self.expect(Expect::Exit(code))
    }

    /// Expects all of standard output.
    #[must_use]
    pub fn stdout(self, text: impl Into<String>) -> Self {
        self.expect(Expect::Stdout(text.into()))
    }

    /// Expects all of standard error.
    #[must_use]
    pub fn stderr(self, text: impl Into<String>) -> Self {
        self.expect(Expect::Stderr(text.into()))
    }

    /// Expects a part of standard error.
    #[must_use]
    pub fn stderr_has(self, text: impl Into<String>) -> Self {
        self.expect(Expect::StderrHas(text.into()))
    }

    /// Expects a value of the result file, as JSON text.
    #[must_use]
    pub fn result_at(self, pointer: &'static str, json: impl Into<String>) -> Self {
        self.expect(Expect::ResultAt(pointer, json.into()))
    }

    /// Expects whatever the function asserts.
    #[must_use]
    pub fn that(self, check: fn(&Outcome)) -> Self {
        self.expect(Expect::That(check))
    }

    /// Tells whether this user can run the scenario.
    #[must_use]
    pub fn can_run(&self) -> bool {
        let root = geteuid().is_root();
        (root || !self.needs_root)
            && (root || !self.as_user || self.limits.is_none())
            && (self.mounts.is_none() || (root && can_mount()))
    }

    /// Makes the sandbox as the scenario wants it.
    #[must_use]
    pub fn prepare(&self) -> Sandbox {
        let keys = self
            .order_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::to_vec)
            .collect();
        let sandbox = Sandbox::new(keys);
        fixture::copy(
            &fixture::folder().join("apps").join(self.app),
            &sandbox.path("app"),
        );
        for (place, key, trait_) in &self.buildpacks {
            let folder = buildpack_folder(&sandbox.path("bps"), *place, key);
            fixture::copy(&fixture::folder().join("buildpacks").join(trait_), &folder);
        }
        for step in &self.steps {
            step.carry_out(&sandbox);
        }
        if self.as_user && geteuid().is_root() {
            give_away(sandbox.root(), PLAIN_USER);
        }
        sandbox
    }

    /// Starts the scenario on a prepared sandbox.
    #[must_use]
    pub fn start(&self, program: &Program, sandbox: &Sandbox) -> Running {
        let start = Start {
            arguments: self.arguments(sandbox),
            environment: self.environment(sandbox),
            folder: sandbox.root().to_owned(),
            stdin: self.stdin.clone(),
            limits: self.limits.clone(),
            user: (self.as_user && geteuid().is_root()).then_some(PLAIN_USER),
            mounts: self.mounts.clone(),
        };
        Running::start(program, &start, &sandbox.path("streams"))
    }

    /// Runs the scenario to its end.
    #[must_use]
    pub fn run(&self, program: &Program) -> Outcome {
        let sandbox = self.prepare();
        let (end, elapsed) = self.start(program, &sandbox).finish();
        Outcome::collect(sandbox, end, elapsed, self.user())
    }

    /// Checks an outcome against everything that the scenario expects.
    pub fn check(&self, outcome: &Outcome) {
        for expect in &self.expect {
            expect.check(outcome);
        }
    }

    fn user(&self) -> (u64, u64) {
        if self.as_user && geteuid().is_root() {
            (PLAIN_USER.into(), PLAIN_USER.into())
        } else {
            (geteuid().as_raw().into(), getegid().as_raw().into())
        }
    }

    fn order_bytes(&self) -> Vec<u8> {
        let keys: Vec<_> = self.buildpacks.iter().map(|(_, key, _)| key.as_bytes()).collect();
        self.order.clone().unwrap_or_else(|| keys.join(&b','))
    }

    fn arguments(&self, sandbox: &Sandbox) -> Vec<OsString> {
        let mut words = Vec::new();
        if !self.only_flags {
            let fixed = "-buildDir={app} -outputDroplet={out}/droplet.tgz -outputMetadata={out}/result.json \
                         -outputBuildArtifactsCache={out}/cache.tgz -buildpacksDir={bps} -buildArtifactsCacheDir={cache} \
                         -buildpacksDownloadDir={dl} -credhubRetryDelay=0s";
            words.extend(fixed.split(' ').map(|word| OsString::from(sandbox.expand(word))));
            words.push(format!("-skipDetect={}", self.skip_detect).into());
            words.push(OsString::from_vec(
                [b"-buildpackOrder=", self.order_bytes().as_slice()].concat(),
            ));
        }
        words.extend(self.flags.iter().map(|flag| OsString::from(sandbox.expand(flag))));
        words
    }

    fn environment(&self, sandbox: &Sandbox) -> Vec<(OsString, OsString)> {
        let fixed = [
            (
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ),
            ("TMPDIR", "{tmp}"),
            ("LANG", "C.UTF-8"),
        ];
        let mut variables: Vec<(OsString, OsString)> = fixed
            .iter()
            .map(|(name, value)| (name.into(), sandbox.expand(value).into()))
            .collect();
        for (name, value) in &self.environment {
            variables.retain(|(known, _)| known != OsStr::new(name));
            let Some(value) = value else { continue };
            let value = value
                .to_str()
                .map_or_else(|| value.clone(), |text| sandbox.expand(text).into());
            variables.push((name.into(), value));
        }
        variables
    }
}

impl Step {
    fn carry_out(&self, sandbox: &Sandbox) {
        let at = |path: &str| Path::new(&sandbox.expand(path)).to_owned();
        match self {
            Self::File(path, bytes, mode) => {
                let path = at(path);
                fs::create_dir_all(path.parent().expect("a folder")).expect("parent of a file");
                fs::write(&path, bytes).expect("file of a scenario");
                fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("mode of a file");
            }
            Self::Folder(path, mode) => {
                fs::create_dir_all(at(path)).expect("folder of a scenario");
                fs::set_permissions(at(path), fs::Permissions::from_mode(*mode)).expect("mode of a folder");
            }
            Self::Link(path, text) => symlink(sandbox.expand(text), at(path)).expect("link of a scenario"),
            Self::Mode(path, mode) => {
                fs::set_permissions(at(path), fs::Permissions::from_mode(*mode)).expect("mode of a scenario");
            }
            Self::Remove(path) => {
                let path = at(path);
                let removed = if path.is_dir() {
                    fs::remove_dir_all(path)
                } else {
                    fs::remove_file(path)
                };
                removed.expect("removal of a scenario");
            }
            Self::Fixture(name, fixture) => fixture::copy(
                &fixture::folder().join("buildpacks").join(fixture),
                &at(&format!("{{cached}}/{name}")),
            ),
            Self::Run(step) => step(sandbox),
        }
    }
}

/// Runs every scenario of a table and reports all that do not hold.
pub fn hold(program: &Program, table: &[Scenario]) {
    let mut failures = Vec::new();
    for scenario in table {
        if !scenario.can_run() {
            crate::skipped!("{}: it needs root", scenario.name);
            continue;
        }
        let result = catch_unwind(AssertUnwindSafe(|| scenario.check(&scenario.run(program))));
        if let Err(panic) = result {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            failures.push(format!(
                "{} ({}): {}",
                scenario.name,
                scenario.rows,
                text.unwrap_or_default()
            ));
        }
    }
    let (failed, all) = (failures.len(), table.len());
    assert!(
        failures.is_empty(),
        "{failed} of {all} scenarios do not hold:\n  {}",
        failures.join("\n  ")
    );
}

fn buildpack_folder(base: &Path, place: Place, key: &str) -> std::path::PathBuf {
    match place {
        Place::Primary => base.join(key::primary(key.as_bytes())),
        Place::Legacy => base.join(key::legacy(key.as_bytes())),
        Place::Nested => base.join(key::primary(key.as_bytes())).join("inner"),
        Place::NestedLegacy => base.join(key::legacy(key.as_bytes())).join("inner"),
    }
}

fn give_away(root: &Path, user: u32) {
    chown(root, Some(user), Some(user)).expect("owner of the sandbox");
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            lchown(entry.path(), Some(user), Some(user)).expect("owner of an entry");
            if entry.file_type().expect("kind of an entry").is_dir() {
                open.push(entry.path());
            }
        }
    }
}
