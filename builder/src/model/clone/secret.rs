//! The credentials of a URL on their way to git (G-06).

use std::os::fd::RawFd;

use super::super::go_url::GoUrl;
use super::Unclonable;

/// User name and password for one server.
///
/// Git learns them from a helper that reads an inherited descriptor, so they stand in no argument, no variable and no
/// file with a name. The helper answers for this scheme, host and port only: a submodule elsewhere gets nothing. Has
/// neither `Display` nor `Debug` (K-01).
pub struct Credentials {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
    server: String,
}

impl Credentials {
    /// The credentials of an http or https URL; other transports have no use for any.
    pub(super) fn of(url: &GoUrl) -> Result<Option<Self>, Unclonable> {
        let Some(user) = url.user().filter(|_| matches!(url.scheme(), "http" | "https")) else {
            return Ok(None);
        };
        let host = str::from_utf8(url.host()).map_err(|_| Unclonable::UnusualHost)?;
        if !host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
        {
            return Err(Unclonable::UnusualHost);
        }
        Ok(Some(Self {
            name: user.name().to_vec(),
            password: user.password().map(<[u8]>::to_vec),
            server: format!("{}://{host}", url.scheme()),
        }))
    }

    /// What the helper says, in git's protocol, **secrets included**.
    #[must_use]
    pub fn expose(&self) -> Vec<u8> {
        let mut text = [b"username=", self.name.as_slice(), b"\n"].concat();
        if let Some(password) = &self.password {
            text.extend([b"password=", password.as_slice(), b"\n"].concat());
        }
        text
    }

    /// Settings that make git ask a helper which reads `descriptor`, and no helper that could store the answer.
    pub(super) fn configuration(&self, descriptor: RawFd) -> Vec<String> {
        let server = &self.server;
        let read = r#"while IFS= read -r line; do printf "%s\n" "$line"; done"#;
        let helper = format!(r#"!f() {{ test "$1" = get && {read} </proc/self/fd/{descriptor}; }}; f"#);
        let mut settings = vec![
            format!("credential.{server}.helper="),
            format!("credential.{server}.helper={helper}"),
        ];
        if self.password.is_some() {
            // As the legacy's git, which has the password from the URL: a server that hides what it does not show to
            // everybody never asks.
            settings.push(format!("http.{server}/.proactiveAuth=basic"));
        }
        settings
    }
}
