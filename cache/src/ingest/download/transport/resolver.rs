//! Name look-up from `/etc/hosts` and `/etc/resolv.conf`, without the C library.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks names up as the system is configured; without configuration on this machine only.
///
/// The HTTP library's own resolver would ask a public name server then, and so tell a stranger what is staged.
pub(super) struct SystemResolver {
    resolver: Arc<OnceLock<TokioResolver>>,
}

impl SystemResolver {
    pub(super) fn new() -> Self {
        Self {
            resolver: Arc::new(OnceLock::new()),
        }
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let cell = Arc::clone(&self.resolver);
        Box::pin(async move {
            let resolver = if let Some(resolver) = cell.get() {
                resolver
            } else {
                let made = configured()?;
                cell.get_or_init(|| made)
            };
            let found = resolver.lookup_ip(name.as_str()).await?;
            let addresses: Vec<SocketAddr> = found.iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok::<_, Box<dyn Error + Send + Sync>>(addresses)
        })
    }
}

fn configured() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio().unwrap_or_else(|_| {
        let here = NameServerConfig::udp_and_tcp(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let config = ResolverConfig::from_name_servers(vec![here]);
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    });
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
    builder.build()
}
