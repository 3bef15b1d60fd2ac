//! Where an answer sends us, and what we still say there.

use reqwest::Url;
use reqwest::header::HeaderValue;

use super::policy::Downgrade;
use super::transport::Fault;
use crate::ingest::remote_url::{Redacted, RemoteUrl, UrlFault};

/// One exchange on the way, with the user info to show there.
pub(super) struct Hop {
    url: Url,
    /// Whether user info stood in any address so far.
    was_private: bool,
}

impl Hop {
    pub(super) fn first(url: &RemoteUrl) -> Self {
        Self {
            url: url.with_secrets().clone(),
            was_private: url.has_credentials(),
        }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Tells whether user info stood in any address so far.
    pub(super) const fn was_private(&self) -> bool {
        self.was_private
    }

    /// The printable form.
    pub(super) fn redacted(&self) -> Redacted {
        Redacted::of(self.url.as_str())
    }

    /// The next exchange, if an answer of `status` with this `location` asks for one.
    ///
    /// Credentials go along only to the same scheme, host and port, and never come back (N-14); those that the
    /// origin itself put into the new address are the new address's own.
    pub(super) fn next(
        &self,
        status: u16,
        location: Option<&HeaderValue>,
        downgrade: Downgrade,
    ) -> Result<Option<Self>, Fault> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let location = location.ok_or(Fault::NoLocation(status))?;
        let text = location.to_str().map_err(|_| Fault::BadLocation)?;
        let target = self.url.join(text).map_err(|_| Fault::BadLocation)?;
        if !matches!(target.scheme(), "http" | "https") {
            return Err(UrlFault::UnsupportedScheme(target.scheme().to_owned()).into());
        }
        let was_private = self.was_private || has_user_info(&target);
        if self.url.scheme() == "https" && target.scheme() == "http" && !is_allowed(downgrade, was_private) {
            return Err(Fault::Downgrade);
        }
        let url = self.with_user_info(target)?;
        Ok(Some(Self { url, was_private }))
    }

    /// Adds our user info to an address of the same origin that has none of its own.
    fn with_user_info(&self, mut target: Url) -> Result<Url, Fault> {
        if self.url.origin() == target.origin() && !has_user_info(&target) {
            target
                .set_username(self.url.username())
                .and_then(|()| target.set_password(self.url.password()))
                .map_err(|()| Fault::BadLocation)?;
        }
        Ok(target)
    }
}

const fn is_allowed(downgrade: Downgrade, was_private: bool) -> bool {
    match downgrade {
        Downgrade::Refuse => false,
        Downgrade::FollowWithoutCredentials => !was_private,
        Downgrade::Follow => true,
    }
}

fn has_user_info(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests;
