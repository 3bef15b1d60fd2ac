//! Numbers that nobody can guess.

use super::SysError;

/// Yields random bytes of the kernel's.
pub fn bytes<const N: usize>() -> Result<[u8; N], SysError> {
    let mut bytes = [0; N];
    let got = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|errno| SysError::new("getrandom", "", errno))?;
    debug_assert_eq!(got, N, "a request this small is never cut");
    Ok(bytes)
}
