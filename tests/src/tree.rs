//! What a folder holds.

use std::fs;
use std::path::Path;

/// Lists everything below a folder, sorted; folders end in `/`, links show their text. Empty when there is no such folder.
#[must_use]
pub fn list(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(at) = open.pop() {
        let Ok(entries) = fs::read_dir(folder.join(&at)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = format!("{at}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().expect("kind of an entry");
            if kind.is_dir() {
                open.push(format!("{name}/"));
                found.push(format!("{name}/"));
            } else if kind.is_symlink() {
                let text = fs::read_link(entry.path()).expect("link text");
                found.push(format!("{name} -> {}", text.display()));
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}
