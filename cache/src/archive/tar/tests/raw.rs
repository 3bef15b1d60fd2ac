//! Tar archives byte by byte: every field can be made to lie.

use super::super::BLOCK;

/// One header block and its content. What is `None` is what an honest writer would put there.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) name: Vec<u8>,
    pub(crate) flag: u8,
    pub(crate) link: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) time: u64,
    pub(crate) prefix: Vec<u8>,
    pub(crate) magic: [u8; 8],
    /// Bytes of any field, by offset, put in before the checksum is taken.
    pub(crate) fields: Vec<(usize, Vec<u8>)>,
    pub(crate) size: Option<u64>,
    pub(crate) checksum: Option<u32>,
    pub(crate) signed_checksum: bool,
    /// The content is not padded to a whole block.
    pub(crate) unpadded: bool,
}

pub(crate) const USTAR: [u8; 8] = *b"ustar\x0000";
pub(crate) const GNU: [u8; 8] = *b"ustar  \0";
pub(crate) const V7: [u8; 8] = [0; 8];

pub(crate) fn member(flag: u8, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Raw {
    Raw {
        name: name.as_ref().to_vec(),
        flag,
        link: Vec::new(),
        content: content.as_ref().to_vec(),
        mode: 0o644,
        time: 1_700_000_000,
        prefix: Vec::new(),
        magic: USTAR,
        fields: Vec::new(),
        size: None,
        checksum: None,
        signed_checksum: false,
        unpadded: false,
    }
}

pub(crate) fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Raw {
    member(b'0', name, content)
}

pub(crate) fn dir(name: impl AsRef<[u8]>) -> Raw {
    member(b'5', name, "").with(|raw| raw.mode = 0o755)
}

pub(crate) fn link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Raw {
    member(b'2', name, "").with(|raw| raw.link = target.as_ref().to_vec())
}

pub(crate) fn hard(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Raw {
    member(b'1', name, "").with(|raw| raw.link = target.as_ref().to_vec())
}

/// Extended records with honest lengths, for the next member (`x`) or all of them (`g`).
pub(crate) fn pax(flag: u8, records: &[(&str, &[u8])]) -> Raw {
    let mut content = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length != rest + length.to_string().len() {
            length += 1;
        }
        content.extend(format!("{length} {key}=").as_bytes());
        content.extend(*value);
        content.push(b'\n');
    }
    member(flag, "pax", content)
}

/// A long name (`L`) or link target (`K`) as GNU tar writes it.
pub(crate) fn long(flag: u8, text: impl AsRef<[u8]>) -> Raw {
    let content = [text.as_ref(), b"\0"].concat();
    member(flag, "././@LongLink", content).with(|raw| raw.magic = GNU)
}

impl Raw {
    /// Changes anything.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn mode(self, mode: u32) -> Self {
        self.with(|raw| raw.mode = mode)
    }

    pub(crate) fn header(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name);
        put(100, format!("{:07o}\0", self.mode).as_bytes());
        put(108, b"0000000\x000000000\0");
        let size = self.size.unwrap_or(self.content.len() as u64);
        put(124, format!("{size:011o}\0").as_bytes());
        put(136, format!("{:011o}\0", self.time).as_bytes());
        put(156, &[self.flag]);
        put(157, &self.link);
        put(257, &self.magic);
        if !self.prefix.is_empty() {
            put(345, &self.prefix);
        }
        for (at, bytes) in &self.fields {
            put(*at, bytes);
        }
        put(148, b"        ");
        let sum: i64 = if self.signed_checksum {
            block.iter().map(|byte| i64::from(byte.cast_signed())).sum()
        } else {
            block.iter().map(|byte| i64::from(*byte)).sum()
        };
        let sum = self.checksum.map_or(sum, i64::from);
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = self.header().to_vec();
        out.extend(&self.content);
        if !self.unpadded {
            out.resize(out.len().next_multiple_of(BLOCK), 0);
        }
        out
    }
}

/// The members without an end.
pub(crate) fn open(members: impl IntoIterator<Item = Raw>) -> Vec<u8> {
    members.into_iter().flat_map(|raw| raw.bytes()).collect()
}

/// A whole archive.
pub(crate) fn tar(members: impl IntoIterator<Item = Raw>) -> Vec<u8> {
    let mut out = open(members);
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}
