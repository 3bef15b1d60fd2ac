//! The only place of this crate that calls the operating system. Knows no domain type.

mod error;

pub mod anchor;
pub mod apart;
pub mod clock;
pub mod dir;
pub mod durable;
pub mod failpoint;
pub mod farm;
pub mod fs;
pub mod identity;
pub mod interrupt;
pub mod ledger;
pub mod links;
pub mod lock;
pub mod mount;
pub mod out_file;
pub mod persona;
pub mod priority;
pub mod process;
pub mod random;
pub mod reflink;
pub mod remove;
pub mod scratch;
pub mod secrecy;
pub mod source;
pub mod space;
pub mod times;
pub mod tree;
pub mod window;

pub use error::{SysError, reason};
