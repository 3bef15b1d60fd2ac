//! What the builder alone asks of the operating system; the rest is `cache::sys`. Knows no domain type.

pub mod clock;
pub mod console;
pub mod credentials;
pub mod git;
pub mod output;
pub mod owner;
pub mod site;
pub mod tree;
