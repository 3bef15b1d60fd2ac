//! Quoted scalars, and how lines within a scalar are folded.

use super::{Scanner, YamlError};
use crate::yaml::cursor::{Cursor, END, Mark, is_blank, is_blank_or_end, is_break};

/// Space between the words of a scalar that runs over lines, seen but not yet written.
#[derive(Default)]
pub(super) struct Gap {
    blanks: String,
    first_break: String,
    more_breaks: String,
}

impl Gap {
    /// Tells whether a line ended in this gap.
    pub(super) const fn has_break(&self) -> bool {
        !self.first_break.is_empty()
    }

    /// Takes blanks and line breaks; blanks at the start of a line are dropped.
    ///
    /// Stops at a tab that stands in for indentation: at the start of a line, before column `indent`.
    pub(super) fn take(&mut self, cursor: &mut Cursor, mut at_line_start: bool, indent: usize) {
        while is_blank(cursor.peek()) || is_break(cursor.peek()) {
            if is_break(cursor.peek()) {
                let breaks = if at_line_start {
                    &mut self.more_breaks
                } else {
                    &mut self.first_break
                };
                cursor.take_break(breaks);
                self.blanks.clear();
                at_line_start = true;
            } else if at_line_start {
                if cursor.peek() == '\t' && cursor.mark().column < indent {
                    return;
                }
                cursor.advance();
            } else {
                cursor.take(&mut self.blanks);
            }
        }
    }

    /// Writes the gap: one plain line break becomes a blank, of several all but the first stay.
    pub(super) fn write(&mut self, into: &mut String) {
        into.push_str(&self.blanks);
        match self.first_break.as_str() {
            "\n" if self.more_breaks.is_empty() => into.push(' '),
            "" | "\n" => {}
            other => into.push_str(other),
        }
        into.push_str(&self.more_breaks);
        *self = Self::default();
    }
}

impl Scanner {
    pub(super) fn flow_scalar(&mut self, quote: char) -> Result<(), YamlError> {
        self.note_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        let mut value = String::new();
        let mut gap = Gap::default();
        self.cursor.advance();
        loop {
            if self.cursor.at_document_indicator('-') || self.cursor.at_document_indicator('.') {
                return Err(self.error_since(start, "found unexpected document indicator"));
            }
            if self.cursor.peek() == END {
                return Err(self.error_since(start, "found unexpected end of stream"));
            }
            let line_joined = self.quoted_word(quote, start, &mut value)?;
            if self.cursor.peek() == quote {
                break;
            }
            gap.take(&mut self.cursor, line_joined, 0);
            gap.write(&mut value);
        }
        self.cursor.advance();
        self.push_scalar(start, value, false);
        Ok(())
    }

    /// Reads to the next blank, line break or quote; tells whether a backslash joined it with the next line.
    fn quoted_word(&mut self, quote: char, start: Mark, value: &mut String) -> Result<bool, YamlError> {
        while !is_blank_or_end(self.cursor.peek()) {
            match (self.cursor.peek(), self.cursor.peek_at(1)) {
                ('\'', '\'') if quote == '\'' => {
                    self.cursor.take(value);
                    self.cursor.advance();
                }
                (char, _) if char == quote => break,
                ('\\', next) if quote == '"' && is_break(next) => {
                    self.cursor.advance();
                    self.cursor.pass_break();
                    return Ok(true);
                }
                ('\\', _) if quote == '"' => value.push(self.escape(start)?),
                _ => self.cursor.take(value),
            }
        }
        Ok(false)
    }

    fn escape(&mut self, start: Mark) -> Result<char, YamlError> {
        let char = match self.cursor.peek_at(1) {
            '0' => '\0',
            'a' => '\x07',
            'b' => '\x08',
            't' | '\t' => '\t',
            'n' => '\n',
            'v' => '\x0b',
            'f' => '\x0c',
            'r' => '\r',
            'e' => '\x1b',
            same @ (' ' | '"' | '\'' | '\\') => same,
            'N' => '\u{85}',
            '_' => '\u{a0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            'x' => return self.code_point(start, 2),
            'u' => return self.code_point(start, 4),
            'U' => return self.code_point(start, 8),
            _ => return Err(self.error_since(start, "found unknown escape character")),
        };
        self.cursor.advance_by(2);
        Ok(char)
    }

    fn code_point(&mut self, start: Mark, digits: usize) -> Result<char, YamlError> {
        self.cursor.advance_by(2);
        let mut value = 0_u32;
        for ahead in 0..digits {
            let Some(digit) = self.cursor.peek_at(ahead).to_digit(16) else {
                return Err(self.error_since(start, "did not find expected hexdecimal number"));
            };
            value = value << 4 | digit;
        }
        let Some(char) = char::from_u32(value) else {
            return Err(self.error_since(start, "found invalid Unicode character escape code"));
        };
        self.cursor.advance_by(digits);
        Ok(char)
    }
}
