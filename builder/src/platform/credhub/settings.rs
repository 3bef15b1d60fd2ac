//! What the environment and the flags say about `CredHub`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use cache::ingest::download::transport::{InvalidProxy, ProxySettings};
use cache::ingest::tls::SystemRoots;

/// How to ask, as whom, and how often.
#[derive(Clone)]
pub struct CredhubSettings {
    /// Tries in all, `-credhubConnectAttempts`; zero and less count as one.
    pub attempts: i64,
    /// Pause between tries, `-credhubRetryDelay`.
    pub retry_delay: Duration,
    /// Limit of one try from connecting to the last byte (B-13).
    pub limit: Duration,
    /// `CREDHUB_SKIP_INTERPOLATION` is set to anything.
    pub is_skipped: bool,
    /// `CF_INSTANCE_CERT`.
    pub certificate: Option<PathBuf>,
    /// `CF_INSTANCE_KEY`.
    pub key: Option<PathBuf>,
    /// `CF_SYSTEM_CERT_PATH`.
    pub authorities: Option<PathBuf>,
    /// Roots beside those of `authorities`.
    pub system_roots: SystemRoots,
    /// `CREDHUB_PROXY`, else the usual proxy variables.
    pub proxies: Result<ProxySettings, InvalidProxy>,
}

impl CredhubSettings {
    /// Reads the variables of §3 through `variable`; an empty value counts as unset.
    #[must_use]
    pub fn new(attempts: i64, retry_delay: Duration, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let path = |name: &str| set(name).map(PathBuf::from);
        Self {
            attempts,
            retry_delay,
            limit: Duration::from_secs(10),
            is_skipped: set("CREDHUB_SKIP_INTERPOLATION").is_some(),
            certificate: path("CF_INSTANCE_CERT"),
            key: path("CF_INSTANCE_KEY"),
            authorities: path("CF_SYSTEM_CERT_PATH"),
            system_roots: SystemRoots::Usual,
            proxies: proxies(|name| set(name).and_then(|value| value.into_string().ok())),
        }
    }
}

/// `CREDHUB_PROXY` carries everything but what `no_proxy` names; its form through SSH is not supported.
fn proxies(variable: impl Fn(&str) -> Option<String>) -> Result<ProxySettings, InvalidProxy> {
    match variable("CREDHUB_PROXY") {
        Some(proxy) => {
            let direct = variable("NO_PROXY").or_else(|| variable("no_proxy"));
            ProxySettings::everything(&proxy, &direct.unwrap_or_default(), "CREDHUB_PROXY")
        }
        None => ProxySettings::from_variables(variable),
    }
}
