//! `%YAML` and `%TAG` lines.

use super::{Scanner, TokenKind, YamlError};
use crate::yaml::cursor::{Mark, is_blank, is_blank_or_end, is_word};

impl Scanner {
    pub(super) fn directive(&mut self) -> Result<(), YamlError> {
        self.leave_block()?;
        let start = self.cursor.mark();
        self.cursor.advance();
        let name = self.cursor.take_while(is_word);
        if name.is_empty() {
            return Err(self.error_since(start, "could not find expected directive name"));
        }
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.error_since(start, "found unexpected non-alphabetical character"));
        }
        self.cursor.advance_while(is_blank);
        let kind = match name.as_str() {
            "YAML" => self.version(start)?,
            "TAG" => self.tag_directive(start)?,
            _ => return Err(self.error_since(start, "found unknown directive name")),
        };
        self.push_since(start, kind);
        self.finish_header_line(start)
    }

    fn version(&mut self, start: Mark) -> Result<TokenKind, YamlError> {
        let major = self.version_number(start)?;
        if self.cursor.peek() != '.' {
            return Err(self.error_since(start, "did not find expected digit or '.' character"));
        }
        self.cursor.advance();
        Ok(TokenKind::Version {
            major,
            minor: self.version_number(start)?,
        })
    }

    fn version_number(&mut self, start: Mark) -> Result<u8, YamlError> {
        let digits = self.cursor.take_while(|char| char.is_ascii_digit());
        match digits.len() {
            0 => Err(self.error_since(start, "did not find expected version number")),
            1 | 2 => Ok(digits
                .bytes()
                .fold(0, |number, digit| number * 10 + (digit - b'0'))),
            _ => Err(self.error_since(start, "found extremely long version number")),
        }
    }

    fn tag_directive(&mut self, start: Mark) -> Result<TokenKind, YamlError> {
        let handle = self.tag_handle(start, true)?;
        if !is_blank(self.cursor.peek()) {
            return Err(self.error_since(start, "did not find expected whitespace"));
        }
        self.cursor.advance_while(is_blank);
        let prefix = self.tag_uri(start, "")?;
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.error_since(start, "did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }
}
