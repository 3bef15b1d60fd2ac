//! Copies fixtures into a sandbox.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// The folder `fixtures/` of the workspace.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("fixtures")
}

/// Copies a tree: links as links; modes as git knows them, 0755 and 0644, whatever the checkout's umask was.
pub fn copy(from: &Path, to: &Path) {
    let kind = fs::symlink_metadata(from).unwrap_or_else(|e| panic!("fixture {}: {e}", from.display()));
    if kind.is_symlink() {
        symlink(fs::read_link(from).expect("link text"), to).expect("link of a fixture");
    } else if kind.is_dir() {
        fs::create_dir_all(to).expect("folder of a fixture");
        for entry in fs::read_dir(from).expect("fixture folder") {
            let name = entry.expect("fixture entry").file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::copy(from, to).expect("file of a fixture");
        let mode = if kind.permissions().mode() & 0o100 == 0 {
            0o644
        } else {
            0o755
        };
        fs::set_permissions(to, fs::Permissions::from_mode(mode)).expect("mode of a fixture");
    }
}
