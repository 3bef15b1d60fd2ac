//! A desk, and who stages at it; and buildpacks, file by file, in the forms in which they come.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::geteuid;

use crate::cell::{Ran, Running};
use crate::desk::Desk;
use crate::skipped;
use crate::tars::{self, Member};
use crate::zips::{self, Entry};

/// The ordinary user, when root runs the tests.
const USER: u32 = 1000;

/// What makes a tree too large for a copy that nobody asked for, together with its scripts.
pub const MUCH: u64 = 64 << 20;

/// A desk, and who stages at it.
pub struct Scene {
    /// The desk.
    pub desk: Desk,
    /// Another user than the one that runs the tests.
    pub user: Option<u32>,
}

impl Scene {
    fn new(programs: (&str, &str), user: Option<u32>) -> Self {
        let (cellcache, cell) = programs;
        let desk = Desk::new(cellcache, cell);
        Self { desk, user }
    }

    /// As whoever runs the tests, and, if that is root, also as an ordinary user; where containers can be run.
    #[must_use]
    pub fn all(programs: (&str, &str)) -> Vec<Self> {
        Self::bare(programs)
            .into_iter()
            .filter(Self::has_containers)
            .collect()
    }

    /// The same, also where there are no containers.
    #[must_use]
    pub fn bare(programs: (&str, &str)) -> Vec<Self> {
        let users = if geteuid().is_root() {
            vec![None, Some(USER)]
        } else {
            vec![None]
        };
        let scenes = users.into_iter().map(|user| Self::new(programs, user));
        scenes.filter(Self::has_program).collect()
    }

    /// Another user may not reach the program, for instance below root's home.
    fn has_program(&self) -> bool {
        let line = "--version";
        let Some(user) = self.user else { return true };
        let ran = as_user(&self.desk.command(line), user).output();
        let is_there = ran.is_ok_and(|output| output.status.success());
        if !is_there {
            skipped!(
                "stagings by {}: the program cannot be started by user {user}",
                self.name()
            );
        }
        is_there
    }

    fn has_containers(&self) -> bool {
        let app = self.app();
        let quick = self.desk.buildpack("probe", "true", "true");
        let ran = self.stage(&format!("{app} -b {quick}"));
        if ran.code != Some(0) {
            skipped!("no containers for {}: {ran}", self.name());
        }
        ran.code == Some(0)
    }

    /// Whether root stages.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.user.is_none() && geteuid().is_root()
    }

    /// Who stages, in words.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.is_root() {
            "root"
        } else {
            "an ordinary user"
        }
    }

    /// The kinds of container that this user can have.
    #[must_use]
    pub fn kinds(&self) -> &'static [&'static str] {
        if self.is_root() {
            &["", "--privileged"]
        } else {
            &[""]
        }
    }

    /// An application; its path.
    #[must_use]
    pub fn app(&self) -> String {
        self.desk.folder("app", &[("index.html", "hello")])
    }

    /// Stages into `out`.
    #[must_use]
    pub fn stage(&self, words: &str) -> Ran {
        let line = format!("stage {words} --out out");
        self.finish(self.desk.command(&line), &line)
    }

    /// Runs a command of `cellcache`.
    fn cellcache(&self, line: &str) -> Ran {
        self.finish(self.desk.cell().command(line), line)
    }

    fn finish(&self, command: Command, line: &str) -> Ran {
        let Some(user) = self.user else {
            return Running::of(command, line).finish();
        };
        give(self.desk.cell().root(), user);
        Running::of(as_user(&command, user), line).finish()
    }

    /// Stages with what has to succeed, and yields what the compile script wrote to `told`.
    #[track_caller]
    #[must_use]
    pub fn told(&self, words: &str) -> String {
        let ran = self.stage(words);
        assert_eq!(ran.code, Some(0), "{}: {ran}", self.name());
        self.packed_file("./app/told")
    }

    /// A file of the droplet that was staged last, as text.
    #[track_caller]
    #[must_use]
    pub fn packed_file(&self, name: &str) -> String {
        let droplet = fs::File::open(self.desk.path("out/droplet.tgz")).expect("a droplet");
        let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(droplet));
        for member in archive.entries().expect("members") {
            let mut member = member.expect("a member");
            if member.path_bytes().as_ref() == name.as_bytes() {
                let mut text = String::new();
                std::io::Read::read_to_string(&mut member, &mut text).expect("text");
                return text;
            }
        }
        panic!("no {name} in the droplet");
    }

    /// The store is as it was published, and nothing is left of any staging.
    #[track_caller]
    pub fn assert_sound(&self) {
        let ran = self.cellcache("verify");
        assert_eq!(ran.code, Some(0), "{}: {ran}", self.name());
        self.desk.assert_clean();
    }
}

/// The same command as another user without any privilege.
fn as_user(command: &Command, user: u32) -> Command {
    let mut other = Command::new("setpriv");
    other
        .args([format!("--reuid={user}"), format!("--regid={user}")])
        .args(["--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(std::process::Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        other.current_dir(folder);
    }
    other
}

/// Gives away what still belongs to us, as when the user had made it.
pub fn give(root: &Path, user: u32) {
    let owner = format!("{user}:{user}");
    let done = Command::new("chown")
        .args(["-Rh", "--from=0:0", &owner])
        .arg(root)
        .status();
    assert!(done.expect("chown").success());
}

/// A file of a buildpack: path, mode, content.
pub type File<'f> = (&'f str, u32, Vec<u8>);

/// The scripts of a buildpack that detects everything and compiles by this script, in which `$here` is its directory.
#[must_use]
pub fn scripts(compile: &str) -> Vec<File<'static>> {
    let compile =
        format!("#!/bin/bash\nset -e\nhere=\"$(cd \"$(dirname \"$0\")/..\" && pwd -P)\"\n{compile}\n");
    let release = "#!/bin/sh\necho 'default_process_types: {web: \"true\"}'\n";
    vec![
        ("bin/detect", 0o755, b"#!/bin/sh\necho yes\n".to_vec()),
        ("bin/compile", 0o755, compile.into_bytes()),
        ("bin/release", 0o755, release.into()),
    ]
}

/// Makes a directory of these files; yields its path.
#[must_use]
pub fn directory(scene: &Scene, name: &str, files: &[File<'_>]) -> String {
    let root = scene.desk.path("files").join(name);
    for (path, mode, content) in files {
        let at = root.join(path);
        fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
        fs::write(&at, content).expect("a file");
        fs::set_permissions(&at, fs::Permissions::from_mode(*mode)).expect("chmod");
    }
    root.to_str().expect("a plain name").to_owned()
}

/// Makes a zip of these files; yields its path.
#[must_use]
pub fn zip(scene: &Scene, name: &str, files: &[File<'_>]) -> String {
    let entry = |(path, mode, content): &File<'_>| Entry::file(path, content).mode(*mode);
    let entries: Vec<_> = files.iter().map(entry).collect();
    scene.desk.cell().file(name, zips::zip(&entries))
}

/// Makes a tgz of these files; yields its path.
#[must_use]
pub fn tgz(scene: &Scene, name: &str, files: &[File<'_>]) -> String {
    let member = |(path, mode, content): &File<'_>| Member::file(path, content).mode(*mode);
    let members: Vec<_> = files.iter().map(member).collect();
    scene.desk.cell().file(name, tars::tgz(&members))
}

/// So much more content that nobody copies the tree unasked.
pub fn enlarge(directory: &str) {
    let more = fs::File::create(Path::new(directory).join("more")).expect("a file");
    more.set_len(MUCH).expect("its length");
}
