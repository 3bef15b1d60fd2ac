//! Downloads a zip archive and extracts it (builder contract §§6.2, 6.3).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use cache::archive::{self, ArchiveError, Policy as ExtractionPolicy};
use cache::ingest::download::transport::ProxySettings;
use cache::ingest::download::{Cancel, Client, DownloadError, Downloaded, Policy};
use cache::ingest::remote_url::RemoteUrl;
use cache::ingest::tls::{self, SystemRoots, Trust};
use cache::sys::fs;

use super::{FetchError, RootsError, SetupError};
use crate::env::Environment;
use crate::model::go_url::GoUrl;
use crate::model::size::Size;
use crate::workspace::Host;

/// The most that is read of one file of trust roots, in bytes.
const ROOTS_LIMIT: u64 = 16 << 20;

/// Downloads the archive at `url` and extracts it over what is in `folder`.
pub(super) fn fetch(host: &Host, url: &GoUrl, folder: &Path) -> Result<Downloaded, FetchError> {
    let name = last_component(url.path());
    let parent = host.environment.temp_dir();
    let made = host
        .processes
        .scratch()
        .make(|| fs::make_temp_file(&parent, &name, 0o600));
    let (temporary, mut file) = made.map_err(FetchError::TemporaryFile)?;
    let downloaded = download(host, url, &mut file)?;
    host.console.out(&format!(
        "Downloaded buildpack `{}` ({})",
        url.redacted(),
        Size(downloaded.bytes)
    ));
    // What an earlier staging left stays; what this one makes goes when it fails, also by a signal (I-5).
    let half_done = (!fs::exists(folder)).then(|| host.processes.scratch().adopt(folder.to_owned()));
    extract(host, &file, folder).map_err(|reason| match reason {
        ArchiveError::NotZip => FetchError::NotZip {
            url: url.redacted(),
            file: temporary.path().to_owned(),
        },
        reason => FetchError::Extract {
            url: url.redacted(),
            reason,
        },
    })?;
    if let Some(whole) = half_done {
        whole.keep();
    }
    Ok(downloaded)
}

fn download(host: &Host, url: &GoUrl, file: &mut File) -> Result<Downloaded, FetchError> {
    let text = String::from_utf8_lossy(&url.expose()).into_owned();
    let failed = |reason| FetchError::Download {
        url: url.redacted(),
        reason,
    };
    let remote =
        RemoteUrl::parse(&text).map_err(|fault| failed(DownloadError::unusable_url(&text, fault)))?;
    let client = client(host).map_err(|reason| FetchError::SetUp {
        url: url.redacted(),
        reason,
    })?;
    // A signal ends the whole process, also in the middle of a download: there is nobody else to cancel it.
    client.download(&remote, file, &Cancel::new()).map_err(failed)
}

fn client(host: &Host) -> Result<Client, SetupError> {
    let variable = |name: &str| {
        host.environment
            .get(name)
            .map(|value| value.to_string_lossy().into_owned())
    };
    let proxies = ProxySettings::from_variables(variable)?;
    Ok(Client::new(Policy::builder(), &trust(host)?, proxies)?)
}

/// The system's roots, as `SSL_CERT_FILE` and `SSL_CERT_DIR` name them, and those of `-extraCACerts`.
fn trust(host: &Host) -> Result<Trust, RootsError> {
    if host.options.skip_cert_verify {
        return Ok(Trust::anyone());
    }
    let mut extra = Vec::new();
    if let Some(path) = &host.options.extra_ca_certs {
        for file in certificate_files(path)? {
            let pem = fs::read_bounded(&file, ROOTS_LIMIT)?;
            extra.extend(tls::certificates(&pem).map_err(|reason| RootsError::Unusable { file, reason })?);
        }
    }
    Ok(Trust::roots(system_roots(&host.environment), extra))
}

fn system_roots(environment: &Environment) -> SystemRoots {
    let named = |name| environment.get_non_empty(name).map(Into::into);
    match (named("SSL_CERT_FILE"), named("SSL_CERT_DIR")) {
        (None, None) => SystemRoots::Usual,
        (file, folder) => SystemRoots::At { file, folder },
    }
}

/// `path` itself, or the files of a folder.
fn certificate_files(path: &Path) -> Result<Vec<std::path::PathBuf>, RootsError> {
    if !fs::is_folder(path) {
        return Ok(vec![path.to_owned()]);
    }
    let mut names = fs::list(path)?;
    names.sort();
    Ok(names
        .into_iter()
        .map(|name| path.join(name))
        .filter(|file| !fs::is_folder(file))
        .collect())
}

fn extract(host: &Host, file: &File, folder: &Path) -> Result<(), ArchiveError> {
    let policy = ExtractionPolicy::builder(host.identity.umask).drop_set_id(host.identity.is_root);
    archive::extract_zip(file, folder, &policy, &|| false).map(drop)
}

/// The part of the decoded path behind the last slash, as the temporary file is named (§6.2).
fn last_component(path: &[u8]) -> OsString {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if name.is_empty() {
        OsStr::new("buildpack.zip").to_owned()
    } else {
        OsString::from_vec(name.to_vec())
    }
}
