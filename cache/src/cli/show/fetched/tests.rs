//! The words of a fetch.

use super::*;

/// Rules: C-121
#[test]
fn the_words_are_the_legacys() {
    assert_eq!(begun("ruby"), "Downloading ruby...");
    assert_eq!(done("ruby", 432_013_312), "Downloaded ruby (412M)");
    assert_eq!(done("ruby", 0), "Downloaded ruby");
    assert_eq!(failed("ruby"), "Downloading ruby failed");
}
