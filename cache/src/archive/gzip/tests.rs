use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Gzip, GzipFault};
use crate::archive::source::{Source, Stream};
use crate::archive::{ArchiveError, Limit, Limits, Unsupervised};

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn gunzip(mut bytes: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let mut source = Source::new(&mut bytes, &Unsupervised);
    let mut gzip = Gzip::new(&mut source, &Limits::STORE);
    let mut out = Vec::new();
    loop {
        let piece = gzip.fill()?;
        if piece.is_empty() {
            return Ok(out);
        }
        let count = piece.len().min(1000);
        out.extend_from_slice(&piece[..count]);
        gzip.consume(count);
    }
}

#[track_caller]
fn check(bytes: &[u8], expected: Result<&[u8], GzipFault>) {
    match (gunzip(bytes), expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected),
        (Err(ArchiveError::Gzip(found)), Err(expected)) => assert_eq!(found, expected),
        (found, expected) => panic!("{found:?} instead of {expected:?}"),
    }
}

/// Rules: C-60, A-87
#[test]
fn members_and_padding_are_taken_and_garbage_is_not() {
    let text = "content ".repeat(50_000).into_bytes();
    let one = gzip(&text);
    check(&one, Ok(&text));
    check(
        &[one.clone(), gzip(b""), gzip(b"more")].concat(),
        Ok(&[&text[..], b"more"].concat()),
    );
    check(&[one.clone(), vec![0; 100_000]].concat(), Ok(&text));
    for garbage in [&b"x"[..], b"\0\0x", b"\x1f", b"\x1fx........"] {
        let fault = if garbage == b"\x1f" {
            GzipFault::Cut
        } else {
            GzipFault::Garbage
        };
        check(&[&one[..], garbage].concat(), Err(fault));
    }
    for cut in [1, 5, 9, 10, one.len() / 2, one.len() - 8, one.len() - 1] {
        check(&one[..cut], Err(GzipFault::Cut));
    }
    let flip = |from_end: usize| {
        let mut bytes = one.clone();
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        bytes
    };
    check(&flip(8), Err(GzipFault::Checksum));
    check(&flip(4), Err(GzipFault::Length));
}

/// Rules
#[test]
fn headers_are_passed_over_and_bounded() {
    let plain = gzip(b"content");
    let with = |flags: u8, fields: &[u8]| {
        let mut bytes = plain.clone();
        bytes[3] = flags;
        [&bytes[..10], fields, &bytes[10..]].concat()
    };
    check(&with(4, &[3, 0, 1, 2, 3]), Ok(b"content"));
    check(&with(8 | 16, b"name\0comment\0"), Ok(b"content"));
    check(&with(8, &vec![b'n'; 70_000]), Err(GzipFault::Header));
    check(&with(0x80, b""), Err(GzipFault::Header));
    check(&with(2, b"\0\0"), Err(GzipFault::Header));
    let mut crc = flate2::Crc::new();
    crc.update(&with(2, b"")[..10]);
    let stated = u16::try_from(crc.sum() & 0xffff).unwrap().to_le_bytes();
    check(&with(2, &stated), Ok(b"content"));
    let mut method = plain.clone();
    method[2] = 7;
    check(&method, Err(GzipFault::Header));
    let mut body = plain.clone();
    body[10] = 0xff;
    check(&body, Err(GzipFault::Deflate));
}

/// Rules: A-60
#[test]
fn a_bomb_ends_at_the_ratio() {
    let bomb = gzip(&vec![0; 80 << 20]);
    match gunzip(&bomb).unwrap_err() {
        ArchiveError::Limit { limit, allowed } => assert_eq!((limit, allowed), (Limit::Ratio, 200)),
        other => panic!("{other}"),
    }
}
