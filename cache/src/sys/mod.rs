//! The only place of this crate that calls the operating system. Knows no domain type.

mod error;

pub mod dir;
pub mod fs;
pub mod identity;
pub mod process;
pub mod reflink;
pub mod remove;
pub mod scratch;
pub mod times;
pub mod tree;
pub mod window;

pub use error::{SysError, reason};
