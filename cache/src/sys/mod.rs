//! The only place of this crate that calls the operating system. Knows no domain type.

mod error;

pub mod dir;
pub mod fs;
pub mod identity;
pub mod ledger;
pub mod process;
pub mod remove;
pub mod scratch;
pub mod window;

pub use error::{SysError, reason};
