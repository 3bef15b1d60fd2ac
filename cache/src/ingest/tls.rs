//! Trust: roots, client identity, verification switched off for one call.
//!
//! Roots are loaded here and not by the HTTP library, which refuses to start in a root file system without
//! certificate files, even for plain `http`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use verifier::{AnyCertificate, KnownRoots};

mod verifier;

/// Whom a client believes.
#[derive(Debug, Clone)]
pub struct Trust {
    system: SystemRoots,
    extra: Vec<CertificateDer<'static>>,
    verified: bool,
}

/// Where the roots of the system are.
#[derive(Debug, Clone, Default)]
pub enum SystemRoots {
    /// The usual places, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    #[default]
    Usual,
    /// These places only.
    At {
        /// A file of PEM certificates.
        file: Option<PathBuf>,
        /// A folder of such files.
        folder: Option<PathBuf>,
    },
}

/// A client certificate with its chain and key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Why trust or identity cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of certificates that has none, or a broken one.
    #[error("failed to find any PEM data in certificate input")]
    NoCertificate,
    /// A key that is neither PKCS#1, PKCS#8 nor SEC1 in PEM.
    #[error("failed to find any PEM data in key input")]
    NoKey,
    /// The TLS library refuses the certificate, the key, or the pair.
    #[error("tls")]
    Refused(#[source] rustls::Error),
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            system: SystemRoots::Usual,
            extra: Vec::new(),
            verified: true,
        }
    }
}

impl Trust {
    /// Believes the roots of the system and `extra`.
    #[must_use]
    pub fn roots(system: SystemRoots, extra: Vec<CertificateDer<'static>>) -> Self {
        Self {
            system,
            extra,
            verified: true,
        }
    }

    /// Believes anyone: `skipCertVerify` (§6.2).
    #[must_use]
    pub fn anyone() -> Self {
        Self {
            verified: false,
            ..Self::default()
        }
    }

    /// Tells whether certificates are checked at all.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.verified
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
        if !self.verified {
            return Ok(Arc::new(AnyCertificate::new(provider)));
        }
        let mut roots = self.system.load();
        roots.extend(self.extra.iter().cloned());
        let verifier = KnownRoots::new(roots, provider).map_err(TlsError::Refused)?;
        Ok(Arc::new(verifier))
    }
}

impl SystemRoots {
    /// Reads what can be read: an unreadable file among many is no reason to fail, nor is the lack of all.
    fn load(&self) -> Vec<CertificateDer<'static>> {
        match self {
            Self::Usual => rustls_native_certs::load_native_certs().certs,
            Self::At { file, folder } => {
                rustls_native_certs::load_certs_from_paths(file.as_deref(), folder.as_deref()).certs
            }
        }
    }
}

/// How many certificates the system offers as roots: those that [`SystemRoots::Usual`] means.
#[must_use]
pub fn usual_roots() -> usize {
    SystemRoots::Usual.load().len()
}

impl Identity {
    /// Reads a certificate chain and a key (PKCS#1, PKCS#8 or SEC1), each as PEM, and checks that they match.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let identity = Self {
            chain: certificates(chain)?,
            key: PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?,
        };
        // The pair is checked when the first configuration is made from it.
        client_config(&Trust::anyone(), Some(&identity))?;
        Ok(identity)
    }
}

/// Reads all certificates of a PEM text; other sections are skipped.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NoCertificate)?;
    if found.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    Ok(found)
}

/// Reads the certificates of a PEM text that can serve as roots; the rest is skipped.
#[must_use]
pub fn usable_roots(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    let found = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
    found
        .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok())
        .collect()
}

/// Makes the configuration of a client: TLS 1.2 or 1.3, HTTP/1.1.
pub fn client_config(trust: &Trust, identity: Option<&Identity>) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = trust.verifier(&provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Refused)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        Some(identity) => builder
            .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
            .map_err(TlsError::Refused)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests;
