//! `CredHub`: references in `VCAP_SERVICES` are replaced by the secrets they stand for (§14).
//!
//! Runs before anything touches the disk. What comes back is never printed, and `CREDHUB_DEBUG`, by which the legacy
//! prints whole exchanges, has no effect: they are nothing but secrets (K-02).

mod error;
mod exchange;
mod options;
mod services;
mod settings;
mod setup;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

pub use error::{CredhubError, ExchangeError, SetupError};
pub use options::OptionsError;
pub use settings::CredhubSettings;

use exchange::Exchange;

/// Gives `services` with its references replaced, or `None` when they stay as they are.
///
/// Asks nobody when the options name no server, when it was switched off, or when there is no reference. `report`
/// gets a line, without its end, for each failed try.
pub fn interpolate(
    platform_options: Option<&OsStr>,
    settings: &CredhubSettings,
    services: Option<&OsStr>,
    report: &mut dyn FnMut(&str),
) -> Result<Option<OsString>, CredhubError> {
    let uri = options::credhub_uri(platform_options.unwrap_or_default().as_bytes())?;
    let services = services.unwrap_or_default().as_bytes();
    if uri.is_empty() || settings.is_skipped || !services::has_reference(services) {
        return Ok(None);
    }
    let exchange = setup::exchange(&uri, settings)?;
    let replaced = try_all(&exchange, settings, services, report)?;
    Ok(Some(OsString::from_vec(replaced)))
}

/// Tries until an answer comes, which need not be a good one.
fn try_all(
    exchange: &Exchange,
    settings: &CredhubSettings,
    services: &[u8],
    report: &mut dyn FnMut(&str),
) -> Result<Vec<u8>, ExchangeError> {
    // A count of zero or less, which makes the legacy empty the variable, means one try (L-13).
    let attempts = settings.attempts.max(1);
    let mut attempt = 1;
    loop {
        let error = match services::encode(services).and_then(|body| exchange.run(body)) {
            Ok(answer) => return services::check(answer),
            Err(error) => error,
        };
        report(&format!("Failed on attempt {attempt} out of {attempts}: {error}"));
        if attempt >= attempts {
            return Err(error);
        }
        attempt += 1;
        std::thread::sleep(settings.retry_delay);
    }
}
