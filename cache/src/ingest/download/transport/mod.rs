//! What carries requests: name look-up, proxies, TLS, and the facts of a failure. HTTP/1.1 only (N-18).

mod fault;
mod proxy;
mod resolver;

use std::time::Duration;

use rustls::ClientConfig;

pub use fault::{Fault, Peer};
pub use proxy::{InvalidProxy, ProxySettings};

use resolver::SystemResolver;

/// How long an unused connection is kept. Longer than a burst of requests, shorter than what most origins and
/// gateways allow before they drop one, perhaps silently.
const IDLE: Duration = Duration::from_secs(15);

/// Makes the HTTP client of one-time exchanges.
///
/// It follows no redirect, decodes no encoding, sends no `Referer`, opens a connection per request, and never reads
/// the environment. `connect` bounds look-up, TCP, proxy and TLS handshake together. Must be called inside the
/// runtime that will run it.
pub fn http_client(
    tls: ClientConfig,
    proxies: ProxySettings,
    connect: Duration,
) -> Result<reqwest::Client, TransportError> {
    pooled_client(tls, proxies, connect, 0)
}

/// The same, but keeps up to `spare` unused connections to each origin (C-35).
pub(super) fn pooled_client(
    tls: ClientConfig,
    proxies: ProxySettings,
    connect: Duration,
    spare: usize,
) -> Result<reqwest::Client, TransportError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .pool_max_idle_per_host(spare)
        .pool_idle_timeout(IDLE)
        .connect_timeout(connect)
        .user_agent(concat!("cellcache/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(SystemResolver::new())
        // A proxy of our own choosing also switches off the library's look into the environment.
        .proxy(reqwest::Proxy::custom(move |url| proxies.choose(url).cloned()))
        .build()
        .map_err(|_| TransportError)
}

/// The HTTP library refuses its configuration.
///
/// Carries no cause: the library's own words may hold addresses (K-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Cannot set up the HTTP client")]
pub struct TransportError;
