//! Why a text is no URL, in the words of Go's `net/url`.

use crate::model::go_quote::quote;
use thiserror::Error;

/// The reason for which a text is no URL.
///
/// Quoted parts come from the text itself; one that stands before an `@` may be part of a password, and is masked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// A byte below 0x20, or 0x7f, before the fragment.
    #[error("net/url: invalid control character in URL")]
    ControlCharacter,
    /// The text starts with a colon.
    #[error("missing protocol scheme")]
    MissingScheme,
    /// Something that is no scheme stands before a colon.
    #[error("first path segment in URL cannot contain colon")]
    ColonInFirstSegment,
    /// A `%` without two hexadecimal digits, or one that must not stand where it stands.
    #[error("invalid URL escape {}", quote(.0))]
    Escape(Vec<u8>),
    /// A byte that a host name cannot have.
    #[error("invalid character {} in host name", quote(.0))]
    HostCharacter(Vec<u8>),
    /// A port that is not made of digits; holds the colon too.
    #[error("invalid port {} after host", quote(.0))]
    Port(Vec<u8>),
    /// A `[` that no `]` follows.
    #[error("missing ']' in host")]
    MissingBracket,
    /// Brackets with something else than an IPv6 address in them.
    #[error("invalid host: ParseAddr({}): unable to parse IP", quote(.0))]
    Address(Vec<u8>),
    /// Brackets that are not at the start of the host, or that hold an IPv4 address.
    #[error("invalid IP-literal")]
    IpLiteral,
    /// A byte that user name and password can only have percent-encoded.
    #[error("net/url: invalid userinfo")]
    UserInfo,
}

impl UrlError {
    /// The same reason, without the piece of `text` that it quotes when that may be part of a password.
    #[must_use]
    pub(super) fn masked(mut self, text: &[u8]) -> Self {
        let Some(at) = text.iter().rposition(|&byte| byte == b'@') else {
            return self;
        };
        if let Some(piece) = self.piece()
            && text[..at]
                .windows(piece.len().max(1))
                .any(|window| window == piece.as_slice())
        {
            super::MASK.as_bytes().clone_into(piece);
        }
        self
    }

    fn piece(&mut self) -> Option<&mut Vec<u8>> {
        match self {
            Self::Escape(piece) | Self::HostCharacter(piece) | Self::Port(piece) | Self::Address(piece) => {
                Some(piece)
            }
            Self::ControlCharacter
            | Self::MissingScheme
            | Self::ColonInFirstSegment
            | Self::MissingBracket
            | Self::IpLiteral
            | Self::UserInfo => None,
        }
    }
}
