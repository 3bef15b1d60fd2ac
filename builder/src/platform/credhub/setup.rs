//! From settings to a client; every file is read once.

use std::path::{Path, PathBuf};

use cache::ingest::remote_url::RemoteUrl;
use cache::ingest::tls::{self, Identity, Trust};
use cache::sys::fs;

use super::error::SetupError;
use super::exchange::Exchange;
use super::settings::CredhubSettings;

/// Longest file of certificates or key that is read.
const LONGEST_PEM: u64 = 1 << 20;

/// Makes the client, also for a plain `http` server, in the legacy's order of complaints.
pub(super) fn exchange(uri: &str, settings: &CredhubSettings) -> Result<Exchange, SetupError> {
    let (Some(certificate), Some(key)) = (&settings.certificate, &settings.key) else {
        return Err(SetupError::NoIdentity);
    };
    let folder = settings.authorities.as_deref().ok_or(SetupError::NoAuthorities)?;
    let mut authorities = Vec::new();
    for path in certificate_files(folder)? {
        let pem = fs::read_bounded(&path, LONGEST_PEM).map_err(SetupError::Authority)?;
        let mut found = tls::usable_roots(&pem);
        if found.is_empty() {
            return Err(SetupError::NotAuthorities);
        }
        authorities.append(&mut found);
    }
    let trust = Trust::roots(settings.system_roots.clone(), authorities);
    let identity = Identity::from_pem(&read_identity(certificate)?, &read_identity(key)?)?;
    let url = RemoteUrl::parse(&with_scheme(uri))?.with_path("/api/v1/interpolate");
    Exchange::new(url, tls::client_config(&trust, Some(&identity))?, settings)
}

fn certificate_files(folder: &Path) -> Result<Vec<PathBuf>, SetupError> {
    let mut names = fs::list(folder).map_err(SetupError::Authorities)?;
    names.retain(|name| name.as_encoded_bytes().ends_with(b".crt"));
    names.sort();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

fn read_identity(path: &Path) -> Result<Vec<u8>, SetupError> {
    fs::read_bounded(path, LONGEST_PEM).map_err(SetupError::Identity)
}

fn with_scheme(uri: &str) -> String {
    if uri.contains("://") {
        uri.to_owned()
    } else {
        format!("https://{uri}")
    }
}
