//! The nouns of the cache: pure values, no input or output.

pub mod checksum;
pub mod digest;
pub mod entry;
pub mod event;
pub mod key;
pub mod lease;
pub mod lease_record;
pub mod letter;
pub mod object;
pub mod object_record;
pub mod outcome;
pub mod request;
pub mod size;
pub mod stats;
pub mod usage;
pub mod validators;
pub mod view;
pub mod way;
