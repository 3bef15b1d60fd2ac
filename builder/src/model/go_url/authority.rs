//! What stands between `//` and the path: user, password, host, port.

use super::escape::{self, Part};
use super::{UrlError, cut};
use core::net::{Ipv4Addr, Ipv6Addr};

/// User name and password of a URL, escapes decoded.
///
/// Has neither `Display` nor `Debug`, so that it cannot be formatted by accident (K-01).
#[derive(Clone, PartialEq, Eq)]
pub struct UserInfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl UserInfo {
    /// The user name, which may be empty.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The password, if there is a colon; it may be empty.
    #[must_use]
    pub fn password(&self) -> Option<&[u8]> {
        self.password.as_deref()
    }

    pub(super) fn without_password(mut self) -> Self {
        self.password = None;
        self
    }

    /// `name[:password]` as it is written in a URL.
    pub(super) fn expose(&self) -> Vec<u8> {
        let mut text = escape::encode(&self.name, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend(escape::encode(password, Part::User));
        }
        text
    }
}

/// Splits an authority at its last `@` and checks both sides, the host first.
pub(super) fn parse(authority: &[u8]) -> Result<(Option<UserInfo>, Vec<u8>), UrlError> {
    match authority.iter().rposition(|&byte| byte == b'@') {
        None => Ok((None, parse_host(authority)?)),
        Some(at) => {
            let host = parse_host(&authority[at + 1..])?;
            Ok((Some(parse_user(&authority[..at])?), host))
        }
    }
}

fn parse_user(text: &[u8]) -> Result<UserInfo, UrlError> {
    let is_valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !text.iter().all(is_valid) {
        return Err(UrlError::UserInfo);
    }
    let (name, password) = cut(text, b':');
    Ok(UserInfo {
        name: escape::decode(name, Part::User)?,
        password: password
            .map(|text| escape::decode(text, Part::User))
            .transpose()?,
    })
}

fn parse_host(host: &[u8]) -> Result<Vec<u8>, UrlError> {
    match host.iter().rposition(|&byte| byte == b'[') {
        Some(0) => return parse_literal(host),
        Some(_) => return Err(UrlError::IpLiteral),
        None => {}
    }
    if let Some(colon) = host.iter().rposition(|&byte| byte == b':') {
        check_port(&host[colon..])?;
    }
    escape::decode(host, Part::Host)
}

/// Parses `[address%25zone]:port`.
fn parse_literal(host: &[u8]) -> Result<Vec<u8>, UrlError> {
    let close = host
        .iter()
        .rposition(|&byte| byte == b']')
        .ok_or(UrlError::MissingBracket)?;
    let (inside, port) = (&host[1..close], &host[close + 1..]);
    check_port(port)?;
    let zone = inside
        .windows(3)
        .position(|window| window == b"%25")
        .unwrap_or(inside.len());
    let mut literal = escape::decode(&inside[..zone], Part::Host)?;
    literal.extend(escape::decode(&inside[zone..], Part::Zone)?);
    check_address(&literal)?;
    Ok([b"[", literal.as_slice(), b"]", port].concat())
}

fn check_address(literal: &[u8]) -> Result<(), UrlError> {
    let (address, zone) = cut(literal, b'%');
    let text = str::from_utf8(address).unwrap_or_default();
    if text.parse::<Ipv4Addr>().is_ok() && zone.is_none() {
        return Err(UrlError::IpLiteral);
    }
    if text.parse::<Ipv6Addr>().is_err() || zone.is_some_and(<[u8]>::is_empty) {
        return Err(UrlError::Address(literal.to_vec()));
    }
    Ok(())
}

/// Accepts nothing, or a colon and any number of digits.
fn check_port(text: &[u8]) -> Result<(), UrlError> {
    match text {
        [] => Ok(()),
        [b':', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => Ok(()),
        _ => Err(UrlError::Port(text.to_vec())),
    }
}
