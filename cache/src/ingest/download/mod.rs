//! HTTP(S) download of one file: tries, redirects, resumption, limits.
//!
//! Blocking outside, async inside. A download either yields every byte the origin meant, with their digest, or an
//! error; what it leaves in the file on an error is of no use to anyone but the next try of the same call.

mod attempt;
mod cancel;
mod error;
mod policy;
mod rate;
mod redirect;
mod resume;
mod retry;
mod sink;
pub mod transport;

use std::fs::File;
use std::time::SystemTime;

use tokio::runtime::{Builder, Runtime};

pub use attempt::Downloaded;
pub use cancel::Cancel;
pub use error::{DownloadError, SetupError};
pub use policy::{Downgrade, NotModified, Policy, RateFloor, Timeouts};

use super::remote_url::RemoteUrl;
use super::tls::{self, Trust};
use attempt::Attempt;
use resume::Partial;
use sink::Sink;
use transport::ProxySettings;

/// Downloads under one policy, with one trust and one set of proxies.
pub struct Client {
    runtime: Runtime,
    http: reqwest::Client,
    policy: Policy,
}

impl Client {
    /// Sets up; asks nothing of the network.
    ///
    /// With [`Trust::anyone`] redirects from `https` to `http` are followed whatever the policy says (N-15).
    pub fn new(mut policy: Policy, trust: &Trust, proxies: ProxySettings) -> Result<Self, SetupError> {
        if !trust.is_verified() {
            policy.downgrade = Downgrade::Follow;
        }
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SetupError::Runtime)?;
        let tls = tls::client_config(trust, None)?;
        let http = {
            let _inside = runtime.enter();
            transport::http_client(tls, proxies, policy.timeouts.connect)?
        };
        Ok(Self {
            runtime,
            http,
            policy,
        })
    }

    /// Fetches `url` into `file`, replacing what is there.
    ///
    /// Answers a [`Cancel`] within 100 ms. The file's position afterwards is its end.
    pub fn download(
        &self,
        url: &RemoteUrl,
        file: &mut File,
        cancel: &Cancel,
    ) -> Result<Downloaded, DownloadError> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(DownloadError::Cancelled),
                outcome = self.tries(url, file) => outcome,
            }
        })
    }

    async fn tries(&self, url: &RemoteUrl, file: &mut File) -> Result<Downloaded, DownloadError> {
        let mut sink = Sink::new(file, self.policy.max_bytes);
        let mut partial = Partial::default();
        let mut tally = retry::Tally::default();
        loop {
            let attempt = Attempt {
                http: &self.http,
                policy: &self.policy,
                headers: self.policy.header_limit(tally.silences()),
            };
            let failed = match attempt.run(url, &mut sink, &mut partial).await {
                Ok(downloaded) => return Ok(downloaded),
                Err(failed) => failed,
            };
            tally.note(&failed.error);
            if tally.is_over(&self.policy, &failed.error) {
                return Err(failed.error);
            }
            let asked = failed
                .retry_after
                .and_then(|text| retry::asked_pause(&text, SystemTime::now()));
            tokio::time::sleep(tally.pause(&self.policy, asked, retry::random_fraction())).await;
        }
    }
}
