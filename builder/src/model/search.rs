//! Where a buildpack may stand below the cached downloads (design §4): the view's own word, then names.

use cache::view::{MANIFEST_NAME, Manifest, Shown, is_plain};
use sha2::{Digest, Sha256};

use super::key::BuildpackKey;

/// By what an entry of the cached downloads was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// The manifest names its key or its address.
    Manifest,
    /// Its name is made of the key.
    Name,
}

/// What an entry's name may end with besides nothing: a directory needs no ending, and an archive may have one.
const ENDINGS: [&str; 5] = ["", ".zip", ".tgz", ".tar.gz", ".tar"];

/// The entry that the manifest has for a key: by the digest of the whole key, else by its address.
///
/// The manifest holds no secrets, so an address that has some cannot be told from its siblings by it, and only the
/// digest counts (K-01). An entry whose name leads elsewhere is none.
#[must_use]
pub fn entry_of<'m>(manifest: &'m Manifest, key: &BuildpackKey) -> Option<&'m Shown> {
    let digest = hex::encode(Sha256::digest(key.as_bytes()));
    let text = address(key);
    let has_key = |entry: &&Shown| entry.key_sha256.is_some_and(|id| id.to_string() == digest);
    let has_address = |entry: &&Shown| text.as_deref() == Some(entry.url.as_str());
    let usable = || {
        let entries = manifest.entries.iter();
        entries.filter(|entry| is_name(entry.name.as_bytes()))
    };
    usable().find(has_key).or_else(|| usable().find(has_address))
}

/// The names that an entry may have that the manifest does not tell about, best first.
#[must_use]
pub fn names_of(key: &BuildpackKey) -> Vec<Vec<u8>> {
    let stems = [
        key.hash_name().into_bytes(),
        key.legacy_name().into_bytes(),
        key.as_bytes().to_vec(),
    ];
    let names = stems
        .iter()
        .filter(|stem| is_name(stem))
        .flat_map(|stem| ENDINGS.map(|ending| [stem, ending.as_bytes()].concat()));
    names.filter(|name| is_name(name)).collect()
}

fn is_name(name: &[u8]) -> bool {
    is_plain(name) && name != MANIFEST_NAME.as_bytes()
}

/// The key as an address, if it has no place for a secret.
fn address(key: &BuildpackKey) -> Option<String> {
    let has_secret = key.as_bytes().iter().any(|byte| b"@?".contains(byte));
    (key.is_address() && !has_secret).then(|| key.to_string())
}

impl FoundBy {
    /// The word of the staging report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Name => "name",
        }
    }
}

#[cfg(test)]
mod tests;
