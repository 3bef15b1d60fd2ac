//! Programs that other people read our archives with, and what each of them is known not to be able to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nix::unistd::geteuid;

use crate::fixture;
use crate::inventory::{Difference, Fact};

/// A program that reads gzipped tar archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// GNU tar.
    GnuTar,
    /// libarchive's tar.
    BsdTar,
    /// The tar of small containers.
    Busybox,
    /// Python's `tarfile`.
    Python,
    /// Go's `archive/tar`, which the platform is made with; built from `fixtures/readers`.
    Go,
}

/// A fact that a reader loses although the archive holds it.
#[derive(Debug, Clone, Copy)]
pub struct Inability {
    /// Who.
    pub reader: Reader,
    /// What is lost.
    pub fact: Fact,
    /// Of which entries, by their kind.
    pub kinds: &'static str,
    /// Of which of them, or as whom.
    pub when: When,
    /// Why it is the reader's doing.
    pub reason: &'static str,
}

/// When a fact is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// For the folder that is unpacked into.
    OfTheTop,
    /// For everyone but root.
    WithoutRoot,
}

/// Everything that is known of the versions in use.
pub const INABILITIES: &[Inability] = &[
    Inability {
        reader: Reader::BsdTar,
        fact: Fact::Time,
        kinds: "d",
        when: When::OfTheTop,
        reason: "it sets no time for the folder that it unpacks into",
    },
    Inability {
        reader: Reader::Busybox,
        fact: Fact::Time,
        kinds: "dl",
        when: When::Always,
        reason: "it sets a folder's time before it unpacks into it, and follows links when it sets theirs",
    },
    Inability {
        reader: Reader::Busybox,
        fact: Fact::Owner,
        kinds: "l",
        when: When::Always,
        reason: "it sets no owner for links",
    },
    Inability {
        reader: Reader::Busybox,
        fact: Fact::Mode,
        kinds: "df",
        when: When::WithoutRoot,
        reason: "it applies the umask and clears set-id bits unless it is root, whatever `-p` says",
    },
    Inability {
        reader: Reader::Python,
        fact: Fact::Time,
        kinds: "l",
        when: When::Always,
        reason: "it sets no times for links",
    },
    Inability {
        reader: Reader::Python,
        fact: Fact::FirstName,
        kinds: "l",
        when: When::Always,
        reason: "it makes a second link where the target of a hard link is a dangling link",
    },
];

/// Readers that refuse a whole archive for one very long name in it.
pub const SHORT_NAMES: &[(Reader, &str)] = &[(Reader::Busybox, "it takes no name record above 4095 bytes")];

const PYTHON_UNPACK: &str = "
import sys, tarfile
with tarfile.open(sys.argv[1], 'r:gz') as archive:
    trusting = {'filter': 'fully_trusted'} if hasattr(tarfile, 'fully_trusted_filter') else {}
    archive.extractall(sys.argv[2], numeric_owner=True, **trusting)
";

const PYTHON_LIST: &str = "
import os, sys, tarfile
with tarfile.open(sys.argv[1], 'r:gz') as archive:
    for member in archive:
        sys.stdout.buffer.write(os.fsencode(member.name) + b'\\n')
";

impl Reader {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::GnuTar, Self::BsdTar, Self::Busybox, Self::Python, Self::Go];

    /// The program that must be in `PATH`.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::GnuTar => "tar",
            Self::BsdTar => "bsdtar",
            Self::Busybox => "busybox",
            Self::Python => "python3",
            Self::Go => "go",
        }
    }

    /// Whether the program is there; says so loudly when it is not.
    #[must_use]
    pub fn is_there(self) -> bool {
        let there = is_there(self.program());
        if !there {
            crate::skipped!("{self:?}: there is no `{}`", self.program());
        }
        there
    }

    /// Unpacks `archive` into a new folder with all that the program can restore.
    pub fn unpack(self, archive: &Path, folder: &Path, work: &Path) {
        fs::create_dir(folder).expect("a folder to unpack into");
        let output = match self {
            Self::GnuTar => {
                // It finds times before 1970 and after today remarkable, and restores them.
                let words = ["--numeric-owner", "--warning=no-timestamp", "-xpzf"];
                run("tar", &words, &[archive], &["-C"], folder)
            }
            Self::BsdTar => run(
                "bsdtar",
                &["--numeric-owner", "-xpzf"],
                &[archive],
                &["-C"],
                folder,
            ),
            Self::Busybox => run(
                "busybox",
                &["tar", "--numeric-owner", "-xpzf"],
                &[archive],
                &["-C"],
                folder,
            ),
            Self::Python => run("python3", &["-c", PYTHON_UNPACK], &[archive], &[], folder),
            Self::Go => run(go(work), &["unpack"], &[archive], &[], folder),
        };
        self.accept(&output);
    }

    /// The names in `archive`, a line each, as the program prints them.
    #[must_use]
    pub fn list(self, archive: &Path, work: &Path) -> String {
        let output = match self {
            Self::GnuTar => run("tar", &["-tzf"], &[], &[], archive),
            Self::BsdTar => run("bsdtar", &["-tzf"], &[], &[], archive),
            Self::Busybox => run("busybox", &["tar", "-tzf"], &[], &[], archive),
            Self::Python => run("python3", &["-c", PYTHON_LIST], &[], &[], archive),
            Self::Go => run(go(work), &["list"], &[], &[], archive),
        };
        self.accept(&output);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Takes out of `found` what this reader is known to lose, and tells each such loss once.
    #[must_use]
    pub fn forgive(self, found: Vec<Difference>) -> Vec<Difference> {
        let mine: Vec<_> = INABILITIES.iter().filter(|known| known.reader == self).collect();
        for known in &mine {
            let count = found.iter().filter(|difference| known.covers(difference)).count();
            println!(
                "{self:?} loses {:?} of {:?} ({count} times here): {}",
                known.fact, known.kinds, known.reason
            );
        }
        let unknown = |difference: &Difference| !mine.iter().any(|known| known.covers(difference));
        found.into_iter().filter(unknown).collect()
    }

    fn accept(self, output: &Output) {
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && errors.is_empty(),
            "{self:?}: {}: {}",
            output.status,
            errors.chars().take(2_000).collect::<String>()
        );
    }
}

impl Inability {
    fn covers(&self, difference: &Difference) -> bool {
        self.fact == difference.fact
            && self.kinds.contains(difference.kind)
            && match self.when {
                When::Always => true,
                When::OfTheTop => difference.name.is_empty(),
                When::WithoutRoot => !geteuid().is_root(),
            }
    }
}

/// Whether a program is in `PATH`.
#[must_use]
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn run(program: impl AsRef<Path>, first: &[&str], archive: &[&Path], then: &[&str], last: &Path) -> Output {
    let program = program.as_ref();
    Command::new(program)
        .args(first)
        .args(archive)
        .args(then)
        .arg(last)
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}", program.display()))
}

/// Builds the Go reader in the folder `work`, unless it is there.
fn go(work: &Path) -> PathBuf {
    let program = work.join("go-reader");
    if !program.exists() {
        let output = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(fixture::folder().join("readers/main.go"))
            .env("GO111MODULE", "off")
            .env("GOFLAGS", "")
            .env("GOPROXY", "off")
            .env("GOPATH", work.join("go"))
            .env("GOCACHE", work.join("go-cache"))
            .env("CGO_ENABLED", "0")
            .output()
            .expect("go");
        assert!(
            output.status.success(),
            "go build: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    program
}
