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

/// An archive of `files` files of `bytes` bytes each, a hundred in a directory; `kind` is `tar`, `tgz` or `zip`.
pub fn archive(kind: &str, files: usize, bytes: usize) -> Vec<u8> {
    match kind {
        "tar" => tar(files, bytes, Vec::new()),
        "tgz" => {
            let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            tar(files, bytes, encoder).finish().expect("packed")
        }
        "zip" => zip(files, bytes),
        _ => unreachable!("no kind of archive"),
    }
}

/// One file of made-up bytes that do not pack.
pub fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let mut content = Vec::with_capacity(bytes + 8);
    while content.len() < bytes {
        content.extend_from_slice(&numbers.next().to_le_bytes());
    }
    content.truncate(bytes);
    content
}

fn tar<W: Write>(files: usize, bytes: usize, into: W) -> W {
    let mut builder = tar::Builder::new(into);
    for number in 0..files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes as u64);
        header.set_mode(0o644);
        header.set_mtime(1_600_000_000);
        let content = content(number, bytes);
        let added = builder.append_data(&mut header, name(number), &content[..]);
        added.expect("a member");
    }
    builder.into_inner().expect("an archive")
}

fn zip(files: usize, bytes: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .unix_permissions(0o644);
    for number in 0..files {
        writer.start_file(name(number), options).expect("a member");
        writer.write_all(&content(number, bytes)).expect("packed");
    }
    writer.finish().expect("an archive").into_inner()
}

fn name(number: usize) -> String {
    format!("d{:03}/f{number:06}", number / 100)
}

fn content(number: usize, bytes: usize) -> Vec<u8> {
    let mut numbers = Numbers(number as u64 + 1);
    let mut content = Vec::with_capacity(bytes + 64);
    while content.len() < bytes {
        let mut number = numbers.next();
        for _ in 0..8 {
            content.extend_from_slice(WORDS[usize::from(number.to_le_bytes()[0] & 7)].as_bytes());
            number >>= 3;
        }
        content.extend_from_slice(&number.to_le_bytes()[..5]);
    }
    content.truncate(bytes);
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
