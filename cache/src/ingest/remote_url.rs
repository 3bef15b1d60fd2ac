//! Addresses that may carry secrets, and the one form in which they may be printed (K-01).

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// An `http` or `https` address with everything a request needs, secrets included.
///
/// Has neither `Display` nor `Debug`, so that it cannot be printed by accident; [`RemoteUrl::redacted`] is its
/// printable form.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteUrl {
    text: String,
    url: Url,
}

/// The printable form of an address: user info as `***@`, query values as `...`, the rest as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted(String);

/// Why an address cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Something else than `http` and `https`.
    #[error("unsupported protocol scheme \"{0}\"")]
    UnsupportedScheme(String),
    /// No host, as in `http:///x`.
    #[error("http: no Host in request URL")]
    NoHost,
    /// A host or port that no name server and no socket could take.
    #[error("invalid host or port in URL")]
    Invalid,
}

impl RemoteUrl {
    /// Reads an address that the caller's own rules already accepted (§6.1).
    ///
    /// Stricter than browsers: a missing host is not filled in from the path, and a backslash is an ordinary
    /// character.
    pub fn parse(text: &str) -> Result<Self, UrlFault> {
        let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return Err(UrlFault::UnsupportedScheme(scheme));
        }
        let authority = rest.strip_prefix("//").ok_or(UrlFault::NoHost)?;
        if authority.is_empty() || authority.starts_with(['/', '?', '#', '\\']) {
            return Err(UrlFault::NoHost);
        }
        let url = Url::parse(&escape_backslashes(text)).map_err(|_| UrlFault::Invalid)?;
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// The printable form.
    #[must_use]
    pub fn redacted(&self) -> Redacted {
        Redacted::of(&self.text)
    }

    /// Tells whether what reads as host and port could be the beginning of user info whose password has a `/`, `?` or
    /// `#` in it, as in `http://user:123/pw@host/x`. Then nobody can tell where the secret ends.
    #[must_use]
    pub fn may_be_torn(&self) -> bool {
        is_torn(&self.text)
    }

    /// Tells whether user info stands in the address, be it a name alone.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        !self.url.username().is_empty() || self.url.password().is_some()
    }

    /// The address that `reference`, for instance of a redirect, means here. User info goes along only to relative
    /// ones.
    pub fn join(&self, reference: &str) -> Result<Self, UrlFault> {
        let url = self.url.join(reference).map_err(|_| UrlFault::Invalid)?;
        Self::parse(url.as_str())
    }

    /// Scheme, host and port of this address with another path; nothing else stays.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Self {
        let mut url = self.url.clone();
        // Fails only without a host, and there always is one.
        let cleared = url.set_username("").and_then(|()| url.set_password(None));
        debug_assert!(cleared.is_ok());
        url.set_path(path);
        url.set_query(None);
        url.set_fragment(None);
        Self {
            text: url.as_str().to_owned(),
            url,
        }
    }

    /// Tells whether scheme, host and port are the same.
    #[must_use]
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// The address with its secrets, for the HTTP library only.
    #[must_use]
    pub fn with_secrets(&self) -> &Url {
        &self.url
    }
}

impl Redacted {
    /// Takes the secrets out of any text that is meant as an address, also one that cannot be read as such.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if is_torn(text) {
            return Self::of_torn(text);
        }
        let (rest, fragment) = split_before(text, '#');
        let (rest, query) = split_before(rest, '?');
        let start = authority_start(rest);
        let (head, tail) = rest.split_at(start);
        let authority_end = tail.find('/').unwrap_or(tail.len());
        let (authority, path) = tail.split_at(authority_end);
        let mut shown = head.to_owned();
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                shown.push_str("***@");
                shown.push_str(host);
            }
            None => shown.push_str(authority),
        }
        shown.push_str(path);
        shown.push_str(&redact_query(query));
        shown.push_str(fragment);
        Self(shown)
    }

    /// All that could be user info goes: everything in front of the last `@`.
    fn of_torn(text: &str) -> Self {
        let (head, tail) = text.split_at(authority_start(text));
        let place = tail.rsplit_once('@').map_or("", |(_, place)| place);
        Self::of(&format!("{head}***@{place}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Splits in front of the first `mark`, which stays with the second part.
fn split_before(text: &str, mark: char) -> (&str, &str) {
    text.split_at(text.find(mark).unwrap_or(text.len()))
}

/// Where user info could begin: behind the scheme's colon and the `//` that may follow.
fn authority_start(text: &str) -> usize {
    let scheme = match text.find([':', '/']) {
        Some(at) if text[at..].starts_with(':') => at.saturating_add(1),
        _ => 0,
    };
    if text[scheme..].starts_with("//") {
        scheme.saturating_add(2)
    } else {
        scheme
    }
}

/// Tells whether an `@` follows something that could be a name and the first part of its password: behind a host with a
/// port, unless that host is an address or `localhost`, which nobody is called; or behind `http:` without `//`.
fn is_torn(text: &str) -> bool {
    let (head, tail) = text.split_at(authority_start(text));
    let end = tail.find(['/', '?', '#']).unwrap_or(tail.len());
    let (authority, behind) = tail.split_at(end);
    if authority.contains('@') || !behind.contains('@') {
        return false;
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => head.ends_with("//") && !(is_nobody(host) && is_port(port)),
        None => {
            authority.is_empty()
                && ["http:", "https:"]
                    .iter()
                    .any(|web| head.eq_ignore_ascii_case(web))
        }
    }
}

fn is_nobody(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost") || bare.unwrap_or(host).parse::<IpAddr>().is_ok()
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `?a=1&b&c=` becomes `?a=...&...&c=...`: a word without `=` may itself be the secret.
fn redact_query(query: &str) -> String {
    let Some(pairs) = query.strip_prefix('?') else {
        return String::new();
    };
    let pairs: Vec<String> = pairs.split('&').map(redact_pair).collect();
    format!("?{}", pairs.join("&"))
}

fn redact_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) => format!("{name}=..."),
        None if pair.is_empty() => String::new(),
        None => "...".to_owned(),
    }
}

/// The parser of addresses reads `\` as `/`; the legacy, and therefore we, as itself.
fn escape_backslashes(text: &str) -> String {
    let (before, after) = split_before(text, '?');
    before.replace('\\', "%5C") + after
}

#[cfg(test)]
mod tests;
