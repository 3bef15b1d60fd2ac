//! Tags: `!local`, `!!int`, `!handle!suffix`, `!<verbatim>`.

use super::{Scanner, TokenKind, YamlError};
use crate::yaml::cursor::{Mark, is_blank_or_end, is_word};

impl Scanner {
    pub(super) fn tag(&mut self) -> Result<(), YamlError> {
        self.note_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        let kind = if self.cursor.peek_at(1) == '<' {
            self.verbatim_tag(start)?
        } else {
            self.shorthand_tag(start)?
        };
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.error_since(start, "did not find expected whitespace or line break"));
        }
        self.push_since(start, kind);
        Ok(())
    }

    fn verbatim_tag(&mut self, start: Mark) -> Result<TokenKind, YamlError> {
        self.cursor.advance_by(2);
        let suffix = self.tag_uri(start, "")?;
        if self.cursor.peek() != '>' {
            return Err(self.error_since(start, "did not find the expected '>'"));
        }
        self.cursor.advance();
        Ok(TokenKind::Tag {
            handle: String::new(),
            suffix,
        })
    }

    /// A lone `!` has no handle: it is the tag.
    fn shorthand_tag(&mut self, start: Mark) -> Result<TokenKind, YamlError> {
        let handle = self.tag_handle(start, false)?;
        if handle.len() > 1 && handle.ends_with('!') {
            let suffix = self.tag_uri(start, "")?;
            return Ok(TokenKind::Tag { handle, suffix });
        }
        let suffix = self.tag_uri(start, &handle)?;
        Ok(if suffix.is_empty() {
            TokenKind::Tag {
                handle: String::new(),
                suffix: "!".to_owned(),
            }
        } else {
            TokenKind::Tag {
                handle: "!".to_owned(),
                suffix,
            }
        })
    }

    pub(super) fn tag_handle(&mut self, start: Mark, directive: bool) -> Result<String, YamlError> {
        let mut handle = String::new();
        if self.cursor.peek() != '!' {
            return Err(self.error_since(start, "did not find expected '!'"));
        }
        self.cursor.take(&mut handle);
        handle.push_str(&self.cursor.take_while(is_word));
        if self.cursor.peek() == '!' {
            self.cursor.take(&mut handle);
        } else if directive && handle != "!" {
            return Err(self.error_since(start, "did not find expected '!'"));
        }
        Ok(handle)
    }

    /// Reads an URI behind what was taken for a handle (`!` and the URI's first characters).
    pub(super) fn tag_uri(&mut self, start: Mark, head: &str) -> Result<String, YamlError> {
        let mut octets = head.as_bytes().get(1..).unwrap_or_default().to_vec();
        let mut found = !head.is_empty();
        while is_uri(self.cursor.peek()) {
            found = true;
            if self.cursor.peek() == '%' {
                octets.push(self.escaped_octet(start)?);
            } else {
                octets.extend(self.cursor.take_while(|char| is_uri(char) && char != '%').bytes());
            }
        }
        if !found {
            return Err(self.error_since(start, "did not find expected tag URI"));
        }
        String::from_utf8(octets).map_err(|_| self.error_since(start, "found an incorrect UTF-8 octet"))
    }

    fn escaped_octet(&mut self, start: Mark) -> Result<u8, YamlError> {
        let digit = |ahead| {
            self.cursor
                .peek_at(ahead)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        match (digit(1), digit(2)) {
            (Some(high), Some(low)) => {
                self.cursor.advance_by(3);
                Ok(high << 4 | low)
            }
            _ => Err(self.error_since(start, "did not find URI escaped octet")),
        }
    }
}

const fn is_uri(char: char) -> bool {
    is_word(char)
        || matches!(
            char,
            ';' | '/'
                | '?'
                | ':'
                | '@'
                | '&'
                | '='
                | '+'
                | '$'
                | ','
                | '.'
                | '!'
                | '~'
                | '*'
                | '\''
                | '('
                | ')'
                | '['
                | ']'
                | '%'
        )
}
