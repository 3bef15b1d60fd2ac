//! One buildpack in every form in which it may come.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::tars::{self, Member};
use crate::zips::{self, Entry};

/// The files of a buildpack.
#[derive(Debug, Clone, Default)]
pub struct Pack(Vec<(String, u32, Vec<u8>)>);

/// How a buildpack comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A directory.
    Directory,
    /// A zip.
    Zip,
    /// A tar packed by gzip.
    Tgz,
    /// A zip in which everything lies in one directory, as archives of repositories have it.
    NestedZip,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Directory, Self::Zip, Self::Tgz, Self::NestedZip];

    /// Its word in names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Zip => "zip",
            Self::Tgz => "tgz",
            Self::NestedZip => "nested",
        }
    }
}

impl Pack {
    /// A fixture's files with their modes.
    #[must_use]
    pub fn fixture(trait_: &str) -> Self {
        let root = crate::fixture::folder().join("buildpacks").join(trait_);
        let files = crate::tree::list(&root).into_iter();
        let files = files.filter(|name| root.join(name).is_file()).map(|name| {
            let path = root.join(&name);
            let mode = fs::metadata(&path).expect("a fixture").permissions().mode() & 0o777;
            (name, mode, fs::read(&path).expect("a fixture"))
        });
        Self(files.collect())
    }

    /// A buildpack that detects everything, compiles by this script, and starts `true`.
    #[must_use]
    pub fn compiles(script: &str) -> Self {
        let release = "#!/bin/sh\necho 'default_process_types: {web: \"true\"}'\n";
        Self::default()
            .with("bin/detect", 0o755, "#!/bin/sh\necho yes\n")
            .with("bin/compile", 0o755, format!("#!/bin/bash\nset -e\n{script}\n"))
            .with("bin/release", 0o755, release)
    }

    /// Adds a file, or puts it in the place of the one of this name.
    #[must_use]
    pub fn with(self, path: &str, mode: u32, content: impl AsRef<[u8]>) -> Self {
        let mut pack = self.without(path);
        pack.0.push((path.to_owned(), mode, content.as_ref().to_vec()));
        pack
    }

    /// Leaves a file out.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.0.retain(|(name, ..)| name != path);
        self
    }

    /// Gives every file another mode.
    #[must_use]
    pub fn modes(mut self, change: impl Fn(u32) -> u32) -> Self {
        for (_, mode, _) in &mut self.0 {
            *mode = change(*mode);
        }
        self
    }

    /// Writes it in a shape below a folder, under a name made of the shape's; yields its path as text.
    #[must_use]
    pub fn write(&self, folder: &Path, shape: Shape) -> String {
        fs::create_dir_all(folder).expect("a folder");
        let path = match shape {
            Shape::Directory => {
                let path = folder.join("directory");
                self.unpack(&path);
                path
            }
            Shape::Zip => put(folder, "zip.zip", &self.zip("")),
            Shape::Tgz => put(folder, "tgz.tgz", &self.tgz()),
            Shape::NestedZip => put(folder, "nested.zip", &self.zip("buildpack-1.0/")),
        };
        path.to_str().expect("a plain name").to_owned()
    }

    /// As a directory.
    pub fn unpack(&self, folder: &Path) {
        for (name, mode, content) in &self.0 {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, content).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("chmod");
        }
    }

    /// As a zip, everything below `prefix`.
    #[must_use]
    pub fn zip(&self, prefix: &str) -> Vec<u8> {
        let entry = |(name, mode, content): &(String, u32, Vec<u8>)| {
            Entry::file(format!("{prefix}{name}"), content).mode(*mode)
        };
        zips::zip(&self.0.iter().map(entry).collect::<Vec<_>>())
    }

    /// As a zip that knows no modes.
    #[must_use]
    pub fn modeless_zip(&self) -> Vec<u8> {
        let entry =
            |(name, _, content): &(String, u32, Vec<u8>)| Entry::file(name, content).made_on_dos(0x20);
        zips::zip(&self.0.iter().map(entry).collect::<Vec<_>>())
    }

    /// As a tar packed by gzip.
    #[must_use]
    pub fn tgz(&self) -> Vec<u8> {
        let member = |(name, mode, content): &(String, u32, Vec<u8>)| Member::file(name, content).mode(*mode);
        tars::tgz(&self.0.iter().map(member).collect::<Vec<_>>())
    }
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("an archive");
    path
}
