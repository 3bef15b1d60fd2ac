//! Starts the program under test.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;

/// A run that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// The builder that the scenarios run on.
#[derive(Debug, Clone)]
pub struct Program(PathBuf);

impl Program {
    /// Takes the program that `BUILDER_UNDER_TEST` names, otherwise the one that was built with the tests.
    #[must_use]
    pub fn under_test(built: &str) -> Self {
        Self(std::env::var_os("BUILDER_UNDER_TEST").map_or_else(|| built.into(), PathBuf::from))
    }

    /// Takes a program by its path.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The program's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Everything that a process starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The words after the program's name.
    pub arguments: Vec<OsString>,
    /// The whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The working directory.
    pub folder: PathBuf,
    /// What standard input holds.
    pub stdin: Vec<u8>,
    /// Shell commands that run in the process before the program takes its place, such as `umask 077`.
    pub limits: Option<String>,
    /// The user and group to run as; needs root.
    pub user: Option<u32>,
    /// Shell commands that run as root in a mount namespace of the program's own; needs root.
    pub mounts: Option<String>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It exited with this status.
    Exit(i32),
    /// It was ended by this signal.
    Signal(i32),
    /// It did not end within the harness's patience and was killed.
    Hung,
}

impl End {
    fn of(status: ExitStatus) -> Self {
        status
            .code()
            .map_or_else(|| Self::Signal(status.signal().unwrap_or_default()), Self::Exit)
    }
}

/// A program that is running, in a process group of its own.
#[derive(Debug)]
pub struct Running {
    child: Child,
    started: Instant,
    streams: PathBuf,
}

/// Undoes what `nohup` or a shell's background job hands down: the builder rightly leaves an ignored signal ignored.
pub(crate) fn hear_signals() {
    for ignored in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT] {
        // SAFETY: the default disposition runs none of our code.
        unsafe { signal(ignored, SigHandler::SigDfl) }.expect("a disposition");
    }
}

impl Running {
    /// Starts the program; its output goes to files in `streams`, so that no daemon of a script can hold the reader.
    #[must_use]
    pub fn start(program: &Program, start: &Start, streams: &Path) -> Self {
        hear_signals();
        fs::create_dir_all(streams).expect("folder of the streams");
        File::create(streams.join("stdin"))
            .and_then(|mut file| file.write_all(&start.stdin))
            .expect("stdin");
        let stream =
            |name: &str| Stdio::from(File::create(streams.join(name)).expect("stream of the program"));
        let child = command(program, start, streams)
            .args(&start.arguments)
            .env_clear()
            .envs(start.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&start.folder)
            .stdin(File::open(streams.join("stdin")).expect("stdin"))
            .stdout(stream("stdout"))
            .stderr(stream("stderr"))
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", program.path().display()));
        Self {
            child,
            started: Instant::now(),
            streams: streams.to_owned(),
        }
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the program alone.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(pid), signal).expect("kill");
    }

    /// Waits until the output holds `text`, and panics when it does not come.
    pub fn wait_for_output(&self, text: &str) {
        wait_until(&format!("{text:?} in the output"), || {
            self.stream("stdout").contains(text)
        });
    }

    /// What the program has written so far.
    #[must_use]
    pub fn stream(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.streams.join(name)).unwrap_or_default()).into_owned()
    }

    /// Waits for the end, and kills the program's group when it hangs.
    #[must_use]
    pub fn finish(mut self) -> (End, Duration) {
        while self.started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("wait") {
                return (End::of(status), self.started.elapsed());
            }
            thread::sleep(Duration::from_millis(2));
        }
        let group = -i32::try_from(self.child.id()).expect("a process id");
        let _already_gone = kill(Pid::from_raw(group), Signal::SIGKILL);
        let _status = self.child.wait();
        (End::Hung, self.started.elapsed())
    }
}

/// Waits up to 30 seconds for something to become true, and panics when it does not.
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "waited in vain for {what}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

fn command(program: &Program, start: &Start, streams: &Path) -> Command {
    let path = if start.user.is_some() {
        reachable(program, streams)
    } else {
        program.path().to_owned()
    };
    if let Some(mounts) = &start.mounts {
        return with_mounts(mounts, start.user, &path);
    }
    let mut command = if let Some(limits) = &start.limits {
        let mut shell = Command::new("/bin/bash");
        shell
            .arg("-c")
            .arg(format!("{limits}\nexec \"$0\" \"$@\""))
            .arg(path);
        shell
    } else {
        Command::new(path)
    };
    if let Some(user) = start.user {
        command.uid(user).gid(user);
    }
    command
}

/// Starts the program behind commands that change mounts for it alone, as the user that it is to run as.
fn with_mounts(mounts: &str, user: Option<u32>, path: &Path) -> Command {
    let switch = user.map_or_else(String::new, |user| {
        format!("setpriv --reuid={user} --regid={user} --clear-groups -- ")
    });
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--propagation", "private", "/bin/bash", "-ec"])
        .arg(format!("{mounts}\nexec {switch}\"$0\" \"$@\""))
        .arg(path);
    command
}

/// Tells whether this process may change mounts in a namespace of its own.
#[must_use]
pub fn can_mount() -> bool {
    let tried = Command::new("unshare")
        .args([
            "--mount",
            "--propagation",
            "private",
            "mount",
            "-t",
            "tmpfs",
            "none",
            "/mnt",
        ])
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Puts the program where every user can reach it: the target folder may be private.
fn reachable(program: &Program, streams: &Path) -> PathBuf {
    let copy = streams.join("program");
    if fs::hard_link(program.path(), &copy).is_err() {
        fs::copy(program.path(), &copy).expect("copy of the program");
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("mode of the program");
    copy
}

/// Ends the daemon whose process id stands in a file, and tells whether it was alive.
#[must_use]
pub fn end_daemon(pid_file: &Path) -> bool {
    let text = fs::read_to_string(pid_file).expect("the daemon's process id");
    kill(
        Pid::from_raw(text.trim().parse().expect("a process id")),
        Signal::SIGKILL,
    )
    .is_ok()
}
