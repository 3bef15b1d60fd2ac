//! A user by name, from the text of `/etc/passwd` and `/etc/group` (P-02, P-03). Pure.
//!
//! By hand, because a static program must not ask the name service (dependencies.md).

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// User id.
    pub uid: u32,
    /// Its own group.
    pub gid: u32,
    /// All its groups, the own one first.
    pub groups: Vec<u32>,
}

/// Finds the account of this name; the first line counts, and one whose numbers make no sense is none.
#[must_use]
pub fn find(passwd: &[u8], group: &[u8], name: &[u8]) -> Option<Account> {
    let line = lines(passwd).find(|fields| fields.first() == Some(&name))?;
    let (uid, gid) = (number(line.get(2)?)?, number(line.get(3)?)?);
    let mut groups = vec![gid];
    for line in lines(group) {
        let members = line.get(3).copied().unwrap_or_default();
        let is_member = members.split(|byte| *byte == b',').any(|member| member == name);
        if let Some(gid) = line.get(2).and_then(|field| number(field))
            && is_member
            && !groups.contains(&gid)
        {
            groups.push(gid);
        }
    }
    Some(Account { uid, gid, groups })
}

fn lines(text: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    text.split(|byte| *byte == b'\n')
        .map(|line| line.split(|byte| *byte == b':').collect())
}

/// An id; the highest number means "leave as it is" to the system calls.
fn number(field: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(field).ok()?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|id| is_plain && *id != u32::MAX)
}

#[cfg(test)]
mod tests;
