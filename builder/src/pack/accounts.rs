//! Names of users and groups, read from the text of `/etc/passwd` and `/etc/group`.
//!
//! By hand, because a static program must not ask the name service (dependencies.md).

use std::collections::HashMap;

/// What numbers are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Accounts {
    users: HashMap<u32, Vec<u8>>,
    groups: HashMap<u32, Vec<u8>>,
}

impl Accounts {
    /// Reads both texts; lines that make no sense are skipped, the first line of a number counts.
    pub(crate) fn parse(passwd: &[u8], group: &[u8]) -> Self {
        Self {
            users: names(passwd),
            groups: names(group),
        }
    }

    /// The user's name, or nothing.
    pub(crate) fn user(&self, uid: u32) -> &[u8] {
        self.users.get(&uid).map_or(b"", Vec::as_slice)
    }

    /// The group's name, or nothing.
    pub(crate) fn group(&self, gid: u32) -> &[u8] {
        self.groups.get(&gid).map_or(b"", Vec::as_slice)
    }
}

/// Both files begin their lines with name, password and number.
fn names(text: &[u8]) -> HashMap<u32, Vec<u8>> {
    let mut names = HashMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b':');
        let (name, number) = (fields.next().unwrap_or_default(), fields.nth(1));
        let number = number.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        if let (false, Some(number)) = (name.is_empty(), number) {
            names.entry(number).or_insert_with(|| name.to_vec());
        }
    }
    names
}

#[cfg(test)]
mod tests;
