//! Lists that the caller gives as a file or on standard input.

use std::io::{self, Read};
use std::path::Path;

use super::failure::{Failure, UsageFault};
use super::text::list::ListFault;
use crate::sys::SysError;
use crate::sys::fs::read_waiting;

/// Most that is read of a list, in bytes.
const LIMIT: u64 = 64 << 20;

/// Reads and parses a list; `-` is standard input.
pub(super) fn list<T>(
    path: &Path,
    parse: impl Fn(&[u8]) -> Result<Vec<T>, ListFault>,
) -> Result<Vec<T>, Failure> {
    let bytes = if path == Path::new("-") {
        standard_input()?
    } else {
        read_waiting(path, LIMIT).map_err(Failure::Read)?
    };
    parse(&bytes).map_err(|source| Failure::List {
        path: path.to_owned(),
        source,
    })
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // One byte more tells "too long" from "just fits".
    let mut bounded = io::stdin().lock().take(LIMIT.saturating_add(1));
    bounded
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::Input(SysError::new("read", "standard input", e)))?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read <= LIMIT) {
        Ok(bytes)
    } else {
        Err(UsageFault::LongInput(LIMIT).into())
    }
}
