//! Zip archives byte by byte: every field can be made to lie.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// One entry. What is `None` is what an honest writer would put there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) system: u8,
    pub(crate) attributes: u32,
    pub(crate) crc: Option<u32>,
    pub(crate) size: Option<u32>,
    pub(crate) packed_size: Option<u32>,
    /// Packed bytes in the place of those that the method makes of the content.
    pub(crate) packed: Option<Vec<u8>>,
    pub(crate) offset: Option<u32>,
    pub(crate) disk: u16,
    pub(crate) comment: Vec<u8>,
    pub(crate) central_extra: Vec<u8>,
    pub(crate) local_extra: Vec<u8>,
    pub(crate) local_name: Option<Vec<u8>>,
    pub(crate) local_method: Option<u16>,
    pub(crate) local_flags: Option<u16>,
    pub(crate) local_crc: Option<u32>,
    pub(crate) local_size: Option<u32>,
    pub(crate) descriptor: Option<Vec<u8>>,
    /// Written to the directory only, or to the file only.
    pub(crate) skip_local: bool,
    pub(crate) skip_central: bool,
    /// Sizes and offset of 64 bits, in extra fields.
    pub(crate) wide: bool,
    /// Bytes between this entry and the next.
    pub(crate) gap: Vec<u8>,
}

pub(crate) fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Entry {
    Entry {
        name: name.as_ref().to_vec(),
        content: content.as_ref().to_vec(),
        system: 3,
        attributes: 0o100_644 << 16,
        ..Entry::default()
    }
}

pub(crate) fn dir(name: impl AsRef<[u8]>) -> Entry {
    file(name, "").mode(0o040_755)
}

pub(crate) fn link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Entry {
    file(name, target).mode(0o120_777)
}

impl Entry {
    pub(crate) fn mode(mut self, mode: u32) -> Self {
        self.attributes = mode << 16;
        self
    }

    pub(crate) fn deflated(mut self) -> Self {
        self.method = 8;
        self
    }

    /// Changes anything.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Written as a stream: zeros in the local header, the truth in a descriptor of 32 or 64 bits.
    pub(crate) fn streamed(mut self, bits: u32, signature: bool) -> Self {
        self.flags |= 8;
        let mut bytes = if signature {
            b"PK\x07\x08".to_vec()
        } else {
            Vec::new()
        };
        bytes.extend(self.honest_crc().to_le_bytes());
        for size in [self.packed_bytes().len(), self.content.len()] {
            if bits == 32 {
                bytes.extend(u32::try_from(size).unwrap().to_le_bytes());
            } else {
                bytes.extend((size as u64).to_le_bytes());
            }
        }
        self.descriptor = Some(bytes);
        self.local_crc = Some(0);
        self.local_size = Some(0);
        self
    }

    pub(crate) fn honest_crc(&self) -> u32 {
        let mut crc = Crc::new();
        crc.update(&self.content);
        crc.sum()
    }

    pub(crate) fn packed_bytes(&self) -> Vec<u8> {
        match (&self.packed, self.method) {
            (Some(packed), _) => packed.clone(),
            (None, 8) => deflate(&self.content),
            (None, _) => self.content.clone(),
        }
    }

    fn sizes(&self) -> (u32, u32) {
        let size = u32::try_from(self.content.len()).unwrap();
        let packed = u32::try_from(self.packed_bytes().len()).unwrap();
        (self.packed_size.unwrap_or(packed), self.size.unwrap_or(size))
    }

    fn local(&self) -> Vec<u8> {
        let (packed, size) = self.sizes();
        let (packed, size) = self.local_size.map_or((packed, size), |size| (size, size));
        let mut extra = self.local_extra.clone();
        if self.wide {
            extra.extend([1, 0, 16, 0]);
            extra.extend(u64::from(size).to_le_bytes());
            extra.extend(u64::from(packed).to_le_bytes());
        }
        let (packed, size) = if self.wide {
            (u32::MAX, u32::MAX)
        } else {
            (packed, size)
        };
        let name = self.local_name.as_ref().unwrap_or(&self.name);
        let mut out = b"PK\x03\x04\x14\x00".to_vec();
        out.extend(self.local_flags.unwrap_or(self.flags).to_le_bytes());
        out.extend(self.local_method.unwrap_or(self.method).to_le_bytes());
        out.extend([0; 4]);
        let crc = self.crc.unwrap_or_else(|| self.honest_crc());
        out.extend(self.local_crc.unwrap_or(crc).to_le_bytes());
        out.extend(packed.to_le_bytes());
        out.extend(size.to_le_bytes());
        out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
        out.extend(name);
        out.extend(extra);
        out.extend(self.packed_bytes());
        out.extend(self.descriptor.clone().unwrap_or_default());
        out.extend(&self.gap);
        out
    }

    fn central(&self, offset: u32) -> Vec<u8> {
        let offset = self.offset.unwrap_or(offset);
        let (packed, size) = self.sizes();
        let mut extra = self.central_extra.clone();
        if self.wide {
            extra.extend([1, 0, 24, 0]);
            for number in [size, packed, offset] {
                extra.extend(u64::from(number).to_le_bytes());
            }
        }
        let shown = |number: u32| if self.wide { u32::MAX } else { number };
        let mut out = b"PK\x01\x02\x14".to_vec();
        out.extend([self.system, 20, 0]);
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0; 4]);
        out.extend(self.crc.unwrap_or_else(|| self.honest_crc()).to_le_bytes());
        out.extend(shown(packed).to_le_bytes());
        out.extend(shown(size).to_le_bytes());
        out.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        out.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
        out.extend(u16::try_from(self.comment.len()).unwrap().to_le_bytes());
        out.extend(self.disk.to_le_bytes());
        out.extend([0; 2]);
        out.extend(self.attributes.to_le_bytes());
        out.extend(shown(offset).to_le_bytes());
        out.extend(&self.name);
        out.extend(extra);
        out.extend(&self.comment);
        out
    }
}

/// A whole archive. What is `None` is honest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Zip {
    pub(crate) entries: Vec<Entry>,
    pub(crate) front: Vec<u8>,
    /// Bytes between the last member and the directory, and between the directory and the end record.
    pub(crate) before_directory: Vec<u8>,
    pub(crate) after_directory: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    pub(crate) comment_len: Option<u16>,
    pub(crate) back: Vec<u8>,
    pub(crate) records: Option<u16>,
    pub(crate) records_here: Option<u16>,
    pub(crate) disk: u16,
    pub(crate) size: Option<u32>,
    pub(crate) offset: Option<u32>,
    /// Adds a ZIP64 end record; the number of records it states, if that lies.
    pub(crate) wide: bool,
    pub(crate) wide_records: Option<u64>,
    /// The classic record repeats the numbers of the ZIP64 one.
    pub(crate) repeat: bool,
}

pub(crate) fn zip(entries: impl IntoIterator<Item = Entry>) -> Zip {
    Zip {
        entries: entries.into_iter().collect(),
        ..Zip::default()
    }
}

impl Zip {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = self.front.clone();
        let mut directory = Vec::new();
        let mut records = 0_u16;
        for entry in &self.entries {
            let offset = u32::try_from(out.len() - self.front.len()).unwrap();
            if !entry.skip_local {
                out.extend(entry.local());
            }
            if !entry.skip_central {
                directory.extend(entry.central(offset));
                records = records.wrapping_add(1);
            }
        }
        out.extend(&self.before_directory);
        let offset = u32::try_from(out.len() - self.front.len()).unwrap();
        let offset = self.offset.unwrap_or(offset);
        let size = self.size.unwrap_or(u32::try_from(directory.len()).unwrap());
        out.extend(directory);
        out.extend(&self.after_directory);
        if self.wide {
            out.extend(self.wide_end(records, size, offset, out.len() as u64));
        }
        let deferred = self.wide && !self.repeat;
        let records = if deferred {
            u16::MAX
        } else {
            self.records.unwrap_or(records)
        };
        out.extend(b"PK\x05\x06");
        out.extend(self.disk.to_le_bytes());
        out.extend(self.disk.to_le_bytes());
        out.extend(self.records_here.unwrap_or(records).to_le_bytes());
        out.extend(records.to_le_bytes());
        out.extend(if deferred { u32::MAX } else { size }.to_le_bytes());
        out.extend(if deferred { u32::MAX } else { offset }.to_le_bytes());
        let comment_len = self
            .comment_len
            .unwrap_or(u16::try_from(self.comment.len()).unwrap());
        out.extend(comment_len.to_le_bytes());
        out.extend(&self.comment);
        out.extend(&self.back);
        out
    }

    fn wide_end(&self, records: u16, size: u32, offset: u32, at: u64) -> Vec<u8> {
        let records = self.wide_records.unwrap_or(records.into());
        let mut out = b"PK\x06\x06".to_vec();
        out.extend(44_u64.to_le_bytes());
        out.extend([45, 0, 45, 0]);
        out.extend([0; 8]);
        for number in [records, records, size.into(), offset.into()] {
            out.extend(number.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        out.extend([0; 4]);
        out.extend(at.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
        out
    }
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
