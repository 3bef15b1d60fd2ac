//! Tar archives made at test time, good ones and such as no library would write.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::Header;

/// One member as it is to stand in the archive.
#[derive(Debug, Clone)]
pub struct Member {
    name: Vec<u8>,
    kind: u8,
    mode: u32,
    link: Vec<u8>,
    content: Vec<u8>,
    owner: u64,
    time: u64,
}

impl Member {
    /// A member of a kind, by its type flag.
    #[must_use]
    pub fn special(name: impl AsRef<[u8]>, kind: u8) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            kind,
            mode: 0o644,
            link: Vec::new(),
            content: Vec::new(),
            owner: 0,
            time: 1_600_000_000,
        }
    }

    /// A file of mode 0644.
    #[must_use]
    pub fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let mut member = Self::special(name, b'0');
        member.content = content.as_ref().to_vec();
        member
    }

    /// A folder.
    #[must_use]
    pub fn folder(name: impl AsRef<[u8]>, mode: u32) -> Self {
        Self::special(name, b'5').mode(mode)
    }

    /// A symbolic link.
    #[must_use]
    pub fn link(name: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> Self {
        Self::special(name, b'2').linked(text)
    }

    /// A hard link.
    #[must_use]
    pub fn hard_link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        Self::special(name, b'1').linked(target)
    }

    /// Changes the mode.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Changes the owner, a user and group of one number.
    #[must_use]
    pub fn owner(mut self, owner: u64) -> Self {
        self.owner = owner;
        self
    }

    /// Gives it a content whatever its kind.
    #[must_use]
    pub fn content(mut self, content: impl AsRef<[u8]>) -> Self {
        self.content = content.as_ref().to_vec();
        self
    }

    fn linked(mut self, text: impl AsRef<[u8]>) -> Self {
        self.link = text.as_ref().to_vec();
        self
    }

    fn write(&self, archive: &mut Vec<u8>) {
        let mut header = Header::new_ustar();
        put(&mut header.as_old_mut().name, &self.name);
        put(&mut header.as_old_mut().linkname, &self.link);
        header.as_old_mut().linkflag = [self.kind];
        header.set_mode(self.mode);
        header.set_uid(self.owner);
        header.set_gid(self.owner);
        header.set_mtime(self.time);
        header.set_size(self.content.len() as u64);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(&self.content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
}

fn put(field: &mut [u8], text: &[u8]) {
    field[..text.len()].copy_from_slice(text);
}

/// Writes an archive of these members in this order.
#[must_use]
pub fn tar(members: &[Member]) -> Vec<u8> {
    let mut archive = Vec::new();
    for member in members {
        member.write(&mut archive);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// The same, gzipped.
#[must_use]
pub fn tgz(members: &[Member]) -> Vec<u8> {
    gzip(&tar(members))
}

/// One gzip member.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}
