//! A cell of its own for the cache: a store, its surroundings, and the program run in them black box.

mod ran;
mod recount;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::mount::{MntFlags, umount2};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::inventory::Inventory;

pub use ran::Ran;
pub use recount::{Usage, recount};

/// Longest time that one command may take before it is ended, which fails its test.
const PATIENCE: Duration = Duration::from_mins(2);

/// The folders of one cell; removed when dropped.
#[derive(Debug)]
pub struct Cell {
    program: PathBuf,
    folder: TempDir,
    env: Vec<(String, String)>,
    flags: Vec<String>,
    user: Option<u32>,
}

/// A command under way.
#[derive(Debug)]
pub struct Running {
    pid: Pid,
    words: String,
    begun: Instant,
    done: mpsc::Sender<()>,
    output: JoinHandle<std::io::Result<std::process::Output>>,
    watch: JoinHandle<bool>,
}

/// Takes away what views have left mounted, so that the folders can go.
impl Drop for Cell {
    fn drop(&mut self) {
        let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        for place in table.lines().filter_map(|line| line.split(' ').nth(4)) {
            if Path::new(place).starts_with(self.root()) {
                let _gone = umount2(place, MntFlags::MNT_DETACH);
            }
        }
    }
}

impl Cell {
    /// A cell without a store yet, which the first command makes.
    #[must_use]
    pub fn new(program: &str) -> Self {
        Self::below(program, &std::env::temp_dir())
    }

    /// The same below a folder of a file system that the test chose.
    #[must_use]
    pub fn below(program: &str, parent: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("cell-")
            .tempdir_in(parent)
            .expect("a folder");
        let cell = Self {
            program: PathBuf::from(program),
            folder,
            env: Vec::new(),
            flags: Vec::new(),
            user: None,
        };
        fs::set_permissions(cell.root(), fs::Permissions::from_mode(0o755)).expect("chmod");
        for name in ["var", "home", "tmp", "files"] {
            fs::create_dir(cell.path(name)).expect("a folder of the cell");
        }
        cell
    }

    /// Lets an ordinary user run every command, and own the folders. Only root can ask for that.
    #[must_use]
    pub fn run_by(mut self, user: u32) -> Self {
        for name in ["", "var", "home", "tmp"] {
            chown(self.path(name), Some(user), Some(user)).expect("chown");
        }
        self.program = reachable(&self.program, self.root());
        self.user = Some(user);
        self
    }

    /// The user who runs every command, if it is not this one.
    #[must_use]
    pub const fn user(&self) -> Option<u32> {
        self.user
    }

    /// Adds global flags to every command.
    #[must_use]
    pub fn with(mut self, flags: &str) -> Self {
        self.flags.extend(flags.split_whitespace().map(str::to_owned));
        self
    }

    /// Adds a variable to the environment of every command.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder that holds all others; also the working directory of the commands.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A path inside, for example `files/list.json`.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.path("var/store")
    }

    /// Writes a file below `files/` and returns its path as text.
    #[must_use]
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path("files").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path.to_str().expect("a plain name").to_owned()
    }

    /// The program with the words of a line behind `--store`, in an environment of its own. Words end at blanks.
    #[must_use]
    pub fn command(&self, line: &str) -> Command {
        let store = self.store();
        let head = [OsStr::new("--store"), store.as_os_str()];
        let words: Vec<&OsStr> = line.split_whitespace().map(OsStr::new).collect();
        let mut command = self.bare(&head);
        command.args(&self.flags).args(words);
        command
    }

    /// The program with exactly these arguments, in an environment of its own.
    #[must_use]
    pub fn bare(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("TZ", "UTC")
            .envs(self.env.iter().cloned())
            .stdin(Stdio::null());
        become_user(&mut command, self.user);
        command
    }

    /// Runs a line to its end.
    #[must_use]
    pub fn run(&self, line: &str) -> Ran {
        self.start(line).finish()
    }

    /// Runs a line that must succeed.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "mostly its success is all that matters")]
    pub fn must(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.code, Some(0), "`{line}`: {ran}");
        ran
    }

    /// Makes the store, which else the first fetch does.
    #[track_caller]
    pub fn open(&self) {
        let nothing = self.file("nothing", "");
        self.must(&format!("warm --file {nothing}"));
    }

    /// Makes the store by fetching nothing.
    #[track_caller]
    pub fn make_store(&self) {
        self.must("warm --file /dev/null");
    }

    /// Starts a line.
    #[must_use]
    pub fn start(&self, line: &str) -> Running {
        Running::of(self.command(line), line)
    }

    /// Fetches with `--json`: `line` is what follows `fetch`.
    #[must_use]
    pub fn fetch(&self, line: &str) -> Ran {
        self.run(&format!("--json fetch {line}"))
    }

    /// Everything of the cell but the store and the folder for temporary files (I-1).
    #[must_use]
    pub fn surroundings(&self) -> Inventory {
        let ours = |name: &[u8]| [&b"var/"[..], b"tmp/"].iter().any(|own| name.starts_with(own));
        let exact = |name: &[u8]| name == b"var" || name == b"tmp";
        Inventory::of(self.root()).retain(|name, _| !ours(name) && !exact(name))
    }

    /// What the store takes on the disk, counted without the program.
    #[must_use]
    pub fn recount(&self) -> Usage {
        recount(&self.store())
    }
}

/// Starts a command as a user, with nothing of root's.
pub(crate) fn become_user(command: &mut Command, user: Option<u32>) {
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
}

/// Puts a program into a folder that every user can reach: the target folder may be private.
pub(crate) fn reachable(program: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join(program.file_name().expect("a program"));
    if fs::hard_link(program, &copy).is_err() {
        fs::copy(program, &copy).expect("copy of the program");
    }
    copy
}

impl Running {
    /// Starts a command whose output is kept.
    #[must_use]
    pub fn of(mut command: Command, words: &str) -> Self {
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("`{words}`: {e}"));
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process number"));
        let (done, ended) = mpsc::channel();
        Self {
            pid,
            words: words.to_owned(),
            begun: Instant::now(),
            done,
            output: std::thread::spawn(move || Child::wait_with_output(child)),
            watch: std::thread::spawn(move || {
                let is_late = ended.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout);
                if is_late {
                    let _gone = kill(pid, Signal::SIGKILL);
                }
                is_late
            }),
        }
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Whether it has not ended yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.output.is_finished()
    }

    /// Sends a signal, if it is still there.
    pub fn signal(&self, signal: Signal) {
        // Nobody else reaps it: while the reader waits, the number is its own.
        if self.is_running() {
            let _gone = kill(self.pid, signal);
        }
    }

    /// Waits for its end.
    #[must_use]
    pub fn finish(self) -> Ran {
        let output = self.output.join().expect("a reader").expect("output");
        let _watcher_gone = self.done.send(());
        assert!(
            !self.watch.join().expect("a watcher"),
            "`{}` did not end",
            self.words
        );
        Ran::of(&self.words, &output, self.begun.elapsed())
    }
}
