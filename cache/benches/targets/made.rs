//! Archives that are the same on every machine.

use std::io::Write;

/// Words of which files are made, so that they pack about as well as programs do.
const WORDS: [&str; 8] = [
    "function ",
    "return ",
    "\n    ",
    "value",
    " = ",
    "(error)",
    "0x",
    ";\n",
];

/// What is in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// How many files, a hundred in a directory.
    pub(crate) files: usize,
    /// Bytes of each.
    pub(crate) bytes: usize,
    /// Archives with other ones have other content.
    pub(crate) seed: u64,
}

/// Makes an archive; `kind` is `tar`, `tgz` or `zip`.
pub(crate) fn archive(kind: &str, shape: Shape) -> Vec<u8> {
    match kind {
        "tar" => tar(shape, Vec::new()),
        "tgz" => {
            let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            tar(shape, encoder).finish().expect("packed")
        }
        "zip" => zip(shape),
        _ => unreachable!("no kind of archive"),
    }
}

/// One file of made-up bytes that do not pack.
pub(crate) fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let mut content = Vec::with_capacity(bytes + 8);
    while content.len() < bytes {
        content.extend_from_slice(&numbers.next().to_le_bytes());
    }
    content.truncate(bytes);
    content
}

fn tar<W: Write>(shape: Shape, into: W) -> W {
    let mut builder = tar::Builder::new(into);
    for number in 0..shape.files {
        let mut header = tar::Header::new_gnu();
        header.set_size(shape.bytes as u64);
        header.set_mode(0o644);
        header.set_mtime(1_600_000_000);
        let content = content(number, shape);
        let added = builder.append_data(&mut header, name(number), &content[..]);
        added.expect("a member");
    }
    builder.into_inner().expect("an archive")
}

fn zip(shape: Shape) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .unix_permissions(0o644);
    for number in 0..shape.files {
        writer.start_file(name(number), options).expect("a member");
        writer.write_all(&content(number, shape)).expect("packed");
    }
    writer.finish().expect("an archive").into_inner()
}

fn name(number: usize) -> String {
    format!("d{:03}/f{number:06}", number / 100)
}

fn content(number: usize, shape: Shape) -> Vec<u8> {
    let mut numbers = Numbers(shape.seed.wrapping_shl(32) + number as u64 + 1);
    let mut content = Vec::with_capacity(shape.bytes + 64);
    while content.len() < shape.bytes {
        let mut number = numbers.next();
        for _ in 0..8 {
            content.extend_from_slice(WORDS[usize::from(number.to_le_bytes()[0] & 7)].as_bytes());
            number >>= 3;
        }
        content.extend_from_slice(&number.to_le_bytes()[..5]);
    }
    content.truncate(shape.bytes);
    content
}

struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
