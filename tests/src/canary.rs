//! Secrets that are random words, and the search for them in every dress.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// Words that must not be found.
#[derive(Debug, Clone, Default)]
pub struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    /// A new word, with a name for reports.
    pub fn hatch(&mut self, name: &'static str) -> String {
        let number = RandomState::new().hash_one(self.0.len());
        let word = format!("canary{number:016x}");
        self.0.push((name, word.clone()));
        word
    }

    /// The names of the words that `bytes` hold: plain, in base64 at any offset, percent-encoded, in hex.
    #[must_use]
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&'static str> {
        let is_in = |word: &str| {
            dresses(word)
                .iter()
                .any(|dress| bytes.windows(dress.len()).any(|part| part == dress))
        };
        let held = self.0.iter().filter(|(_, word)| is_in(word));
        held.map(|(name, _)| *name).collect()
    }

    /// Every place below a folder that holds a word: names, link texts, contents.
    #[must_use]
    pub fn found_below(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(path) = open.pop() {
            let Ok(kind) = fs::symlink_metadata(&path) else {
                continue;
            };
            let mut bytes = path.as_os_str().as_bytes().to_vec();
            if kind.is_symlink() {
                let text = fs::read_link(&path).unwrap_or_default();
                bytes.extend_from_slice(text.as_os_str().as_bytes());
            } else if kind.is_file() {
                bytes.extend(fs::read(&path).unwrap_or_default());
            } else if kind.is_dir() {
                let entries = fs::read_dir(&path).into_iter().flatten().flatten();
                open.extend(entries.map(|entry| entry.path()));
            }
            let held = self.found_in(&bytes);
            found.extend(held.iter().map(|name| format!("{name} in {}", path.display())));
        }
        found
    }
}

/// The byte strings by which a word could be told.
fn dresses(word: &str) -> Vec<Vec<u8>> {
    let mut dresses = vec![word.as_bytes().to_vec(), hex::encode(word).into_bytes()];
    dresses.push(
        word.bytes()
            .flat_map(|b| format!("%{b:02x}").into_bytes())
            .collect(),
    );
    dresses.push(
        word.bytes()
            .flat_map(|b| format!("%{b:02X}").into_bytes())
            .collect(),
    );
    // Three bytes make four letters: the word may begin at any of three places, and its ends mix with neighbours.
    for shift in 0..3 {
        let shifted = [&b"xxx"[..shift], word.as_bytes()].concat();
        for encoded in [
            BASE64_STANDARD.encode(&shifted),
            BASE64_URL_SAFE_NO_PAD.encode(&shifted),
        ] {
            let letters = encoded.trim_end_matches('=').as_bytes();
            let inner = &letters[4 * usize::from(shift > 0)..letters.len() - letters.len() % 4];
            let whole = &inner[..inner.len() - usize::from(inner.len() > 8) * 4];
            dresses.push(whole.to_vec());
        }
    }
    dresses
}
