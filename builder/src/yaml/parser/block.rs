//! Block collections: what indentation holds together.

use super::{Event, EventKind, Expect, Parser, block_node, error, event};
use crate::yaml::cursor::Mark;
use crate::yaml::error::YamlError;
use crate::yaml::scanner::TokenKind;

impl Parser {
    pub(super) fn block_entry(&mut self, since: Mark) -> Result<Event, YamlError> {
        let token = self.scanner.take()?;
        match token.kind {
            TokenKind::BlockEntry => {
                self.expected.push(Expect::BlockEntry { since });
                let empty =
                    self.next_is(|kind| matches!(kind, TokenKind::BlockEntry | TokenKind::BlockEnd))?;
                self.node_unless(empty, token.end, block_node(false))
            }
            TokenKind::BlockEnd => Ok(event(token.start, EventKind::SequenceEnd)),
            _ => Err(error("did not find expected '-' indicator", token.start, since)),
        }
    }

    pub(super) fn indentless_entry(&mut self) -> Result<Event, YamlError> {
        if !self.next_is(|kind| *kind == TokenKind::BlockEntry)? {
            return Ok(event(self.scanner.peek()?.start, EventKind::SequenceEnd));
        }
        let end = self.scanner.take()?.end;
        self.expected.push(Expect::IndentlessEntry);
        let empty = self.next_is(|kind| *kind == TokenKind::BlockEntry || ends_block_node(kind))?;
        self.node_unless(empty, end, block_node(false))
    }

    pub(super) fn block_key(&mut self, since: Mark) -> Result<Event, YamlError> {
        let token = self.scanner.take()?;
        match token.kind {
            TokenKind::Key => {
                self.expected
                    .extend([Expect::BlockKey { since }, Expect::BlockValue]);
                let empty = self.next_is(ends_block_node)?;
                self.node_unless(empty, token.end, block_node(true))
            }
            TokenKind::BlockEnd => Ok(event(token.start, EventKind::MappingEnd)),
            _ => Err(error("did not find expected key", token.start, since)),
        }
    }

    pub(super) fn block_value(&mut self) -> Result<Event, YamlError> {
        if !self.next_is(|kind| *kind == TokenKind::Value)? {
            return self.empty_here();
        }
        let end = self.scanner.take()?.end;
        let empty = self.next_is(ends_block_node)?;
        self.node_unless(empty, end, block_node(true))
    }
}

fn ends_block_node(kind: &TokenKind) -> bool {
    matches!(kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd)
}
