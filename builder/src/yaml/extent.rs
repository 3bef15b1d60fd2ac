//! How much a document holds once its aliases are followed.

use super::MAX_DEPTH;
use super::error::YamlError;

/// How many bytes of text aliases may repeat.
const MAX_REPEATED_TEXT: u64 = 8 << 20;

/// The size of a node with everything in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// Levels of lists and mappings.
    depth: usize,
    nodes: u64,
    text: u64,
}

impl Extent {
    pub(super) fn scalar(text: &str) -> Self {
        Self { depth: 0, nodes: 1, text: u64::try_from(text.len()).unwrap_or(u64::MAX) }
    }

    /// A list or mapping of these.
    pub(super) fn collection(children: impl Iterator<Item = Self>) -> Result<Self, YamlError> {
        let mut whole = Self { depth: 1, nodes: 1, text: 0 };
        for child in children {
            whole.depth = whole.depth.max(child.depth + 1);
            whole.nodes = whole.nodes.saturating_add(child.nodes);
            whole.text = whole.text.saturating_add(child.text);
        }
        if whole.depth > MAX_DEPTH { Err(YamlError::TooDeep(MAX_DEPTH)) } else { Ok(whole) }
    }

    /// Refuses a document in which aliases make up more than the legacy allows (§10.1).
    pub(super) fn check(self, written: Self) -> Result<(), YamlError> {
        let repeated = self.nodes.saturating_sub(written.nodes);
        let share_exceeded = u128::from(repeated) * 100 > u128::from(self.nodes) * u128::from(allowed_percent(self.nodes));
        let too_many = repeated > 100 && self.nodes > 1000 && share_exceeded;
        let too_long = self.text.saturating_sub(written.text) > MAX_REPEATED_TEXT;
        if too_many || too_long { Err(YamlError::ExcessiveAliasing) } else { Ok(()) }
    }

    /// Counts one more node that stands in the text.
    pub(super) const fn write(&mut self, node: Self) {
        self.nodes = self.nodes.saturating_add(1);
        self.text = self.text.saturating_add(node.text);
    }
}

/// How many of a hundred nodes may come from aliases: 99 in small documents, 10 in large ones.
const fn allowed_percent(nodes: u64) -> u64 {
    const SMALL: u64 = 400_000;
    const LARGE: u64 = 4_000_000;
    match nodes {
        0..=SMALL => 99,
        LARGE.. => 10,
        _ => 99 - 89 * (nodes - SMALL) / (LARGE - SMALL),
    }
}
