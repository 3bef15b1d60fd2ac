//! What kind of archive something is, by its first bytes. Pure.

use super::error::Foreign;
use super::gzip;
use super::tar;

/// How many bytes are looked at.
pub(super) const SNIFFED: usize = tar::BLOCK;

/// The first bytes of what a web server sends instead of an archive, without white space and in lower case.
const WEB_PAGE: [&[u8]; 4] = [b"<!doctype html", b"<html", b"<head", b"<?xml"];

/// What is inside the outermost wrapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sniffed {
    Zip,
    Tar,
    Gzip,
}

/// Tells the kind by the first 512 bytes, or by all there are.
pub(super) fn sniff(bytes: &[u8]) -> Result<Sniffed, Foreign> {
    if bytes.starts_with(&gzip::MAGIC) {
        return Ok(Sniffed::Gzip);
    }
    if bytes.starts_with(b"PK\x03\x04")
        || bytes.starts_with(b"PK\x05\x06")
        || bytes.starts_with(b"PK\x06\x06")
    {
        return Ok(Sniffed::Zip);
    }
    if is_tar(bytes) {
        return Ok(Sniffed::Tar);
    }
    Err(foreign(bytes))
}

/// Tells whether a tar may begin so: with a header whose checksum is right (C-62), or with its end marker.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    bytes.len() == tar::BLOCK && (tar::has_checksum(bytes) || tar::is_zero(bytes))
}

fn foreign(bytes: &[u8]) -> Foreign {
    match bytes {
        [] => Foreign::Empty,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Foreign::Xz,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Foreign::Bzip2,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Foreign::Zstd,
        _ if is_web_page(bytes) => Foreign::Html,
        _ => Foreign::Unknown,
    }
}

fn is_web_page(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = bytes.trim_ascii_start().to_ascii_lowercase();
    WEB_PAGE.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests;
