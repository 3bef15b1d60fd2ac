//! From characters to tokens: indentation, indicators and simple keys.
//!
//! A simple key is a node that turns out to be a key when a `:` follows on the same line; the tokens behind it wait in
//! the queue until that is known.

mod block_scalar;
mod directive;
mod flow_scalar;
mod plain_scalar;
mod tag;

use std::collections::{HashMap, VecDeque};

use super::MAX_DEPTH;
use super::cursor::{self, Cursor, END, Mark, is_blank, is_blank_or_end, is_break, is_break_or_end};
use super::error::{SyntaxError, YamlError};
use super::source::Source;

/// A simple key must fit into one line and this many characters.
const MAX_SIMPLE_KEY: usize = 1024;

/// The smallest piece of meaning, and where it starts and ends.
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Version { major: u8, minor: u8 },
    TagDirective { handle: String, prefix: String },
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    BlockEntry,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag { handle: String, suffix: String },
    Scalar { value: String, plain: bool },
}

/// The node that would become a key if a `:` came now; one per open flow collection, and one for the block.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

/// Cuts the text into tokens.
pub(super) struct Scanner {
    cursor: Cursor,
    tokens: VecDeque<Token>,
    /// How many tokens were taken; with the place in the queue it numbers every token.
    taken: usize,
    /// The column of the open block, -1 outside.
    indent: i64,
    outer_indents: Vec<i64>,
    /// The block's, then one for every open flow collection.
    simple_keys: Vec<SimpleKey>,
    /// From the number of a possible key's token to its place in `simple_keys`.
    key_places: HashMap<usize, usize>,
    simple_key_allowed: bool,
}

impl Scanner {
    pub(super) fn new(source: Source) -> Self {
        Self {
            cursor: Cursor::new(source),
            tokens: VecDeque::new(),
            taken: 0,
            indent: -1,
            outer_indents: Vec::new(),
            simple_keys: vec![SimpleKey::default()],
            key_places: HashMap::new(),
            simple_key_allowed: true,
        }
    }

    /// The next token, which stays; after the end of the stream that one for ever.
    pub(super) fn peek(&mut self) -> Result<&Token, YamlError> {
        while self.needs_token()? {
            self.fetch()?;
        }
        Ok(&self.tokens[0])
    }

    /// Takes the token that was peeked.
    pub(super) fn take(&mut self) -> Result<Token, YamlError> {
        self.peek()?;
        self.taken += 1;
        Ok(self.tokens.pop_front().expect("just peeked"))
    }

    fn needs_token(&mut self) -> Result<bool, YamlError> {
        if self.tokens.is_empty() {
            return Ok(true);
        }
        match self.key_places.get(&self.taken) {
            Some(place) => self.is_key_still_possible(*place),
            None => Ok(false),
        }
    }

    fn fetch(&mut self) -> Result<(), YamlError> {
        self.pass_space();
        self.close_blocks(self.column());
        if let Some(problem) = self.cursor.fault() {
            return Err(YamlError::Syntax(SyntaxError { line: None, problem }));
        }
        let next = self.cursor.peek();
        if next == END {
            return self.stream_end();
        }
        if self.cursor.mark().column == 0 && next == '%' {
            return self.directive();
        }
        if self.cursor.at_document_indicator('-') {
            return self.document_indicator(TokenKind::DocumentStart);
        }
        if self.cursor.at_document_indicator('.') {
            return self.document_indicator(TokenKind::DocumentEnd);
        }
        let spaced = is_blank_or_end(self.cursor.peek_at(1));
        match next {
            '[' => self.flow_start(TokenKind::FlowSequenceStart),
            '{' => self.flow_start(TokenKind::FlowMappingStart),
            ']' => self.flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.flow_end(TokenKind::FlowMappingEnd),
            ',' => self.flow_entry(),
            '-' if spaced => self.block_entry(),
            '?' if self.in_flow() || spaced => self.explicit_key(),
            ':' if self.in_flow() || spaced => self.value(),
            '*' | '&' => self.anchor(next),
            '!' => self.tag(),
            '|' | '>' if !self.in_flow() => self.block_scalar(next == '|'),
            '\'' | '"' => self.flow_scalar(next),
            '#' | '|' | '>' | '%' | '@' | '`' | '\t' => {
                Err(self.error("found character that cannot start any token"))
            }
            _ => self.plain_scalar(),
        }
    }

    /// Passes blanks, comments and line breaks; a tab indents nothing, so it stops where a key may stand.
    fn pass_space(&mut self) {
        loop {
            if self.cursor.mark().index == 0 && self.cursor.peek() == '\u{feff}' {
                self.cursor.advance();
            }
            let tabs = self.in_flow() || !self.simple_key_allowed;
            self.cursor
                .advance_while(|char| char == ' ' || tabs && char == '\t');
            if self.cursor.peek() == '#' {
                self.cursor.advance_while(|char| !is_break(char));
            }
            if !is_break(self.cursor.peek()) {
                return;
            }
            self.cursor.pass_break();
            if !self.in_flow() {
                self.simple_key_allowed = true;
            }
        }
    }

    fn stream_end(&mut self) -> Result<(), YamlError> {
        self.cursor.finish_line();
        self.leave_block()?;
        self.push_here(TokenKind::StreamEnd);
        Ok(())
    }

    fn document_indicator(&mut self, kind: TokenKind) -> Result<(), YamlError> {
        self.leave_block()?;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn flow_start(&mut self, kind: TokenKind) -> Result<(), YamlError> {
        self.note_simple_key()?;
        let token = self.taken + self.tokens.len();
        self.simple_keys.push(SimpleKey {
            token,
            ..SimpleKey::default()
        });
        if self.simple_keys.len() - 1 > MAX_DEPTH {
            return Err(YamlError::TooDeep(MAX_DEPTH));
        }
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn flow_end(&mut self, kind: TokenKind) -> Result<(), YamlError> {
        self.drop_simple_key()?;
        if self.in_flow() {
            // Of an empty collection this is the place of the collection itself: the reference does not wait to see
            // whether such a one is a key.
            let key = self.simple_keys.pop();
            key.and_then(|key| self.key_places.remove(&key.token));
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn flow_entry(&mut self) -> Result<(), YamlError> {
        self.drop_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn block_entry(&mut self) -> Result<(), YamlError> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return Err(self.error("block sequence entries are not allowed in this context"));
            }
            self.open_block(
                self.column(),
                None,
                TokenKind::BlockSequenceStart,
                self.cursor.mark(),
            )?;
        }
        self.drop_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn explicit_key(&mut self) -> Result<(), YamlError> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            self.open_block(
                self.column(),
                None,
                TokenKind::BlockMappingStart,
                self.cursor.mark(),
            )?;
        }
        self.drop_simple_key()?;
        self.simple_key_allowed = !self.in_flow();
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn value(&mut self) -> Result<(), YamlError> {
        let place = self.simple_keys.len() - 1;
        if self.is_key_still_possible(place)? {
            let key = self.simple_keys[place];
            self.insert(
                key.token,
                Token {
                    kind: TokenKind::Key,
                    start: key.mark,
                    end: key.mark,
                },
            );
            self.open_block(
                column(key.mark),
                Some(key.token),
                TokenKind::BlockMappingStart,
                key.mark,
            )?;
            self.forget_key(place);
            self.simple_key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.simple_key_allowed {
                    return Err(self.error("mapping values are not allowed in this context"));
                }
                self.open_block(
                    self.column(),
                    None,
                    TokenKind::BlockMappingStart,
                    self.cursor.mark(),
                )?;
            }
            self.simple_key_allowed = !self.in_flow();
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    fn anchor(&mut self, sign: char) -> Result<(), YamlError> {
        self.note_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        self.cursor.advance();
        let name = self.cursor.take_while(cursor::is_word);
        let next = self.cursor.peek();
        let ends = is_blank_or_end(next) || matches!(next, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`');
        if name.is_empty() || !ends {
            return Err(self.error_since(start, "did not find expected alphabetic or numeric character"));
        }
        self.push_since(
            start,
            if sign == '*' {
                TokenKind::Alias(name)
            } else {
                TokenKind::Anchor(name)
            },
        );
        Ok(())
    }

    // ---- simple keys

    /// A key that must come and did not is an error only when it is looked at.
    fn is_key_still_possible(&mut self, place: usize) -> Result<bool, YamlError> {
        let key = self.simple_keys[place];
        let here = self.cursor.mark();
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line == here.line && key.mark.index + MAX_SIMPLE_KEY >= here.index {
            return Ok(true);
        }
        if key.required {
            return Err(self.error_since(key.mark, "could not find expected ':'"));
        }
        self.simple_keys[place].possible = false;
        Ok(false)
    }

    fn note_simple_key(&mut self) -> Result<(), YamlError> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        self.drop_simple_key()?;
        let place = self.simple_keys.len() - 1;
        let key = SimpleKey {
            possible: true,
            required: !self.in_flow() && self.indent == self.column(),
            token: self.taken + self.tokens.len(),
            mark: self.cursor.mark(),
        };
        self.key_places.insert(key.token, place);
        self.simple_keys[place] = key;
        Ok(())
    }

    fn drop_simple_key(&mut self) -> Result<(), YamlError> {
        let place = self.simple_keys.len() - 1;
        let key = self.simple_keys[place];
        if key.possible && key.required {
            return Err(self.error_since(key.mark, "could not find expected ':'"));
        }
        self.forget_key(place);
        Ok(())
    }

    fn forget_key(&mut self, place: usize) {
        let key = &mut self.simple_keys[place];
        if key.possible {
            key.possible = false;
            self.key_places.remove(&key.token);
        }
    }

    // ---- blocks

    const fn in_flow(&self) -> bool {
        self.simple_keys.len() > 1
    }

    fn column(&self) -> i64 {
        column(self.cursor.mark())
    }

    fn open_block(
        &mut self,
        column: i64,
        before: Option<usize>,
        kind: TokenKind,
        mark: Mark,
    ) -> Result<(), YamlError> {
        if self.in_flow() || self.indent >= column {
            return Ok(());
        }
        if self.outer_indents.len() >= MAX_DEPTH {
            return Err(YamlError::TooDeep(MAX_DEPTH));
        }
        self.outer_indents.push(self.indent);
        self.indent = column;
        let number = before.unwrap_or(self.taken + self.tokens.len());
        self.insert(
            number,
            Token {
                kind,
                start: mark,
                end: mark,
            },
        );
        Ok(())
    }

    fn close_blocks(&mut self, column: i64) {
        while !self.in_flow() && self.indent > column {
            self.push_here(TokenKind::BlockEnd);
            self.indent = self.outer_indents.pop().unwrap_or(-1);
        }
    }

    fn leave_block(&mut self) -> Result<(), YamlError> {
        self.close_blocks(-1);
        self.drop_simple_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    // ---- the queue

    /// Puts a token in front of the one with this number, or at the end when that one is already taken.
    fn insert(&mut self, number: usize, token: Token) {
        let place = number.checked_sub(self.taken).unwrap_or(self.tokens.len());
        self.tokens.insert(place.min(self.tokens.len()), token);
    }

    fn push_here(&mut self, kind: TokenKind) {
        self.push_since(self.cursor.mark(), kind);
    }

    fn push_since(&mut self, start: Mark, kind: TokenKind) {
        self.tokens.push_back(Token {
            kind,
            start,
            end: self.cursor.mark(),
        });
    }

    fn push_indicator(&mut self, kind: TokenKind, length: usize) {
        let start = self.cursor.mark();
        self.cursor.advance_by(length);
        self.push_since(start, kind);
    }

    fn push_scalar(&mut self, start: Mark, value: String, plain: bool) {
        self.push_since(start, TokenKind::Scalar { value, plain });
    }

    // ---- errors

    fn error(&self, problem: &'static str) -> YamlError {
        self.error_since(self.cursor.mark(), problem)
    }

    /// An error here, in something that began at `start`; a bad byte here is told first.
    fn error_since(&self, start: Mark, problem: &'static str) -> YamlError {
        let here = self.cursor.mark().line;
        YamlError::Syntax(match self.cursor.fault() {
            Some(problem) => SyntaxError { line: None, problem },
            None if here != 0 => SyntaxError {
                line: Some(here + 1),
                problem,
            },
            None => SyntaxError {
                line: Some(start.line).filter(|line| *line != 0),
                problem,
            },
        })
    }

    /// Passes blanks and a comment; only a line break or the end may follow.
    fn finish_header_line(&mut self, start: Mark) -> Result<(), YamlError> {
        self.cursor.advance_while(is_blank);
        if self.cursor.peek() == '#' {
            self.cursor.advance_while(|char| !is_break(char));
        }
        if !is_break_or_end(self.cursor.peek()) {
            return Err(self.error_since(start, "did not find expected comment or line break"));
        }
        self.cursor.pass_break();
        Ok(())
    }
}

fn column(mark: Mark) -> i64 {
    i64::try_from(mark.column).unwrap_or(i64::MAX)
}
