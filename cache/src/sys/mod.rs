//! The only place of this crate that calls the operating system. Knows no domain type.

mod error;
pub mod remove;

pub use error::{SysError, reason};
