//! Zip archives made at test time, good ones and such as no library would write.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// One entry as it is to stand in the archive, true or not.
#[derive(Debug, Clone)]
pub struct Entry {
    name: Vec<u8>,
    content: Vec<u8>,
    method: u16,
    flags: u16,
    mode: Option<u32>,
    dos_attributes: u8,
    checksum: Option<u32>,
}

impl Entry {
    /// A deflated file of mode 0644.
    #[must_use]
    pub fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            content: content.as_ref().to_vec(),
            method: 8,
            flags: 0,
            mode: Some(0o100_644),
            dos_attributes: 0,
            checksum: None,
        }
    }

    /// A folder.
    #[must_use]
    pub fn folder(name: impl AsRef<[u8]>, mode: u32) -> Self {
        Self::file(name, "").stored().raw_mode(0o040_000 | mode)
    }

    /// A symbolic link.
    #[must_use]
    pub fn link(name: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> Self {
        Self::file(name, text).stored().raw_mode(0o120_777)
    }

    /// Changes the permission bits of a file.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        self.raw_mode(0o100_000 | mode)
    }

    /// Changes the Unix mode with its kind.
    #[must_use]
    pub fn raw_mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Takes the Unix mode away: made on DOS, with these attributes.
    #[must_use]
    pub fn made_on_dos(mut self, attributes: u8) -> Self {
        self.mode = None;
        self.dos_attributes = attributes;
        self
    }

    /// Stores instead of deflating.
    #[must_use]
    pub fn stored(self) -> Self {
        self.method(0)
    }

    /// Claims a method; anything but 8 is written as stored.
    #[must_use]
    pub fn method(mut self, method: u16) -> Self {
        self.method = method;
        self
    }

    /// Sets the general purpose flags.
    #[must_use]
    pub fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    /// Claims a checksum.
    #[must_use]
    pub fn checksum(mut self, checksum: u32) -> Self {
        self.checksum = Some(checksum);
        self
    }

    fn packed(&self) -> Vec<u8> {
        if self.method != 8 {
            return self.content.clone();
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.content).expect("deflate");
        encoder.finish().expect("deflate")
    }

    /// The fields that local and central header share, from the version needed to the length of the extra field.
    fn common(&self, packed: usize) -> Vec<u8> {
        let mut crc = Crc::new();
        crc.update(&self.content);
        let checksum = self.checksum.unwrap_or(crc.sum());
        let words = [20, self.flags, self.method, 0, 0x21];
        let mut bytes: Vec<u8> = words.iter().flat_map(|word: &u16| word.to_le_bytes()).collect();
        bytes.extend(checksum.to_le_bytes());
        bytes.extend(length32(packed).to_le_bytes());
        bytes.extend(length32(self.content.len()).to_le_bytes());
        bytes.extend(length16(self.name.len()).to_le_bytes());
        bytes.extend(0u16.to_le_bytes());
        bytes
    }
}

/// Writes an archive of these entries in this order.
#[must_use]
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let (packed, offset) = (entry.packed(), length32(archive.len()));
        let common = entry.common(packed.len());
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(&entry.name);
        archive.extend(packed);
        directory.extend(b"PK\x01\x02");
        let made_by: u16 = if entry.mode.is_some() { 0x0314 } else { 0x0014 };
        directory.extend(made_by.to_le_bytes());
        directory.extend(common);
        directory.extend([0; 6]);
        let attributes = entry.mode.unwrap_or(0) << 16 | u32::from(entry.dos_attributes);
        directory.extend(attributes.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
    }
    let (start, count) = (length32(archive.len()), length16(entries.len()));
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(length32(directory.len()).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

fn length16(length: usize) -> u16 {
    u16::try_from(length).expect("a short archive")
}

fn length32(length: usize) -> u32 {
    u32::try_from(length).expect("a short archive")
}

/// The scripts of a fixture as entries, executable as in the fixture.
#[must_use]
pub fn fixture(trait_: &str) -> Vec<Entry> {
    let scripts = crate::fixture::folder()
        .join("buildpacks")
        .join(trait_)
        .join("bin");
    let names = crate::tree::list(&scripts);
    let script = |name: &String| {
        let content = std::fs::read(scripts.join(name)).expect("a script of a fixture");
        Entry::file(format!("bin/{name}"), content).mode(0o755)
    };
    names.iter().map(script).collect()
}

/// An archive of a fixture's scripts and more.
#[must_use]
pub fn buildpack(trait_: &str, more: impl IntoIterator<Item = Entry>) -> Vec<u8> {
    let mut entries = fixture(trait_);
    entries.extend(more);
    zip(&entries)
}
