//! Flow collections: what brackets and commas hold together.

use super::{Event, EventKind, Expect, Parser, Properties, empty, error, event};
use crate::yaml::cursor::Mark;
use crate::yaml::error::YamlError;
use crate::yaml::scanner::TokenKind;

impl Parser {
    pub(super) fn flow_entry(&mut self, since: Mark, first: bool) -> Result<Event, YamlError> {
        self.pass_comma(
            first,
            &TokenKind::FlowSequenceEnd,
            since,
            "did not find expected ',' or ']'",
        )?;
        let start = self.scanner.peek()?.start;
        match self.scanner.peek()?.kind {
            TokenKind::FlowSequenceEnd => {
                self.scanner.take()?;
                Ok(event(start, EventKind::SequenceEnd))
            }
            TokenKind::Key => {
                self.scanner.take()?;
                self.expected
                    .extend([Expect::FlowEntry { since, first: false }, Expect::PairKey]);
                Ok(event(start, EventKind::MappingStart(Properties::default())))
            }
            _ => {
                self.expected.push(Expect::FlowEntry { since, first: false });
                self.node(false, false)
            }
        }
    }

    /// The key of a pair within a list; the reference passes the indicator that stands for a missing one.
    pub(super) fn pair_key(&mut self) -> Result<Event, YamlError> {
        self.expected.push(Expect::PairValue);
        if self
            .next_is(|kind| *kind == TokenKind::Value || ends_flow_entry(kind, &TokenKind::FlowSequenceEnd))?
        {
            let end = self.scanner.take()?.end;
            return Ok(empty(end));
        }
        self.node(false, false)
    }

    pub(super) fn pair_value(&mut self) -> Result<Event, YamlError> {
        self.expected.push(Expect::PairEnd);
        self.value_or_empty(&TokenKind::FlowSequenceEnd)
    }

    pub(super) fn pair_end(&mut self) -> Result<Event, YamlError> {
        Ok(event(self.scanner.peek()?.start, EventKind::MappingEnd))
    }

    pub(super) fn flow_key(&mut self, since: Mark, first: bool) -> Result<Event, YamlError> {
        self.pass_comma(
            first,
            &TokenKind::FlowMappingEnd,
            since,
            "did not find expected ',' or '}'",
        )?;
        let start = self.scanner.peek()?.start;
        match self.scanner.peek()?.kind {
            TokenKind::FlowMappingEnd => {
                self.scanner.take()?;
                return Ok(event(start, EventKind::MappingEnd));
            }
            TokenKind::Key => {
                self.scanner.take()?;
                self.expected
                    .extend([Expect::FlowKey { since, first: false }, Expect::FlowValue]);
            }
            _ => {
                self.expected
                    .extend([Expect::FlowKey { since, first: false }, Expect::NoFlowValue]);
                return self.node(false, false);
            }
        }
        if self
            .next_is(|kind| *kind == TokenKind::Value || ends_flow_entry(kind, &TokenKind::FlowMappingEnd))?
        {
            return self.empty_here();
        }
        self.node(false, false)
    }

    pub(super) fn flow_value(&mut self) -> Result<Event, YamlError> {
        self.value_or_empty(&TokenKind::FlowMappingEnd)
    }

    /// Passes the comma before an entry that is not the first; a comma may also stand before the closing bracket.
    fn pass_comma(
        &mut self,
        first: bool,
        close: &TokenKind,
        since: Mark,
        problem: &'static str,
    ) -> Result<(), YamlError> {
        if first || self.next_is(|kind| kind == close)? {
            return Ok(());
        }
        let token = self.scanner.take()?;
        if token.kind == TokenKind::FlowEntry {
            Ok(())
        } else {
            Err(error(problem, token.start, since))
        }
    }

    fn value_or_empty(&mut self, close: &TokenKind) -> Result<Event, YamlError> {
        if self.next_is(|kind| *kind == TokenKind::Value)? {
            self.scanner.take()?;
            if !self.next_is(|kind| ends_flow_entry(kind, close))? {
                return self.node(false, false);
            }
        }
        self.empty_here()
    }
}

fn ends_flow_entry(kind: &TokenKind, close: &TokenKind) -> bool {
    *kind == TokenKind::FlowEntry || kind == close
}
