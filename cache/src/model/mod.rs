//! The nouns of the cache: pure values, no input or output.

pub mod checksum;
pub mod digest;
pub mod key;
pub mod lease;
pub mod object;
pub mod outcome;
pub mod request;
pub mod size;
