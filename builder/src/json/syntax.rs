//! Where a text stops being JSON, in the words of the legacy's decoder: they stand in messages that people search for.

use thiserror::Error;

/// The first thing that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SyntaxError {
    /// It ends too early.
    #[error("unexpected end of JSON input")]
    End,
    /// A character that cannot stand there.
    #[error("invalid character {} {place}", quoted(*.byte))]
    Character {
        /// The byte; of a character that is not ASCII the first one.
        byte: u8,
        /// Where it stands.
        place: &'static str,
    },
}

/// Tells whether a text is exactly one JSON value; takes no memory but one byte per nesting.
pub fn check(text: &[u8]) -> Result<(), SyntaxError> {
    let mut scanner = Scanner {
        text,
        at: 0,
        open: Vec::new(),
    };
    scanner.document()
}

/// The bytes after the first of each literal, and what is said where another one stands.
const TRUE: [(u8, &str); 3] = [
    (b'r', "in literal true (expecting 'r')"),
    (b'u', "in literal true (expecting 'u')"),
    (b'e', "in literal true (expecting 'e')"),
];
const FALSE: [(u8, &str); 4] = [
    (b'a', "in literal false (expecting 'a')"),
    (b'l', "in literal false (expecting 'l')"),
    (b's', "in literal false (expecting 's')"),
    (b'e', "in literal false (expecting 'e')"),
];
const NULL: [(u8, &str); 3] = [
    (b'u', "in literal null (expecting 'u')"),
    (b'l', "in literal null (expecting 'l')"),
    (b'l', "in literal null (expecting 'l')"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    List,
    Object,
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    open: Vec<Open>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), SyntaxError> {
        loop {
            self.value()?;
            while let Some(open) = self.open.last().copied() {
                if self.goes_on(open)? {
                    break;
                }
                self.open.pop();
            }
            if self.open.is_empty() {
                break;
            }
        }
        match self.skip_blanks() {
            None => Ok(()),
            Some(byte) => Err(SyntaxError::Character {
                byte,
                place: "after top-level value",
            }),
        }
    }

    /// Reads a scalar, or the beginning of a list or object up to its first value.
    fn value(&mut self) -> Result<(), SyntaxError> {
        loop {
            match self.blankless()? {
                b'{' => {
                    self.open.push(Open::Object);
                    if self.blankless_is(b'}')? {
                        self.step_back();
                        return Ok(());
                    }
                    self.key()?;
                }
                b'[' => {
                    self.open.push(Open::List);
                    if self.blankless_is(b']')? {
                        self.step_back();
                        return Ok(());
                    }
                }
                b'"' => return self.string(),
                b't' => return self.literal(&TRUE),
                b'f' => return self.literal(&FALSE),
                b'n' => return self.literal(&NULL),
                byte @ (b'-' | b'0'..=b'9') => return self.number(byte),
                byte => {
                    return Err(SyntaxError::Character {
                        byte,
                        place: "looking for beginning of value",
                    });
                }
            }
        }
    }

    /// Reads what follows a value in a list or object; true if another value does.
    fn goes_on(&mut self, open: Open) -> Result<bool, SyntaxError> {
        let (close, place) = match open {
            Open::List => (b']', "after array element"),
            Open::Object => (b'}', "after object key:value pair"),
        };
        match self.blankless()? {
            b',' if open == Open::Object => self.key().map(|()| true),
            b',' => Ok(true),
            byte if byte == close => Ok(false),
            byte => Err(SyntaxError::Character { byte, place }),
        }
    }

    fn key(&mut self) -> Result<(), SyntaxError> {
        match self.blankless()? {
            b'"' => self.string()?,
            byte => {
                return Err(SyntaxError::Character {
                    byte,
                    place: "looking for beginning of object key string",
                });
            }
        }
        match self.blankless()? {
            b':' => Ok(()),
            byte => Err(SyntaxError::Character {
                byte,
                place: "after object key",
            }),
        }
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        loop {
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                byte @ 0..0x20 => {
                    return Err(SyntaxError::Character {
                        byte,
                        place: "in string literal",
                    });
                }
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        match self.next()? {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => Ok(()),
            b'u' => {
                for _ in 0..4 {
                    let byte = self.next()?;
                    if !byte.is_ascii_hexdigit() {
                        let place = "in \\u hexadecimal character escape";
                        return Err(SyntaxError::Character { byte, place });
                    }
                }
                Ok(())
            }
            byte => Err(SyntaxError::Character {
                byte,
                place: "in string escape code",
            }),
        }
    }

    fn literal(&mut self, rest: &[(u8, &'static str)]) -> Result<(), SyntaxError> {
        for &(wanted, place) in rest {
            let byte = self.next()?;
            if byte != wanted {
                return Err(SyntaxError::Character { byte, place });
            }
        }
        Ok(())
    }

    fn number(&mut self, first: u8) -> Result<(), SyntaxError> {
        let first = if first == b'-' {
            self.digit("in numeric literal")?
        } else {
            first
        };
        if first != b'0' {
            self.digits();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digit("after decimal point in numeric literal")?;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digit("in exponent of numeric literal")?;
            self.digits();
        }
        Ok(())
    }

    fn digit(&mut self, place: &'static str) -> Result<u8, SyntaxError> {
        let byte = self.next()?;
        if byte.is_ascii_digit() {
            Ok(byte)
        } else {
            Err(SyntaxError::Character { byte, place })
        }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, SyntaxError> {
        let byte = self.peek().ok_or(SyntaxError::End)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip_blanks(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.peek()
    }

    fn blankless(&mut self) -> Result<u8, SyntaxError> {
        self.skip_blanks();
        self.next()
    }

    fn blankless_is(&mut self, wanted: u8) -> Result<bool, SyntaxError> {
        let is = self.skip_blanks().ok_or(SyntaxError::End)? == wanted;
        self.at += usize::from(is);
        Ok(is)
    }

    /// Lets the caller see the bracket that closes an empty list or object.
    fn step_back(&mut self) {
        self.at -= 1;
    }
}

/// The byte in single quotes, as the legacy shows it.
fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        0x20..0x7f => format!("'{}'", char::from(byte)),
        0..0x80 => format!(r"'\x{byte:02x}'"),
        // Each byte on its own is shown as the letter of that number.
        _ => format!("'{}'", char::from(byte)),
    }
}

#[cfg(test)]
mod tests;
