//! Small disks of their own, to be filled.

use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};

/// A file system in memory of a given size; gone when dropped.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Disk {
    /// One with these options, for instance `size=4m`; none without the right to mount.
    #[must_use]
    pub fn new(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("disk");
        std::fs::create_dir(&path).expect("a folder");
        let mounted = mount(
            Some("tmpfs"),
            &path,
            Some("tmpfs"),
            MsFlags::empty(),
            Some(options),
        );
        if mounted.is_err() {
            crate::skipped!("full disks: no right to mount one");
            return None;
        }
        Some(Self {
            path,
            _folder: folder,
        })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes all that is left with one file, whose path this is.
    #[must_use]
    pub fn fill(&self) -> PathBuf {
        let waste = self.path.join("waste");
        let mut file = std::fs::File::create(&waste).expect("a file");
        let filled = std::io::copy(&mut std::io::repeat(1), &mut file);
        assert!(filled.is_err(), "the disk never filled");
        waste
    }

    /// Mounts it once more with other options.
    pub fn resize(&self, options: &str) {
        let none: Option<&str> = None;
        mount(none, &self.path, none, MsFlags::MS_REMOUNT, Some(options)).expect("remounted");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone = umount2(&self.path, MntFlags::MNT_DETACH);
    }
}
