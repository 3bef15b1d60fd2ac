//! The only place of this crate that calls the operating system. Knows no domain type.

mod error;

pub mod fs;
pub mod process;
pub mod remove;
pub mod scratch;

pub use error::{SysError, reason};
