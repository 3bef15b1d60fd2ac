//! The only place of this crate that calls the operating system. Knows no domain type.

mod error;

pub mod dir;
pub mod fs;
pub mod identity;
pub mod interrupt;
pub mod out_file;
pub mod process;
pub mod remove;
pub mod scratch;
pub mod secrecy;
pub mod window;

pub use error::{SysError, reason};
