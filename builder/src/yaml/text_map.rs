//! A map from text to text that remembers the order of the document.

use std::collections::HashMap;

use crate::text::Text;

/// Texts by their keys, in the order in which the keys first appear (design §5 "random order").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextMap {
    entries: Vec<(Text, Text)>,
    places: HashMap<Text, usize>,
}

impl TextMap {
    /// Sets a key; of one key's values the last wins.
    pub fn insert(&mut self, key: Text, value: Text) {
        if let Some(place) = self.places.get(&key) {
            self.entries[*place].1 = value;
        } else {
            self.places.insert(key.clone(), self.entries.len());
            self.entries.push((key, value));
        }
    }

    /// The keys and values in document order.
    #[must_use]
    pub fn entries(&self) -> &[(Text, Text)] {
        &self.entries
    }
}

impl IntoIterator for TextMap {
    type Item = (Text, Text);
    type IntoIter = std::vec::IntoIter<(Text, Text)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
