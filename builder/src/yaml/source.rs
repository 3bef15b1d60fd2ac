//! From bytes to characters (builder contract §10.1 encodings).

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_LITTLE_MARK: &[u8] = &[0xff, 0xfe];
const UTF16_BIG_MARK: &[u8] = &[0xfe, 0xff];

/// How many bytes the legacy decodes at a time.
const WINDOW: usize = 512;

/// The readable characters of an input, and why they end before the input does.
pub(super) struct Source {
    pub(super) chars: Vec<char>,
    pub(super) fault: Option<Fault>,
}

/// A byte that is no text.
///
/// It counts as soon as a reader comes to the bytes that are decoded together with it; far behind the first document
/// it is never seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) problem: &'static str,
    /// The first character that the reader cannot have.
    pub(super) from: usize,
}

/// Decodes the character at the start of some bytes, of which there is at least one; tells how many it took.
type Decode = fn(&[u8]) -> Result<(char, usize), &'static str>;

impl Source {
    /// Decodes by the byte order mark, UTF-8 without one.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let marks: [(&[u8], Decode); 3] = [
            (UTF8_MARK, utf8),
            (UTF16_LITTLE_MARK, |bytes| utf16(bytes, u16::from_le_bytes)),
            (UTF16_BIG_MARK, |bytes| utf16(bytes, u16::from_be_bytes)),
        ];
        let marked = marks.iter().find(|(mark, _)| bytes.starts_with(mark));
        let (mark, decode) = marked.copied().unwrap_or((&[], utf8));
        Self::decode_behind(mark.len(), bytes, decode)
    }

    fn decode_behind(start: usize, bytes: &[u8], decode: Decode) -> Self {
        let mut chars = Vec::with_capacity(bytes.len());
        let (mut place, mut window_end, mut window_start) = (start, WINDOW, 0);
        while place < bytes.len() {
            let next = decode(&bytes[place..]).and_then(allowed);
            let end = place + next.map_or(1, |(_, width)| width);
            if end > window_end {
                (window_start, window_end) = (chars.len(), place + WINDOW);
            }
            match next {
                Ok((char, _)) => chars.push(char),
                Err(problem) => {
                    return Self {
                        chars,
                        fault: Some(Fault {
                            problem,
                            from: window_start,
                        }),
                    };
                }
            }
            place = end;
        }
        Self { chars, fault: None }
    }
}

fn utf8(bytes: &[u8]) -> Result<(char, usize), &'static str> {
    let first = bytes[0];
    let (width, least) = match first {
        0..0x80 => return Ok((char::from(first), 1)),
        0xc0..0xe0 => (2, 0x80),
        0xe0..0xf0 => (3, 0x800),
        0xf0..0xf8 => (4, 0x1_0000),
        _ => return Err("invalid leading UTF-8 octet"),
    };
    let mut value = u32::from(first) & (0x7f >> width);
    for octet in bytes.get(1..width).ok_or("incomplete UTF-8 octet sequence")? {
        if octet & 0xc0 != 0x80 {
            return Err("invalid trailing UTF-8 octet");
        }
        value = value << 6 | u32::from(octet & 0x3f);
    }
    if value < least {
        return Err("invalid length of a UTF-8 sequence");
    }
    let char = char::from_u32(value).ok_or("invalid Unicode character")?;
    Ok((char, width))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(char, usize), &'static str> {
    let (units, _) = bytes.as_chunks::<2>();
    let first = unit(*units.first().ok_or("incomplete UTF-16 character")?);
    let pair = match first {
        0xdc00..0xe000 => return Err("unexpected low surrogate area"),
        0xd800..0xdc00 => unit(*units.get(1).ok_or("incomplete UTF-16 surrogate pair")?),
        _ => first,
    };
    let mut decoded = char::decode_utf16([first, pair]);
    let char = decoded
        .next()
        .and_then(Result::ok)
        .ok_or("expected low surrogate area")?;
    Ok((char, char.len_utf16() * 2))
}

const fn allowed((char, width): (char, usize)) -> Result<(char, usize), &'static str> {
    match char {
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'.. => {
            Ok((char, width))
        }
        _ => Err("control characters are not allowed"),
    }
}
