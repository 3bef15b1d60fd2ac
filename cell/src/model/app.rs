//! What an application is called.

use std::path::Path;

/// What an application is called when its path has no name.
const NAMELESS: &str = "app";

/// The name of the application at an absolute path: its last part, without the end of an archive.
#[must_use]
pub fn name(path: &Path) -> String {
    let last = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let ends = [".tar.gz", ".tgz", ".zip", ".tar", ".droplet"];
    let bare = ends
        .into_iter()
        .find_map(|end| last.strip_suffix(end))
        .unwrap_or(&last);
    if bare.is_empty() {
        NAMELESS.to_owned()
    } else {
        bare.to_owned()
    }
}

#[cfg(test)]
mod tests;
