//! From tokens to events: which nodes stand within which.
//!
//! What is still expected stands on a stack, so no input can exhaust the program's own stack. Only the first document
//! is read; the token behind it is looked at, the rest of the stream is not.

mod block;
mod flow;

use super::cursor::Mark;
use super::error::{SyntaxError, YamlError};
use super::scanner::{Scanner, TokenKind};

const OFFICIAL_TAGS: &str = "tag:yaml.org,2002:";

/// A step through the document, and the line it starts in, counted from 0.
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) line: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    Alias(String),
    Scalar {
        properties: Properties,
        value: String,
        implicit: bool,
    },
    SequenceStart(Properties),
    SequenceEnd,
    MappingStart(Properties),
    MappingEnd,
}

/// What stands before a node; a tag is empty when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Properties {
    pub(super) anchor: Option<String>,
    pub(super) tag: String,
}

/// What may come next.
#[derive(Clone, Copy)]
enum Expect {
    Content,
    Node { block: bool, indentless: bool },
    BlockEntry { since: Mark },
    IndentlessEntry,
    BlockKey { since: Mark },
    BlockValue,
    FlowEntry { since: Mark, first: bool },
    PairKey,
    PairValue,
    PairEnd,
    FlowKey { since: Mark, first: bool },
    FlowValue,
    NoFlowValue,
}

/// Reads the events of the first document.
pub(super) struct Parser {
    scanner: Scanner,
    expected: Vec<Expect>,
    tag_prefixes: Vec<(String, String)>,
}

impl Parser {
    /// Reads up to the first document's content; `None` when the stream has none.
    pub(super) fn start(mut scanner: Scanner) -> Result<Option<Self>, YamlError> {
        let first = &scanner.peek()?.kind;
        if *first == TokenKind::StreamEnd {
            return Ok(None);
        }
        let explicit = matches!(
            first,
            TokenKind::Version { .. } | TokenKind::TagDirective { .. } | TokenKind::DocumentStart
        );
        let mut parser = Self {
            scanner,
            expected: Vec::new(),
            tag_prefixes: Vec::new(),
        };
        if explicit {
            parser.directives()?;
            let token = parser.scanner.take()?;
            if token.kind != TokenKind::DocumentStart {
                return Err(error(
                    "did not find expected <document start>",
                    token.start,
                    Mark::default(),
                ));
            }
        }
        parser.expected.push(if explicit {
            Expect::Content
        } else {
            block_node(false)
        });
        for (handle, prefix) in [("!", "!"), ("!!", OFFICIAL_TAGS)] {
            if parser.tag_prefix(handle).is_none() {
                parser.tag_prefixes.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(Some(parser))
    }

    /// The next event; `None` at the document's end.
    pub(super) fn next(&mut self) -> Result<Option<Event>, YamlError> {
        let Some(expected) = self.expected.pop() else {
            self.scanner.peek()?;
            return Ok(None);
        };
        let event = match expected {
            Expect::Content => self.content(),
            Expect::Node { block, indentless } => self.node(block, indentless),
            Expect::BlockEntry { since } => self.block_entry(since),
            Expect::IndentlessEntry => self.indentless_entry(),
            Expect::BlockKey { since } => self.block_key(since),
            Expect::BlockValue => self.block_value(),
            Expect::FlowEntry { since, first } => self.flow_entry(since, first),
            Expect::PairKey => self.pair_key(),
            Expect::PairValue => self.pair_value(),
            Expect::PairEnd => self.pair_end(),
            Expect::FlowKey { since, first } => self.flow_key(since, first),
            Expect::FlowValue => self.flow_value(),
            Expect::NoFlowValue => self.empty_here(),
        };
        event.map(Some)
    }

    fn directives(&mut self) -> Result<(), YamlError> {
        let mut version_seen = false;
        while self
            .next_is(|kind| matches!(kind, TokenKind::Version { .. } | TokenKind::TagDirective { .. }))?
        {
            let token = self.scanner.take()?;
            let problem = match token.kind {
                TokenKind::Version { .. } if version_seen => "found duplicate %YAML directive",
                TokenKind::Version { major: 1, minor: 1 } => {
                    version_seen = true;
                    continue;
                }
                TokenKind::TagDirective { handle, prefix } if self.tag_prefix(&handle).is_none() => {
                    self.tag_prefixes.push((handle, prefix));
                    continue;
                }
                TokenKind::TagDirective { .. } => "found duplicate %TAG directive",
                _ => "found incompatible YAML document",
            };
            return Err(error(problem, token.start, Mark::default()));
        }
        Ok(())
    }

    fn content(&mut self) -> Result<Event, YamlError> {
        let empty = |kind: &TokenKind| {
            matches!(
                kind,
                TokenKind::Version { .. }
                    | TokenKind::TagDirective { .. }
                    | TokenKind::DocumentStart
                    | TokenKind::DocumentEnd
                    | TokenKind::StreamEnd
            )
        };
        if self.next_is(empty)? {
            self.empty_here()
        } else {
            self.node(true, false)
        }
    }

    fn node(&mut self, block: bool, indentless: bool) -> Result<Event, YamlError> {
        let start = self.scanner.peek()?.start;
        if self.next_is(|kind| matches!(kind, TokenKind::Alias(_)))? {
            return match self.scanner.take()?.kind {
                TokenKind::Alias(name) => Ok(event(start, EventKind::Alias(name))),
                _ => Err(error("did not find expected node content", start, start)),
            };
        }
        let properties = self.properties(start)?;
        let next = self.scanner.peek()?;
        let (here, end) = (next.start, next.end);
        let (kind, then) = match &next.kind {
            TokenKind::BlockEntry if indentless => {
                self.expected.push(Expect::IndentlessEntry);
                return Ok(event(start, EventKind::SequenceStart(properties)));
            }
            TokenKind::Scalar { .. } => return self.scalar(start, properties),
            TokenKind::FlowSequenceStart => (
                EventKind::SequenceStart(properties),
                Expect::FlowEntry {
                    since: here,
                    first: true,
                },
            ),
            TokenKind::FlowMappingStart => (
                EventKind::MappingStart(properties),
                Expect::FlowKey {
                    since: here,
                    first: true,
                },
            ),
            TokenKind::BlockSequenceStart if block => (
                EventKind::SequenceStart(properties),
                Expect::BlockEntry { since: end },
            ),
            TokenKind::BlockMappingStart if block => (
                EventKind::MappingStart(properties),
                Expect::BlockKey { since: end },
            ),
            _ if properties == Properties::default() => {
                return Err(error("did not find expected node content", here, start));
            }
            _ => {
                let implicit = properties.tag.is_empty();
                return Ok(event(
                    start,
                    EventKind::Scalar {
                        properties,
                        value: String::new(),
                        implicit,
                    },
                ));
            }
        };
        self.scanner.take()?;
        self.expected.push(then);
        Ok(event(start, kind))
    }

    fn scalar(&mut self, start: Mark, properties: Properties) -> Result<Event, YamlError> {
        let token = self.scanner.take()?;
        let TokenKind::Scalar { value, plain } = token.kind else {
            return Err(error("did not find expected node content", token.start, start));
        };
        let implicit = properties.tag == "!" || properties.tag.is_empty() && plain;
        Ok(event(
            start,
            EventKind::Scalar {
                properties,
                value,
                implicit,
            },
        ))
    }

    /// Reads an anchor and a tag, in either order.
    fn properties(&mut self, start: Mark) -> Result<Properties, YamlError> {
        let mut anchor = None;
        let mut tag = None;
        loop {
            let fits = |kind: &TokenKind| match kind {
                TokenKind::Anchor(_) => anchor.is_none(),
                TokenKind::Tag { .. } => tag.is_none(),
                _ => false,
            };
            if !self.next_is(fits)? {
                break;
            }
            let token = self.scanner.take()?;
            match token.kind {
                TokenKind::Anchor(name) => anchor = Some(name),
                TokenKind::Tag { handle, suffix } => {
                    tag = Some(self.full_tag(&handle, suffix, token.start, start)?);
                }
                _ => break,
            }
        }
        Ok(Properties {
            anchor,
            tag: tag.unwrap_or_default(),
        })
    }

    fn full_tag(&self, handle: &str, suffix: String, mark: Mark, start: Mark) -> Result<String, YamlError> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        match self.tag_prefix(handle) {
            Some(prefix) if !(prefix.is_empty() && suffix.is_empty()) => Ok(format!("{prefix}{suffix}")),
            _ => Err(error("found undefined tag handle", mark, start)),
        }
    }

    fn tag_prefix(&self, handle: &str) -> Option<&str> {
        self.tag_prefixes
            .iter()
            .find(|(known, _)| known == handle)
            .map(|(_, prefix)| prefix.as_str())
    }

    fn next_is(&mut self, wanted: impl Fn(&TokenKind) -> bool) -> Result<bool, YamlError> {
        Ok(wanted(&self.scanner.peek()?.kind))
    }

    fn node_unless(&mut self, is_empty: bool, mark: Mark, node: Expect) -> Result<Event, YamlError> {
        match node {
            Expect::Node { block, indentless } if !is_empty => self.node(block, indentless),
            _ => Ok(empty(mark)),
        }
    }

    fn empty_here(&mut self) -> Result<Event, YamlError> {
        Ok(empty(self.scanner.peek()?.start))
    }
}

const fn block_node(indentless: bool) -> Expect {
    Expect::Node {
        block: true,
        indentless,
    }
}

const fn event(start: Mark, kind: EventKind) -> Event {
    Event {
        kind,
        line: start.line,
    }
}

/// The scalar that stands for a missing node.
fn empty(mark: Mark) -> Event {
    event(
        mark,
        EventKind::Scalar {
            properties: Properties::default(),
            value: String::new(),
            implicit: true,
        },
    )
}

/// An error at `mark`, in something that began at `since`; the legacy names the line before it.
fn error(problem: &'static str, mark: Mark, since: Mark) -> YamlError {
    let line = [mark.line, since.line].into_iter().find(|line| *line != 0);
    YamlError::Syntax(SyntaxError { line, problem })
}
