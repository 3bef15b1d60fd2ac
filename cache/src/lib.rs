//! One download cache per cell.
//!
//! READ FIRST: `cache.rs`, how a request is answered. Objects are immutable and leased while in use; a request leaves
//! either a lease or nothing.
//!
//! # Order of locks
//!
//! The table of flights, then one flight (`flight.rs`); the store's locks (`store/mod.rs`) come after both. No lock is
//! held while anything is asked of an origin, read, unpacked, synced or deleted.

pub mod archive;
mod ask;
mod books;
mod cache;
pub mod cli;
pub mod declare;
pub mod env;
pub mod error;
pub mod explain;
mod fetched;
mod flight;
pub mod ingest;
mod inner;
mod local;
mod lookup;
pub mod model;
pub mod policy;
pub mod prune;
pub mod settings;
pub mod stats;
pub mod store;
pub mod sys;
mod upkeep;
pub mod view;
mod wish;

pub use cache::Cache;
pub use error::{CacheError, ErrorKind};
pub use fetched::{Cost, Fetched};
pub use settings::{Network, Settings};
pub use view::{View, ViewItem, ViewRequest};
