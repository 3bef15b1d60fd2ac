//! Numbers of things.

/// `1 lease`, `2 leases`; for words whose plural is an `s` more.
pub(in crate::cli) fn count(number: u64, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

#[cfg(test)]
mod tests;
