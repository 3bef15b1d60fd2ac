//! A place in the text, and the characters around it.

use super::source::Source;

/// A place in the text, counted from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What the cursor shows past the last character; no text contains it.
pub(super) const END: char = '\0';

/// How many characters the legacy wants to see before it begins a token.
const LOOKAHEAD: usize = 4;

/// Reads the text forward, with as much lookahead as wanted.
pub(super) struct Cursor {
    source: Source,
    mark: Mark,
}

impl Cursor {
    pub(super) const fn new(source: Source) -> Self {
        Self {
            source,
            mark: Mark {
                index: 0,
                line: 0,
                column: 0,
            },
        }
    }

    pub(super) const fn mark(&self) -> Mark {
        self.mark
    }

    /// The next character, or [`END`].
    pub(super) fn peek(&self) -> char {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> char {
        self.source
            .chars
            .get(self.mark.index.saturating_add(ahead))
            .copied()
            .unwrap_or(END)
    }

    /// Why the text cannot be read from here on, although the input does not end.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let fault = self.source.fault?;
        (self.mark.index.saturating_add(LOOKAHEAD) > fault.from).then_some(fault.problem)
    }

    /// Passes one character that breaks no line; stays at the end.
    pub(super) fn advance(&mut self) {
        if self.mark.index < self.source.chars.len() {
            self.mark.index += 1;
            self.mark.column += 1;
        }
    }

    pub(super) fn advance_by(&mut self, count: usize) {
        for _ in 0..count {
            self.advance();
        }
    }

    pub(super) fn advance_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek() != END && wanted(self.peek()) {
            self.advance();
        }
    }

    /// Passes one character and appends it.
    pub(super) fn take(&mut self, into: &mut String) {
        into.push(self.peek());
        self.advance();
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while self.peek() != END && wanted(self.peek()) {
            self.take(&mut taken);
        }
        taken
    }

    /// Passes one line break, if there is one; CR LF is one.
    pub(super) fn pass_break(&mut self) {
        self.take_break(&mut String::new());
    }

    /// Passes one line break and appends it: U+2028 and U+2029 as they are, every other as LF.
    pub(super) fn take_break(&mut self, into: &mut String) {
        let length = match self.peek() {
            '\r' if self.peek_at(1) == '\n' => 2,
            char if is_break(char) => 1,
            _ => return,
        };
        into.push(if matches!(self.peek(), '\u{2028}' | '\u{2029}') {
            self.peek()
        } else {
            '\n'
        });
        self.mark = Mark {
            index: self.mark.index + length,
            line: self.mark.line + 1,
            column: 0,
        };
    }

    /// Counts an unfinished last line as finished, as the end of the text does.
    pub(super) fn finish_line(&mut self) {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
    }

    /// Tells whether a line `---` (or with another character) starts here.
    pub(super) fn at_document_indicator(&self, char: char) -> bool {
        self.mark.column == 0
            && (0..3).all(|ahead| self.peek_at(ahead) == char)
            && is_blank_or_end(self.peek_at(3))
    }
}

pub(super) const fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t')
}

pub(super) const fn is_break(char: char) -> bool {
    matches!(char, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) const fn is_break_or_end(char: char) -> bool {
    is_break(char) || char == END
}

pub(super) const fn is_blank_or_end(char: char) -> bool {
    is_blank(char) || is_break_or_end(char)
}

/// The characters of anchors, directive names and tag handles.
pub(super) const fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-')
}
