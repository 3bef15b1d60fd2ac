//! A destination with surroundings that must not change (I-1), and what became of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::archive::manifest::{Check, check_tree};
use crate::archive::zip::disk::unpack_in;
use crate::archive::{
    ArchiveError, Extracted, Policy, Supervisor, Unpacked, Unsupervised, extract_zip, unpack,
};
use crate::sys::dir::Resolution;
use crate::sys::remove::remove_tree;

/// Both ways to resolve names.
pub(crate) const RESOLUTIONS: [Resolution; 2] = [Resolution::Openat2, Resolution::StepByStep];

/// A way to unpack an archive for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Stream,
    /// A zip on disk, in at most so many threads.
    Disk(usize),
}

/// The ways to unpack a zip.
pub(crate) const ZIP_WAYS: [Way; 3] = [Way::Stream, Way::Disk(1), Way::Disk(4)];

/// A folder with a destination in it, and beside it files, links and folders to be tempted by.
pub(crate) struct Scene {
    room: tempfile::TempDir,
    before: Vec<String>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let outside = room.path().join("outside");
        fs::create_dir_all(outside.join("folder")).unwrap();
        fs::write(outside.join("file"), "untouched").unwrap();
        fs::write(outside.join("folder/file"), "untouched").unwrap();
        symlink("file", outside.join("link")).unwrap();
        let mut scene = Self {
            room,
            before: Vec::new(),
        };
        scene.before = scene.surroundings();
        scene
    }

    pub(crate) fn outside(&self) -> PathBuf {
        self.room.path().join("outside")
    }

    pub(crate) fn destination(&self) -> PathBuf {
        self.room.path().join("destination")
    }

    pub(crate) fn extract(&self, bytes: &[u8], policy: &Policy) -> Result<Extracted, ArchiveError> {
        let archive = open(bytes);
        extract_zip(&archive, &self.destination(), policy, &|| false)
    }

    /// Unpacks into the destination; yields the manifest, too.
    pub(crate) fn unpack(
        &self,
        bytes: &[u8],
        policy: &Policy,
        way: Way,
    ) -> Result<(Unpacked, String), ArchiveError> {
        self.unpack_supervised(bytes, policy, way, &Unsupervised)
    }

    pub(crate) fn unpack_supervised(
        &self,
        mut bytes: &[u8],
        policy: &Policy,
        way: Way,
        supervisor: &dyn Supervisor,
    ) -> Result<(Unpacked, String), ArchiveError> {
        let mut manifest = Vec::new();
        let destination = self.destination();
        let unpacked = match way {
            Way::Stream => unpack(&mut bytes, &destination, policy, supervisor, &mut manifest),
            Way::Disk(threads) => unpack_in(
                &open(bytes),
                &destination,
                policy,
                supervisor,
                &mut manifest,
                threads,
            ),
        }?;
        assert!(
            way != Way::Stream || bytes.is_empty(),
            "the input was not read to its end"
        );
        Ok((unpacked, String::from_utf8(manifest).unwrap()))
    }

    /// C-106: what is in the destination is what the manifest says.
    #[track_caller]
    pub(crate) fn assert_manifest(&self, manifest: &str) {
        let mut manifest = std::io::Cursor::new(manifest);
        let report = check_tree(&self.destination(), &mut manifest, Check::Full, &|| false).unwrap();
        assert!(report.is_intact(), "{report:?}");
    }

    /// I-1: content, mode, owner, link count and names around the destination are as they were.
    #[track_caller]
    pub(crate) fn assert_surroundings(&self) {
        assert_eq!(self.surroundings(), self.before, "something outside changed");
    }

    /// What is in the destination: `path -> type mode content`.
    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for path in walk(&self.destination()) {
            let stat = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(self.destination()).unwrap();
            let name = name.as_os_str().as_bytes().escape_ascii().to_string();
            let mode = stat.mode() & 0o7777;
            let text = match stat.file_type() {
                kind if kind.is_symlink() => format!("-> {}", fs::read_link(&path).unwrap().display()),
                kind if kind.is_dir() => format!("d {mode:04o}"),
                kind if kind.is_file() => {
                    let content = fs::read(&path).unwrap();
                    format!("f {mode:04o} {}", content[..content.len().min(40)].escape_ascii())
                }
                _ => "special".to_owned(),
            };
            found.insert(name, text);
        }
        found
    }

    fn surroundings(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for path in walk(self.room.path()) {
            if path.starts_with(self.destination()) {
                continue;
            }
            let stat = fs::symlink_metadata(&path).unwrap();
            let content = if stat.is_file() {
                fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            let links = if stat.is_dir() { 0 } else { stat.nlink() };
            let (mode, owner) = (stat.mode(), stat.uid());
            seen.push(format!("{} {mode:o} {owner} {links} {content:?}", path.display()));
        }
        seen
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // Also an extraction that went wrong is deletable by us, deep or not.
        remove_tree(&self.destination()).unwrap();
    }
}

/// An open, nameless file with these bytes.
pub(crate) fn open(bytes: &[u8]) -> fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// All paths below `root`, sorted; a tree too deep for paths is not looked into further.
fn walk(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(folder) = todo.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.as_os_str().len() < 4000 {
                if fs::symlink_metadata(&path).unwrap().is_dir() {
                    todo.push(path.clone());
                }
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
