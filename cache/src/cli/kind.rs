//! Kinds of errors, as the library names them.

pub use crate::error::ErrorKind;
