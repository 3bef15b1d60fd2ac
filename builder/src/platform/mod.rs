//! What the platform hands to a staging: services and their secrets (builder contract §§14, 15).

pub mod credhub;
pub mod database_url;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use cache::sys::fs;

use self::credhub::{CredhubError, CredhubSettings};
use crate::journal::Phase;
use crate::workspace::Host;

/// The longest `NAME=value` with its zero byte that the system hands to a program (`MAX_ARG_STRLEN`), in bytes.
const LONGEST_VARIABLE: usize = 131_072;

/// The most that is read of a file of services, in bytes.
const SERVICES_LIMIT: u64 = 8 << 20;

/// Replaces `CredHub` references in the services, and finds the database URL among them; touches no file.
pub fn prepare(mut host: Host) -> Result<Host, CredhubError> {
    let phase = host.journal.begin(Phase::Platform);
    let services = services(&host);
    let from_file = services.is_some() && host.environment.get("VCAP_SERVICES").is_none();
    let interpolated = credhub::interpolate(
        host.environment.get("VCAP_PLATFORM_OPTIONS"),
        &settings(&host),
        services.as_deref(),
        &mut |line| host.console.out(line),
    )?;
    if let Some(replaced) = &interpolated {
        set(&mut host, "VCAP_SERVICES", replaced, from_file);
    }
    let services = interpolated.or(services).unwrap_or_default();
    if let Some(url) = database_url::database_url(services.as_bytes()) {
        set(&mut host, "DATABASE_URL", url.expose(), from_file);
    }
    drop(phase);
    Ok(host)
}

/// Sets a variable of the scripts.
///
/// Services come by file because they may be too large for a variable: one that no program could be started with is
/// left out, as the legacy would not have set it either.
fn set(host: &mut Host, name: &str, value: &OsStr, from_file: bool) {
    if from_file && name.len() + value.len() + 2 > LONGEST_VARIABLE {
        host.console.err(&format!(
            "Warning: {name} is not set: its value is too large for an environment variable"
        ));
        return;
    }
    host.environment.set(name, value.to_owned());
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
