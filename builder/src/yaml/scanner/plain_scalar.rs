//! Scalars without quotes.

use super::flow_scalar::Gap;
use super::{Scanner, YamlError};
use crate::yaml::cursor::{is_blank, is_blank_or_end, is_break};

impl Scanner {
    pub(super) fn plain_scalar(&mut self) -> Result<(), YamlError> {
        self.note_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        let mut value = String::new();
        let mut gap = Gap::default();
        loop {
            if self.cursor.at_document_indicator('-')
                || self.cursor.at_document_indicator('.')
                || self.cursor.peek() == '#'
            {
                break;
            }
            self.plain_word(&mut gap, &mut value);
            if !is_blank(self.cursor.peek()) && !is_break(self.cursor.peek()) {
                break;
            }
            self.plain_gap(&mut gap)?;
            if !self.in_flow() && self.column() <= self.indent {
                break;
            }
        }
        self.simple_key_allowed = gap.has_break();
        self.push_scalar(start, value, true);
        Ok(())
    }

    fn plain_word(&mut self, gap: &mut Gap, value: &mut String) {
        while !is_blank_or_end(self.cursor.peek()) {
            let next = self.cursor.peek();
            let ends = next == ':' && is_blank_or_end(self.cursor.peek_at(1))
                || self.in_flow() && matches!(next, ',' | '?' | '[' | ']' | '{' | '}');
            if ends {
                return;
            }
            gap.write(value);
            self.cursor.take(value);
        }
    }

    /// A tab does not indent: before the scalar's column it is an error.
    fn plain_gap(&mut self, gap: &mut Gap) -> Result<(), YamlError> {
        let start = self.cursor.mark();
        let indent = usize::try_from(self.indent + 1).unwrap_or(0);
        gap.take(&mut self.cursor, gap.has_break(), indent);
        if self.cursor.peek() == '\t' {
            return Err(self.error_since(start, "found a tab character that violates indentation"));
        }
        Ok(())
    }
}
