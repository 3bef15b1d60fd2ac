//! Literal and folded scalars: `|` and `>`.

use super::{Scanner, YamlError};
use crate::yaml::cursor::{END, Mark, is_blank, is_break, is_break_or_end};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner {
    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<(), YamlError> {
        self.drop_simple_key()?;
        self.simple_key_allowed = true;
        let start = self.cursor.mark();
        self.cursor.advance();
        let (chomping, increment) = self.block_header(start)?;
        self.finish_header_line(start)?;
        let mut breaks = String::new();
        let stated = increment.map(|increment| self.indent.max(0) + i64::from(increment));
        let indent = self.block_indent(stated, start, &mut breaks)?;
        let value = self.block_lines(indent, literal, chomping, start, breaks)?;
        self.push_scalar(start, value, false);
        Ok(())
    }

    /// Reads `+` or `-` and a digit, in either order.
    fn block_header(&mut self, start: Mark) -> Result<(Chomping, Option<u32>), YamlError> {
        let before = self.chomping();
        let increment = self.cursor.peek().to_digit(10);
        if increment == Some(0) {
            return Err(self.error_since(start, "found an indentation indicator equal to 0"));
        }
        if increment.is_some() {
            self.cursor.advance();
        }
        let chomping = match before {
            None if increment.is_some() => self.chomping(),
            before => before,
        };
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek() {
            '+' => Chomping::Keep,
            '-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.advance();
        Some(chomping)
    }

    /// Passes the empty lines before the text; without a stated indent the first text, or the widest empty line, sets it.
    fn block_indent(
        &mut self,
        stated: Option<i64>,
        start: Mark,
        breaks: &mut String,
    ) -> Result<i64, YamlError> {
        let mut widest = 0;
        loop {
            while self.cursor.peek() == ' ' && stated.is_none_or(|stated| self.column() < stated) {
                self.cursor.advance();
            }
            widest = widest.max(self.column());
            if self.cursor.peek() == '\t' && stated.is_none_or(|stated| self.column() < stated) {
                return Err(self.error_since(
                    start,
                    "found a tab character where an indentation space is expected",
                ));
            }
            if !is_break(self.cursor.peek()) {
                return Ok(stated.unwrap_or_else(|| widest.max(self.indent + 1).max(1)));
            }
            self.cursor.take_break(breaks);
        }
    }

    /// Reads the lines of the text; a folded one joins neighbours that do not start with a blank.
    fn block_lines(
        &mut self,
        indent: i64,
        literal: bool,
        chomping: Chomping,
        start: Mark,
        mut breaks: String,
    ) -> Result<String, YamlError> {
        let mut value = String::new();
        let mut line_break = String::new();
        let mut after_blank = false;
        while self.column() == indent && self.cursor.peek() != END {
            let starts_blank = is_blank(self.cursor.peek());
            if literal || after_blank || starts_blank || line_break != "\n" {
                value.push_str(&line_break);
            } else if breaks.is_empty() {
                value.push(' ');
            }
            value.push_str(&breaks);
            line_break.clear();
            breaks.clear();
            after_blank = starts_blank;
            value.push_str(&self.cursor.take_while(|char| !is_break_or_end(char)));
            self.cursor.take_break(&mut line_break);
            self.block_indent(Some(indent), start, &mut breaks)?;
        }
        if chomping != Chomping::Strip {
            value.push_str(&line_break);
        }
        if chomping == Chomping::Keep {
            value.push_str(&breaks);
        }
        Ok(value)
    }
}
