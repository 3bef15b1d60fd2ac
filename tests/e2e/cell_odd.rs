//! Odd buildpacks and odd stores, staged in real containers: what writes beside itself, what another owns, what has strange
//! modes or attributes, what lies where nothing can be started or written.
//!
//! As root and as an ordinary user; says so where one of them cannot be tried.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use nix::mount::{MsFlags, mount};
use nix::unistd::geteuid;
use tests::cell::{Ran, Running};
use tests::desk::Desk;
use tests::skipped;
use tests::tars::{self, Member};
use tests::zips::{self, Entry};

/// The ordinary user, when root runs the tests.
const USER: u32 = 1000;

/// What makes a tree too large for a copy that nobody asked for, together with its scripts.
const MUCH: u64 = 64 << 20;

/// A desk, and who stages at it.
pub(crate) struct Scene {
    pub(crate) desk: Desk,
    /// Another user than the one that runs the tests.
    user: Option<u32>,
}

impl Scene {
    fn new(user: Option<u32>) -> Self {
        let desk = Desk::new(super::CELLCACHE, super::CELL);
        Self { desk, user }
    }

    /// As whoever runs the tests, and, if that is root, also as an ordinary user; where containers can be run.
    fn all() -> Vec<Self> {
        Self::bare().into_iter().filter(Self::has_containers).collect()
    }

    /// The same, also where there are no containers.
    pub(crate) fn bare() -> Vec<Self> {
        let users = if geteuid().is_root() {
            vec![None, Some(USER)]
        } else {
            vec![None]
        };
        users.into_iter().map(Self::new).collect()
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

    fn is_root(&self) -> bool {
        self.user.is_none() && geteuid().is_root()
    }

    fn name(&self) -> &'static str {
        if self.is_root() {
            "root"
        } else {
            "an ordinary user"
        }
    }

    /// The kinds of container that this user can have.
    fn kinds(&self) -> &'static [&'static str] {
        if self.is_root() {
            &["", "--privileged"]
        } else {
            &[""]
        }
    }

    pub(crate) fn app(&self) -> String {
        self.desk.folder("app", &[("index.html", "hello")])
    }

    /// Stages into `out`.
    fn stage(&self, words: &str) -> Ran {
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
    pub(crate) fn told(&self, words: &str) -> String {
        let ran = self.stage(words);
        assert_eq!(ran.code, Some(0), "{}: {ran}", self.name());
        self.packed_file("./app/told")
    }

    #[track_caller]
    fn packed_file(&self, name: &str) -> String {
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
    pub(crate) fn assert_sound(&self) {
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
fn give(root: &Path, user: u32) {
    let owner = format!("{user}:{user}");
    let done = Command::new("chown")
        .args(["-Rh", "--from=0:0", &owner])
        .arg(root)
        .status();
    assert!(done.expect("chown").success());
}

/// A file of a buildpack: path, mode, content.
pub(crate) type File<'f> = (&'f str, u32, Vec<u8>);

/// The scripts of a buildpack that detects everything and compiles by this script, in which `$here` is its directory.
pub(crate) fn scripts(compile: &str) -> Vec<File<'static>> {
    let compile =
        format!("#!/bin/bash\nset -e\nhere=\"$(cd \"$(dirname \"$0\")/..\" && pwd -P)\"\n{compile}\n");
    let release = "#!/bin/sh\necho 'default_process_types: {web: \"true\"}'\n";
    vec![
        ("bin/detect", 0o755, b"#!/bin/sh\necho yes\n".to_vec()),
        ("bin/compile", 0o755, compile.into_bytes()),
        ("bin/release", 0o755, release.into()),
    ]
}

pub(crate) fn directory(scene: &Scene, name: &str, files: &[File<'_>]) -> String {
    let root = scene.desk.path("files").join(name);
    for (path, mode, content) in files {
        let at = root.join(path);
        fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
        fs::write(&at, content).expect("a file");
        fs::set_permissions(&at, fs::Permissions::from_mode(*mode)).expect("chmod");
    }
    root.to_str().expect("a plain name").to_owned()
}

fn zip(scene: &Scene, name: &str, files: &[File<'_>]) -> String {
    let entry = |(path, mode, content): &File<'_>| Entry::file(path, content).mode(*mode);
    let entries: Vec<_> = files.iter().map(entry).collect();
    scene.desk.cell().file(name, zips::zip(&entries))
}

fn tgz(scene: &Scene, name: &str, files: &[File<'_>]) -> String {
    let member = |(path, mode, content): &File<'_>| Member::file(path, content).mode(*mode);
    let members: Vec<_> = files.iter().map(member).collect();
    scene.desk.cell().file(name, tars::tgz(&members))
}

/// So much more content that nobody copies the tree unasked.
pub(crate) fn enlarge(directory: &str) {
    let more = fs::File::create(Path::new(directory).join("more")).expect("a file");
    more.set_len(MUCH).expect("its length");
}

/// A buildpack that writes beside its scripts writes to a copy of its own; one too large for that fails with a word that
/// says what gives it one, and that does.
///
/// Rules: B-11, I-4
#[test]
fn what_writes_beside_itself_gets_a_copy_or_a_word() {
    let writes = scripts(
        "echo more >>\"$here/export\"; echo more >>\"$here/bin/detect\"; echo \"at $here\" >\"$1/told\"",
    );
    for scene in Scene::all() {
        let app = scene.app();
        let small = directory(&scene, "small", &writes);
        let large = directory(&scene, "large", &writes);
        enlarge(&large);
        let zipped = zip(&scene, "zipped.zip", &writes);
        for kind in scene.kinds() {
            for source in [&small, &zipped] {
                let told = scene.told(&format!("{app} -b {source} {kind}"));
                assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{kind}: {told}");
            }
            let ran = scene.stage(&format!("{app} -b {large} {kind}"));
            assert_eq!(ran.code, Some(223), "{ran}");
            let word = "(buildpack `large` runs from /cached-downloads/large, where it cannot write: if it wants to, \
                        -privateBuildpacks=large gives it a copy of its own)";
            assert!(ran.stderr.contains(word), "{ran}");
            let asked = "--private-buildpacks=large";
            let told = scene.told(&format!("{app} -b {large} {kind} {asked}"));
            assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{told}");
        }
        scene.assert_sound();
    }
}

/// Rules: B-11, B-12
#[test]
fn a_git_checkout_of_another_owner_answers_to_git() {
    let asks = scripts(
        "git -C \"$here\" log --format='git %s' >\"$1/told\"; git -C \"$here\" rev-parse HEAD >/dev/null",
    );
    for scene in Scene::all() {
        let app = scene.app();
        let checkout = directory(&scene, "checkout", &asks);
        let git = |words: &[&str]| {
            let run = Command::new("git").arg("-C").arg(&checkout).args(words).output();
            run.is_ok_and(|output| output.status.success())
        };
        let identity = [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "-qm",
            "first",
        ];
        if !(git(&["init", "-q"]) && git(&["add", "."]) && git(&identity)) {
            skipped!("no git");
            return;
        }
        if scene.is_root() {
            let given = Command::new("chown")
                .args(["-Rh", "4000:4000", &checkout])
                .status();
            assert!(given.expect("chown").success());
        }
        for kind in scene.kinds() {
            for placement in ["auto", "inplace", "link", "copy"] {
                let asked = format!("{kind} --placement {placement}");
                let told = scene.told(&format!("{app} -b {checkout} {asked}"));
                assert_eq!(told, "git first\n", "{asked}");
            }
        }
        scene.assert_sound();
    }
}

/// What only its owner might read and start, vcap reads and starts, in whatever form it comes; set-id bits are gone.
///
/// Rules, P-05
#[test]
fn modes_are_those_of_the_store() {
    let id = fs::read("/usr/bin/id").expect("a program");
    let mut files = scripts(
        "{ cat \"$here/lib/words\"; \"$here/lib/tool\"; \"$here/lib/id\" -u; \"$here/lib/id\" -ru; \
         stat -c '%a %n' bin/* lib lib/* | sort; } >\"$1/told\"",
    );
    files[1].2 = String::from_utf8(files[1].2.clone())
        .expect("text")
        .replace("\n{ cat", "\ncd \"$here\"\n{ cat")
        .into();
    for file in &mut files {
        file.1 = 0o700;
    }
    files.extend([
        ("lib/words", 0o600, b"words\n".to_vec()),
        ("lib/tool", 0o700, b"#!/bin/sh\necho started\n".to_vec()),
        ("lib/id", 0o6755, id.clone()),
        ("lib/open", 0o666, b"".to_vec()),
    ]);
    let expected = "words\nstarted\n2000\n2000\n644 lib/open\n644 lib/words\n755 bin/compile\n755 bin/detect\n\
                    755 bin/release\n755 lib\n755 lib/id\n755 lib/tool\n";
    for scene in Scene::all() {
        let app = scene.app();
        let tree = directory(&scene, "tree", &files);
        for folder in ["", "bin", "lib"] {
            let mode = fs::Permissions::from_mode(0o700);
            fs::set_permissions(Path::new(&tree).join(folder), mode).expect("chmod");
        }
        let zipped = zip(&scene, "zipped.zip", &files);
        let packed = tgz(&scene, "packed.tgz", &files);
        for source in [&tree, &zipped, &packed] {
            for kind in scene.kinds() {
                for placement in ["auto", "inplace"] {
                    let asked = format!("{kind} --placement {placement}");
                    let told = scene.told(&format!("{app} -b {source} {asked}"));
                    assert_eq!(told, expected, "{source} {asked}");
                }
            }
        }
        scene.assert_sound();
    }
}

/// A zip that was made where there are no modes.
///
/// Rules: A-83
#[test]
fn a_zip_without_modes_is_staged() {
    let files = scripts("echo compiled >\"$1/told\"");
    let dos = |path: &str, content: &[u8]| Entry::file(path, content).made_on_dos(0x20);
    let entries: Vec<_> = files
        .iter()
        .map(|(path, _, content)| dos(path, content))
        .collect();
    let content = vec![0; usize::try_from(MUCH).expect("a size")];
    let more = [entries.clone(), vec![dos("more", &content).stored()]].concat();
    let (plain, large) = (zips::zip(&entries), zips::zip(&more));
    for scene in Scene::all() {
        let app = scene.app();
        let plain = scene.desk.cell().file("plain.zip", &plain);
        let large = scene.desk.cell().file("large.zip", &large);
        for kind in scene.kinds() {
            for (name, source) in [("plain", &plain), ("large", &large)] {
                let ran = scene.stage(&format!("{app} -b {source} {kind}"));
                assert_eq!(ran.code, Some(0), "{ran}");
                for script in ["detect", "compile", "release"] {
                    let word = format!(
                        "Warning: bin/{script} of buildpack `{name}` was not executable; in its copy it is\n"
                    );
                    assert!(ran.stderr.contains(&word), "{ran}");
                }
                assert_eq!(scene.packed_file("./app/told"), "compiled\n");
            }
        }
        scene.assert_sound();
    }
}

/// A folder of the desk on a file system in memory of its own, with these flags; root only. `var` has the store.
fn disk(scene: &Scene, folder: &str, flags: MsFlags) {
    let at = scene.desk.path(folder);
    mount(
        Some("tmpfs"),
        &at,
        Some("tmpfs"),
        flags,
        Some("size=512m,mode=755"),
    )
    .expect("mounted");
    if let Some(user) = scene.user {
        give(scene.desk.cell().root(), user);
    }
}

fn remount(scene: &Scene, flags: MsFlags) {
    let none: Option<&str> = None;
    mount(
        none,
        &scene.desk.path("var"),
        none,
        MsFlags::MS_REMOUNT | flags,
        none,
    )
    .expect("remounted");
}

/// A store where nothing can be started: mounts of single trees lift that; other views get copies, or a word.
///
/// Rules: S-18, B-11
#[test]
fn a_store_mounted_noexec_is_run_from_or_copied() {
    if !geteuid().is_root() {
        skipped!("a store mounted noexec: it needs root");
        return;
    }
    let tells = scripts("echo \"at $here\" >\"$1/told\"");
    for scene in Scene::all() {
        disk(&scene, "var", MsFlags::MS_NOEXEC);
        let app = scene.app();
        let small = directory(&scene, "small", &tells);
        let large = directory(&scene, "large", &tells);
        enlarge(&large);
        for kind in scene.kinds() {
            let told = scene.told(&format!("{app} -b {small} {kind}"));
            assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{kind}: {told}");
            let ran = scene.stage(&format!("{app} -b {large} --no-detect {kind}"));
            if scene.is_root() {
                assert_eq!(ran.code, Some(0), "{ran}");
                assert_eq!(scene.packed_file("./app/told"), "at /cached-downloads/large\n");
                continue;
            }
            assert_eq!(ran.code, Some(225), "{ran}");
            let word = "Cached buildpack `large` at /cached-downloads/large is on a file system that is mounted noexec \
                        (-placement=copy runs a copy)";
            assert!(ran.stderr.contains(word), "{ran}");
            let told = scene.told(&format!("{app} -b {large} {kind} --placement copy"));
            assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{kind}: {told}");
        }
        scene.assert_sound();
    }
}

/// Where no copy could be started none is made, and what has to be one is told; the person is warned of the rest.
///
/// Rules: B-11
#[test]
fn a_scratch_directory_mounted_noexec_is_told() {
    if !geteuid().is_root() {
        skipped!("a scratch directory mounted noexec: it needs root");
        return;
    }
    let tells = scripts("echo \"at $here\" >\"$1/told\"");
    for scene in Scene::all() {
        disk(&scene, "tmp", MsFlags::MS_NOEXEC);
        let app = scene.app();
        let small = directory(&scene, "small", &tells);
        for kind in scene.kinds() {
            let ran = scene.stage(&format!("{app} -b {small} {kind}"));
            assert_eq!(ran.code, Some(0), "{ran}");
            let word = "/tmp is mounted noexec: what buildpacks put into the app cannot be started while it is staged \
                        (--scratch names another directory)\n";
            assert!(ran.stderr.contains(word), "{ran}");
            assert_eq!(scene.packed_file("./app/told"), "at /cached-downloads/small\n");
            let ran = scene.stage(&format!("{app} -b {small} --no-detect {kind} --placement copy"));
            assert_eq!(ran.code, Some(225), "{ran}");
            let word = "Cached buildpack `small` cannot run from a copy: /tmp/buildpackdownloads is on a file system that \
                        is mounted noexec";
            assert!(ran.stderr.contains(word), "{ran}");
        }
        scene.assert_sound();
    }
}

/// A store that cannot be written to is told as such before anything is staged, and is usable once it can be.
///
/// Rules: S-03, S-18, I-5, I-6
#[test]
fn a_read_only_store_is_told() {
    if !geteuid().is_root() {
        skipped!("a read-only store: it needs root");
        return;
    }
    for scene in Scene::all() {
        disk(&scene, "var", MsFlags::empty());
        let app = scene.app();
        let quick = directory(&scene, "quick", &scripts("echo yes >\"$1/told\""));
        let line = format!("{app} -b {quick}");
        // An empty one, and one that has it all.
        for _ in 0..2 {
            remount(&scene, MsFlags::MS_RDONLY);
            let ran = scene.stage(&line);
            assert_eq!(ran.code, Some(100), "{ran}");
            let word = "error: Failed to get the buildpacks: The store cannot be written: ";
            assert!(ran.stderr.contains(word), "{ran}");
            assert!(
                ran.stderr
                    .contains(": read-only file system\nhelp: name another store with --store"),
                "{ran}"
            );
            remount(&scene, MsFlags::empty());
            assert_eq!(scene.told(&line), "yes\n");
        }
        scene.assert_sound();
    }
}

/// A file capability as the system keeps it: to send any packet, effective at once.
const CAPABILITY: [u8; 20] = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

const ATTRIBUTE: &std::ffi::CStr = c"security.capability";

/// Sets an attribute of a file; needs root.
fn set_capability(path: &Path) {
    let path = std::ffi::CString::new(path.to_str().expect("text")).expect("a path");
    // SAFETY: C strings, and as many bytes as there are.
    #[expect(unsafe_code, reason = "nothing here wraps setxattr")]
    let done = unsafe {
        libc::setxattr(
            path.as_ptr(),
            ATTRIBUTE.as_ptr(),
            CAPABILITY.as_ptr().cast(),
            CAPABILITY.len(),
            0,
        )
    };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

fn has_capability(path: &Path) -> bool {
    let path = std::ffi::CString::new(path.to_str().expect("text")).expect("a path");
    // SAFETY: C strings, and nothing is written to a buffer of no length.
    #[expect(unsafe_code, reason = "nothing here wraps getxattr")]
    let length = unsafe { libc::getxattr(path.as_ptr(), ATTRIBUTE.as_ptr(), std::ptr::null_mut(), 0) };
    length >= 0
}

/// A record of an extended header with the capability.
fn pax_record() -> Vec<u8> {
    let body = [
        b" SCHILY.xattr.security.capability=".as_slice(),
        &CAPABILITY,
        b"\n",
    ]
    .concat();
    let length = body.len() + 2;
    [length.to_string().into_bytes(), body].concat()
}

/// A program's capabilities stay outside, whether they come with a directory or an archive.
///
/// Rules: A-45, P-01
#[test]
fn file_capabilities_are_not_carried() {
    let grep = fs::read("/usr/bin/grep").expect("a program");
    let mut files =
        scripts("\"$here/lib/grep\" -E '^Cap(Prm|Eff|Bnd|Inh|Amb)' /proc/self/status >\"$1/told\"");
    files.push(("lib/grep", 0o755, grep));
    let members = files.iter().flat_map(|(path, mode, content)| {
        let extended = Member::special(format!("PaxHeaders/{path}"), b'x').content(pax_record());
        [extended, Member::file(path, content).mode(*mode)]
    });
    let archive = tars::tgz(&members.collect::<Vec<_>>());
    for scene in Scene::all() {
        let app = scene.app();
        let tree = directory(&scene, "tree", &files);
        if geteuid().is_root() {
            set_capability(&Path::new(&tree).join("lib/grep"));
        } else {
            skipped!("file capabilities of a directory: they need root");
        }
        let packed = scene.desk.cell().file("packed.tgz", &archive);
        for source in [&tree, &packed] {
            for kind in scene.kinds() {
                for placement in ["auto", "inplace"] {
                    let asked = format!("{kind} --placement {placement}");
                    let told = scene.told(&format!("{app} -b {source} {asked}"));
                    assert_eq!(told.lines().count(), 5, "{told}");
                    for line in told.lines() {
                        assert!(line.ends_with("\t0000000000000000"), "{source} {asked}: {told}");
                    }
                }
            }
        }
        let stored = tests::tree::list(&scene.desk.cell().store());
        let programs: Vec<_> = stored.iter().filter(|path| path.ends_with("lib/grep")).collect();
        assert_eq!(programs.len(), 2, "{stored:#?}");
        for program in programs {
            assert!(
                !has_capability(&scene.desk.cell().store().join(program)),
                "{program}"
            );
        }
        scene.assert_sound();
    }
}
