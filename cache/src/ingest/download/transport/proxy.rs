//! Which proxy a request goes through: the rules of the legacy's library, decided on values.

use std::net::IpAddr;

use reqwest::Url;

/// Proxies by scheme, and who is reached without.
#[derive(Clone, Default)]
pub struct ProxySettings {
    http: Option<Url>,
    https: Option<Url>,
    exempt: Vec<Exemption>,
    everyone_exempt: bool,
    /// Whether loopback goes through the proxy too.
    takes_loopback: bool,
}

/// The value of a proxy variable is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid proxy address in `{variable}`")]
pub struct InvalidProxy {
    /// The name of the variable; its value may hold a password.
    pub variable: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Exemption {
    who: Who,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Address(IpAddr),
    Network {
        base: IpAddr,
        bits: u8,
    },
    /// The domain and all below it.
    Domain(String),
    /// Only what is below the domain.
    Below(String),
}

impl ProxySettings {
    /// Reads the proxy variables, upper case before lower case, through `variable`.
    ///
    /// Requests to loopback are never proxied (§3). An empty value counts as unset. `HTTP_PROXY` is not believed inside a CGI program.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidProxy> {
        let named = |upper: &str, lower: &str| {
            let set = |name: &str| variable(name).filter(|value| !value.is_empty());
            set(upper).or_else(|| set(lower))
        };
        let is_cgi = variable("REQUEST_METHOD").is_some_and(|value| !value.is_empty());
        let http = if is_cgi {
            None
        } else {
            named("HTTP_PROXY", "http_proxy")
        };
        let https = named("HTTPS_PROXY", "https_proxy");
        let mut settings = Self {
            http: http.map(|value| proxy_url(&value, "http_proxy")).transpose()?,
            https: https.map(|value| proxy_url(&value, "https_proxy")).transpose()?,
            ..Self::default()
        };
        settings.exempt(&named("NO_PROXY", "no_proxy").unwrap_or_default());
        Ok(settings)
    }

    /// Sends everything through one proxy, also to loopback, except to those of `no_proxy`.
    pub fn everything(proxy: &str, no_proxy: &str, variable: &'static str) -> Result<Self, InvalidProxy> {
        let url = proxy_url(proxy, variable)?;
        let mut settings = Self {
            http: Some(url.clone()),
            https: Some(url),
            takes_loopback: true,
            ..Self::default()
        };
        settings.exempt(no_proxy);
        Ok(settings)
    }

    /// The proxy for `url`, if any.
    pub(super) fn choose(&self, url: &Url) -> Option<&Url> {
        let proxy = match url.scheme() {
            "https" => self.https.as_ref(),
            _ => self.http.as_ref(),
        }?;
        let host = url.host_str()?.trim_matches(['[', ']']).trim_end_matches('.');
        let port = url.port_or_known_default()?;
        let direct = self.everyone_exempt
            || (!self.takes_loopback && is_loopback(host))
            || self.exempt.iter().any(|exemption| exemption.covers(host, port));
        (!direct).then_some(proxy)
    }

    fn exempt(&mut self, list: &str) {
        for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            if word == "*" {
                self.everyone_exempt = true;
            }
            self.exempt.extend(Exemption::parse(&word.to_ascii_lowercase()));
        }
    }
}

impl Exemption {
    fn parse(word: &str) -> Option<Self> {
        if let Some((base, bits)) = word.split_once('/') {
            let who = Who::Network {
                base: base.parse().ok()?,
                bits: bits.parse().ok()?,
            };
            return Some(Self { who, port: None });
        }
        if let Ok(address) = word.trim_matches(['[', ']']).parse() {
            return Some(Self {
                who: Who::Address(address),
                port: None,
            });
        }
        let (host, port) = match word.rsplit_once(':') {
            Some((host, port)) => (host.trim_matches(['[', ']']), Some(port.parse().ok()?)),
            None => (word, None),
        };
        let who = match (host.parse(), host.strip_prefix("*.").or(host.strip_prefix('.'))) {
            (Ok(address), _) => Who::Address(address),
            (_, Some(domain)) => Who::Below(domain.to_owned()),
            (_, None) => Who::Domain(host.to_owned()),
        };
        Some(Self { who, port })
    }

    fn covers(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|wanted| wanted == port) && self.who.covers(host)
    }
}

impl Who {
    fn covers(&self, host: &str) -> bool {
        match self {
            Self::Address(address) => host.parse::<IpAddr>().is_ok_and(|found| found == *address),
            Self::Network { base, bits } => {
                host.parse().is_ok_and(|found| shares_prefix(found, *base, *bits))
            }
            Self::Domain(domain) => host == domain || is_below(host, domain),
            Self::Below(domain) => is_below(host, domain),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn shares_prefix(address: IpAddr, base: IpAddr, bits: u8) -> bool {
    match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let differs = u32::from(a) ^ u32::from(b);
            bits <= 32 && differs.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let differs = u128::from(a) ^ u128::from(b);
            bits <= 128 && differs.leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

/// Reads a proxy address; without a scheme `http` is meant. Names are left to a SOCKS proxy to look up.
fn proxy_url(value: &str, variable: &'static str) -> Result<Url, InvalidProxy> {
    let text = if value.contains("://") {
        value.to_owned()
    } else {
        format!("http://{value}")
    };
    let text = match text.strip_prefix("socks5://") {
        Some(rest) => format!("socks5h://{rest}"),
        None => text,
    };
    let mut url = Url::parse(&text).map_err(|_| InvalidProxy { variable })?;
    let known = matches!(url.scheme(), "http" | "https" | "socks5h");
    if !known || url.host_str().is_none_or(str::is_empty) {
        return Err(InvalidProxy { variable });
    }
    if url.scheme() == "socks5h" && url.port().is_none() {
        url.set_port(Some(1080)).map_err(|()| InvalidProxy { variable })?;
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
