//! From what is in force to what the library takes: certificates read, proxies parsed.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::env::Environment;
use crate::ingest::download::{Policy, Slots, Timeouts};
use crate::ingest::tls::{self, Identity, SystemRoots, TlsError, Trust};
use crate::settings;
use crate::sys::fs::{ReadError, read_bounded};

/// Most that is read of a file of certificates, in bytes.
const PEM_LIMIT: u64 = 16 << 20;

/// Why the library cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(super) enum SetupFault {
    /// A file of certificates or a key cannot be read.
    #[error("Failed to read the certificates or key")]
    Read(#[source] ReadError),
    /// A file of certificates has none.
    #[error("Failed to use the certificates of {}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: TlsError,
    },
    /// A client certificate and its key do not work together.
    #[error("Failed to use the client certificate {}", path.display())]
    Identity {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: TlsError,
    },
}

/// Makes the library's settings.
pub(super) fn settings(
    settings: &Settings,
    environment: &Environment,
) -> Result<settings::Settings, SetupFault> {
    let network = &settings.network;
    let slots = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    Ok(settings::Settings {
        root: settings.store.clone(),
        limits: settings.limits,
        network: settings::Network {
            policy: policy(settings),
            trust: trust(settings)?,
            identity: identity(settings)?,
            proxies: environment.proxies(),
            slots: Slots {
                bodies: slots(network.downloads),
                revalidations: slots(network.revalidations),
            },
        },
        archive: settings.archive,
    })
}

fn policy(settings: &Settings) -> Policy {
    let network = &settings.network;
    let usual = Policy::cache();
    Policy {
        attempts: network.attempts,
        timeouts: Timeouts {
            connect: network.connect,
            idle: network.idle,
            // Whoever waits longer for a byte waits longer for the first one too.
            headers: usual
                .timeouts
                .headers
                .max(network.connect.saturating_add(network.idle)),
        },
        max_bytes: network.max_download,
        deadline: network.deadline,
        ..usual
    }
}

fn trust(settings: &Settings) -> Result<Trust, SetupFault> {
    if settings.network.skip_cert_verify {
        return Ok(Trust::anyone());
    }
    let mut extra = Vec::new();
    for path in &settings.network.ca_certs {
        let found = tls::certificates(&read(path)?).map_err(|source| SetupFault::Certificates {
            path: path.clone(),
            source,
        })?;
        extra.extend(found);
    }
    Ok(Trust::roots(SystemRoots::Usual, extra))
}

fn identity(settings: &Settings) -> Result<Option<Identity>, SetupFault> {
    let Some((certificate, key)) = &settings.network.client else {
        return Ok(None);
    };
    let identity = Identity::from_pem(&read(certificate)?, &read(key)?);
    identity.map(Some).map_err(|source| SetupFault::Identity {
        path: certificate.clone(),
        source,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, SetupFault> {
    read_bounded(path, PEM_LIMIT).map_err(SetupFault::Read)
}
