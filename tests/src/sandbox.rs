//! A folder per run, with everything in it that a staging reads and writes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Once;

use nix::sys::stat::{Mode, umask};
use tempfile::TempDir;

use crate::key;

static FIXED_UMASK: Once = Once::new();

/// The folders of one run; removed when dropped.
///
/// Paths in scenarios are written with placeholders, see [`Sandbox::expand`]; output is compared with the
/// folder's own path masked, see [`Sandbox::mask`].
#[derive(Debug)]
pub struct Sandbox {
    folder: TempDir,
    keys: Vec<Vec<u8>>,
}

impl Sandbox {
    /// Makes the folders; `keys` are the buildpack keys whose folder names are masked in output.
    #[must_use]
    pub fn new(keys: Vec<Vec<u8>>) -> Self {
        FIXED_UMASK.call_once(|| {
            umask(Mode::from_bits_truncate(0o022));
        });
        let folder = tempfile::Builder::new()
            .prefix("staging-")
            .tempdir()
            .expect("no temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("chmod of the sandbox");
        let sandbox = Self { folder, keys };
        for name in ["app", "bps", "cache", "tmp", "out"] {
            fs::create_dir(sandbox.root().join(name)).expect("a folder of the sandbox");
        }
        sandbox
    }

    /// The folder that holds all others; also the working directory of the run.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A path inside, for example `out/result.json`.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    /// Fills in `{root}`, `{app}`, `{bps}`, `{cache}`, `{tmp}`, `{out}`, `{dl}`, `{cached}`, `{fixtures}`, and
    /// `{xx:KEY}` and `{md5:KEY}` for the folder names of a key.
    #[must_use]
    pub fn expand(&self, text: &str) -> String {
        let root = self
            .root()
            .to_str()
            .expect("a temporary folder with a plain name");
        let mut text = text.replace("{root}", root).replace(
            "{fixtures}",
            crate::fixture::folder().to_str().expect("a plain name"),
        );
        for name in ["app", "bps", "cached", "cache", "tmp", "out", "dl"] {
            text = text.replace(&format!("{{{name}}}"), &format!("{root}/{name}"));
        }
        text = expand_keys(&text, "{xx:", key::primary);
        expand_keys(&text, "{md5:", key::legacy)
    }

    /// Replaces what differs between runs: the sandbox becomes `ROOT`, the contents folder `contentsN`, and folder
    /// names of keys `XX(KEY)` and `MD5(KEY)`.
    #[must_use]
    pub fn mask(&self, bytes: &[u8]) -> String {
        let root = self
            .root()
            .to_str()
            .expect("a temporary folder with a plain name");
        let mut text = mask_numbers(&String::from_utf8_lossy(bytes).replace(root, "ROOT"), "contents");
        // The name of a URL may hold its secrets, and masking must not bring them in.
        for key in self.keys.iter().filter(|key| !key.contains(&b':')) {
            let shown = String::from_utf8_lossy(key);
            text = text
                .replace(&key::primary(key), &format!("XX({shown})"))
                .replace(&key::legacy(key), &format!("MD5({shown})"));
        }
        text
    }
}

fn expand_keys(text: &str, open: &str, name: fn(&[u8]) -> String) -> String {
    let mut parts = text.split(open);
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (key, rest) = part.split_once('}').expect("a placeholder without end");
        expanded += &name(key.as_bytes());
        expanded += rest;
    }
    expanded
}

/// Replaces the digits after each `word` by `N`.
fn mask_numbers(text: &str, word: &str) -> String {
    let mut parts = text.split(word);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        masked += word;
        if rest.len() < part.len() {
            masked.push('N');
        }
        masked += rest;
    }
    masked
}
