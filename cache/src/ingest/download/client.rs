//! Downloads into files, one after the other, each on a connection of its own.

use std::fs::File;
use std::sync::atomic::AtomicU32;
use std::time::{Instant, SystemTime};

use tokio::runtime::{Builder, Runtime};

use super::ask::Asker;
use super::attempt::{self, Downloaded};
use super::cancel::Cancel;
use super::error::{Cancellation, DownloadError, Place, SetupError};
use super::policy::{Downgrade, Policy};
use super::resume::Partial;
use super::retry::{self, Tally};
use super::sink::Sink;
use super::transport::{self, ProxySettings};
use crate::ingest::remote_url::RemoteUrl;
use crate::ingest::tls::{self, Trust};

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
        let started = Instant::now();
        let mut sink = Sink::new(file);
        let outcome = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = cancel.cancelled() => None,
                outcome = self.in_time(url, &mut sink) => Some(outcome),
            }
        });
        outcome.unwrap_or_else(|| Err(DownloadError::Cancelled(cancelled(&sink, started))))
    }

    async fn in_time(&self, url: &RemoteUrl, sink: &mut Sink<'_>) -> Result<Downloaded, DownloadError> {
        let Some(limit) = self.policy.deadline else {
            return self.tries(url, sink).await;
        };
        match tokio::time::timeout(limit, self.tries(url, sink)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(DownloadError::Deadline(limit)),
        }
    }

    async fn tries(&self, url: &RemoteUrl, sink: &mut Sink<'_>) -> Result<Downloaded, DownloadError> {
        let requests = AtomicU32::new(0);
        let mut partial = Partial::default();
        let mut tally = Tally::default();
        loop {
            let asker = Asker {
                http: &self.http,
                policy: &self.policy,
                headers: self.policy.header_limit(tally.silences()),
                keeps_connection: false,
                requests: &requests,
            };
            let failed = match attempt::run(&asker, url, sink, &mut partial).await {
                Ok(downloaded) => return Ok(downloaded),
                Err(failed) => failed,
            };
            tally.note(&failed.error);
            if tally.is_over(&self.policy, &failed.error) {
                return Err(failed.error);
            }
            let wish = failed
                .retry_after
                .and_then(|text| retry::asked_pause(&text, SystemTime::now()));
            tokio::time::sleep(tally.pause(&self.policy, wish, retry::random_fraction())).await;
        }
    }
}

fn cancelled(sink: &Sink<'_>, started: Instant) -> Cancellation {
    Cancellation {
        place: if sink.written() == 0 {
            Place::Request
        } else {
            Place::Body
        },
        elapsed: started.elapsed(),
        bytes: sink.written(),
    }
}
