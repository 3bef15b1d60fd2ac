//! URLs by the rules of Go's `net/url`, which decide what a buildpack key means (§6.1).
//!
//! The parser is pure and works on bytes, because keys need not be UTF-8. A URL may carry a password or a token,
//! so a [`GoUrl`] shows itself only without them (K-01); [`GoUrl::expose`] is the one door to the raw text.

mod authority;
mod error;
mod escape;
mod redact;

use std::fmt;

pub use authority::UserInfo;
pub use error::UrlError;
pub use redact::{MASK, redacted_quote, redacted_text};

use escape::Part;

/// A parsed URL reference, absolute or not.
///
/// `Debug` shows the same as [`GoUrl::redacted`].
#[derive(Clone, PartialEq, Eq)]
pub struct GoUrl {
    scheme: String,
    /// What follows the scheme when that does not start with a slash; host and path are then empty.
    opaque: Vec<u8>,
    user: Option<UserInfo>,
    host: Vec<u8>,
    /// There was no `//`, so none is written back although the path starts with a slash.
    omit_host: bool,
    path: Encoded,
    query: Option<Vec<u8>>,
    fragment: Encoded,
}

/// A text with percent escapes: as written, and what it means.
#[derive(Clone, PartialEq, Eq, Default)]
struct Encoded {
    raw: Vec<u8>,
    decoded: Vec<u8>,
}

impl Encoded {
    fn parse(raw: &[u8], part: Part) -> Result<Self, UrlError> {
        let decoded = escape::decode(raw, part)?;
        Ok(Self {
            raw: raw.to_vec(),
            decoded,
        })
    }

    /// The text as written where that is valid, else the meaning escaped anew.
    fn written(&self, part: Part) -> Vec<u8> {
        if escape::is_valid(&self.raw, part) {
            self.raw.clone()
        } else {
            escape::encode(&self.decoded, part)
        }
    }
}

impl GoUrl {
    /// Parses a URL reference.
    ///
    /// Every text without a colon in its first segment, without control characters and with well-formed escapes is
    /// a reference; it is [absolute](Self::is_absolute) when it starts with a scheme.
    pub fn parse(text: &[u8]) -> Result<Self, UrlError> {
        parse(text).map_err(|error| error.masked(text))
    }

    /// Tells whether the URL has a scheme.
    #[must_use]
    pub const fn is_absolute(&self) -> bool {
        !self.scheme.is_empty()
    }

    /// Tells whether the decoded path ends in `.zip`; case, query and fragment do not matter, nor does an opaque part.
    #[must_use]
    pub fn is_zip(&self) -> bool {
        self.path.decoded.ends_with(b".zip")
    }

    /// The scheme in lower case, empty for a relative reference.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// What follows the scheme of a URL such as `foo:bar`, as written.
    #[must_use]
    pub fn opaque(&self) -> &[u8] {
        &self.opaque
    }

    /// User name and password, if the URL has an `@`.
    #[must_use]
    pub const fn user(&self) -> Option<&UserInfo> {
        self.user.as_ref()
    }

    /// Host and port as in the URL, escapes decoded; an IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &[u8] {
        &self.host
    }

    /// The path, escapes decoded.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        &self.path.decoded
    }

    /// The query as written, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        self.query.as_deref()
    }

    /// The fragment, escapes decoded; an empty one counts as none.
    #[must_use]
    pub fn fragment(&self) -> Option<&[u8]> {
        (!self.fragment.decoded.is_empty()).then_some(self.fragment.decoded.as_slice())
    }

    /// The same URL without its fragment.
    #[must_use]
    pub fn without_fragment(mut self) -> Self {
        self.fragment = Encoded::default();
        self
    }

    /// The same URL without user name and password.
    #[must_use]
    pub fn without_user(mut self) -> Self {
        self.user = None;
        self
    }

    /// The same URL with its user name, but without the password.
    #[must_use]
    pub fn without_password(mut self) -> Self {
        self.user = self.user.map(UserInfo::without_password);
        self
    }

    /// The same URL with another scheme, which must be in lower case.
    #[must_use]
    pub fn with_scheme(mut self, scheme: &str) -> Self {
        scheme.clone_into(&mut self.scheme);
        self
    }

    /// The whole URL as Go's `String()` writes it, **secrets included**.
    ///
    /// The scheme is in lower case, and what must not stand in a URL is percent-encoded.
    #[must_use]
    pub fn expose(&self) -> Vec<u8> {
        let user = self.user.as_ref().map(UserInfo::expose);
        self.write(user.as_deref(), &self.opaque, self.query.as_deref())
    }

    /// The printable form: user name and password shown as `***`, query values as `...`, fragment kept (K-01).
    #[must_use]
    pub fn redacted(&self) -> String {
        let user = self.user.as_ref().map(|_| MASK.as_bytes());
        let opaque = redact::user_part(&self.opaque);
        let query = self.query.as_deref().map(redact::query);
        super::go_quote::plain(&self.write(user, &opaque, query.as_deref()))
    }

    fn write(&self, user: Option<&[u8]>, opaque: &[u8], query: Option<&[u8]>) -> Vec<u8> {
        let mut text = Vec::new();
        if self.is_absolute() {
            text.extend(self.scheme.bytes());
            text.push(b':');
        }
        if opaque.is_empty() {
            self.write_host_and_path(user, &mut text);
        } else {
            text.extend(opaque);
        }
        if let Some(query) = query {
            text.push(b'?');
            text.extend(query);
        }
        if self.fragment().is_some() {
            text.push(b'#');
            text.extend(self.fragment.written(Part::Fragment));
        }
        text
    }

    fn write_host_and_path(&self, user: Option<&[u8]>, text: &mut Vec<u8>) {
        let path = self.path.written(Part::Path);
        let no_host = self.host.is_empty() && user.is_none();
        let has_slashes = if no_host {
            self.is_absolute() && !self.omit_host && !path.is_empty()
        } else {
            true
        };
        if has_slashes {
            text.extend(b"//");
        }
        if let Some(user) = user {
            text.extend(user);
            text.push(b'@');
        }
        text.extend(escape::encode(&self.host, Part::Host));
        // A first segment with a colon would read as a scheme.
        if text.is_empty() && first_segment(&path).contains(&b':') {
            text.extend(b"./");
        }
        text.extend(path);
    }
}

impl fmt::Debug for GoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GoUrl").field(&self.redacted()).finish()
    }
}

fn parse(text: &[u8]) -> Result<GoUrl, UrlError> {
    let (before, fragment) = cut(text, b'#');
    let mut url = parse_without_fragment(before)?;
    url.fragment = Encoded::parse(fragment.unwrap_or_default(), Part::Fragment)?;
    Ok(url)
}

fn parse_without_fragment(text: &[u8]) -> Result<GoUrl, UrlError> {
    if text.iter().any(u8::is_ascii_control) {
        return Err(UrlError::ControlCharacter);
    }
    let (scheme, rest) = split_scheme(text)?;
    let (rest, query) = cut(rest, b'?');
    let mut url = GoUrl {
        scheme,
        opaque: Vec::new(),
        user: None,
        host: Vec::new(),
        omit_host: false,
        path: Encoded::default(),
        query: query.map(<[u8]>::to_vec),
        fragment: Encoded::default(),
    };
    if !rest.starts_with(b"/") {
        if url.is_absolute() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if first_segment(rest).contains(&b':') {
            return Err(UrlError::ColonInFirstSegment);
        }
    }
    let path = split_authority(&mut url, rest)?;
    url.path = Encoded::parse(path, Part::Path)?;
    Ok(url)
}

/// Takes `//user@host` from the front of `rest` into `url` and gives back the path.
fn split_authority<'t>(url: &mut GoUrl, rest: &'t [u8]) -> Result<&'t [u8], UrlError> {
    let may_have_host = url.is_absolute() || !rest.starts_with(b"///");
    match rest.strip_prefix(b"//") {
        Some(after) if may_have_host => {
            let end = after.iter().position(|&byte| byte == b'/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            (url.user, url.host) = authority::parse(authority)?;
            Ok(path)
        }
        _ => {
            url.omit_host = true;
            Ok(rest)
        }
    }
}

/// Splits `scheme:rest`; without a valid scheme the whole text is the rest.
fn split_scheme(text: &[u8]) -> Result<(String, &[u8]), UrlError> {
    let is_scheme_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let end = text.iter().position(|byte| !is_scheme_byte(byte));
    match end {
        Some(0) if text.starts_with(b":") => Err(UrlError::MissingScheme),
        Some(end) if text[end] == b':' && text[0].is_ascii_alphabetic() => {
            let scheme = text[..end]
                .iter()
                .map(|byte| char::from(byte.to_ascii_lowercase()))
                .collect();
            Ok((scheme, &text[end + 1..]))
        }
        _ => Ok((String::new(), text)),
    }
}

fn first_segment(path: &[u8]) -> &[u8] {
    cut(path, b'/').0
}

/// Splits at the first `separator`, which belongs to neither side.
fn cut(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&byte| byte == separator) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests;
