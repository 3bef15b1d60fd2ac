//! What the platform hands to a staging: services and their secrets (builder contract §§14, 15).

pub mod credhub;
pub mod database_url;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use cache::sys::fs;

use self::credhub::{CredhubError, CredhubSettings};
use crate::journal::Phase;
use crate::workspace::Host;

/// The most that is read of a file of services, in bytes.
const SERVICES_LIMIT: u64 = 8 << 20;

/// Replaces `CredHub` references in the services, and finds the database URL among them; touches no file.
pub fn prepare(mut host: Host) -> Result<Host, CredhubError> {
    let phase = host.journal.begin(Phase::Platform);
    let services = services(&host);
    let interpolated = credhub::interpolate(
        host.environment.get("VCAP_PLATFORM_OPTIONS"),
        &settings(&host),
        services.as_deref(),
        &mut |line| host.console.out(line),
    )?;
    if let Some(replaced) = &interpolated {
        host.environment.set("VCAP_SERVICES", replaced.clone());
    }
    let services = interpolated.or(services).unwrap_or_default();
    if let Some(url) = database_url::database_url(services.as_bytes()) {
        host.environment.set("DATABASE_URL", url.expose().to_owned());
    }
    drop(phase);
    Ok(host)
}

fn settings(host: &Host) -> CredhubSettings {
    let attempts = i64::try_from(host.options.credhub_connect_attempts.get()).unwrap_or(i64::MAX);
    let variable = |name: &str| host.environment.get(name).map(OsStr::to_owned);
    CredhubSettings::new(attempts, host.options.credhub_retry_delay, variable)
}

/// `VCAP_SERVICES`, or where that is absent the file that `VCAP_SERVICES_FILE_PATH` names (L-21).
///
/// A file that cannot be read counts as none: the scripts, which also look there, will say so themselves.
fn services(host: &Host) -> Option<OsString> {
    let from_file = || {
        let path = host.environment.get_non_empty("VCAP_SERVICES_FILE_PATH")?;
        fs::read_bounded(path.as_ref(), SERVICES_LIMIT)
            .ok()
            .map(OsString::from_vec)
    };
    host.environment
        .get("VCAP_SERVICES")
        .map(OsStr::to_owned)
        .or_else(from_file)
}
