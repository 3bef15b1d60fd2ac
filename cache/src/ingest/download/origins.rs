//! What the downloads of one process share: connections, slots, rules.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use super::cancel::Cancel;
use super::error::SetupError;
use super::exchange::Exchange;
use super::policy::{Downgrade, Policy};
use super::transport::{self, ProxySettings};
use crate::ingest::remote_url::RemoteUrl;
use crate::ingest::tls::{self, Identity, Trust};
use crate::model::validators::Validators;

/// How many downloads may do what at once (C-53). Zero counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    /// Bodies under way.
    pub bodies: usize,
    /// Conditional questions under way.
    pub revalidations: usize,
}

/// The way of one process to its origins. Share it between threads; any number may ask at once.
///
/// Its methods block, and must not be called from asynchronous code.
pub struct Origins {
    shared: Arc<Shared>,
}

/// What exchanges and bodies keep of it.
pub(super) struct Shared {
    pub(super) http: reqwest::Client,
    pub(super) policy: Policy,
    pub(super) bodies: Arc<Semaphore>,
    pub(super) revalidations: Arc<Semaphore>,
    /// Whether a client certificate is shown to those who ask for one.
    pub(super) has_identity: bool,
    runtime: Runtime,
}

impl Default for Slots {
    fn default() -> Self {
        Self {
            bodies: 5,
            revalidations: 64,
        }
    }
}

impl Origins {
    /// Sets up; asks nothing of the network.
    ///
    /// With [`Trust::anyone`] redirects from `https` to `http` are followed whatever the policy says (N-15).
    pub fn new(
        mut policy: Policy,
        trust: &Trust,
        identity: Option<Identity>,
        proxies: ProxySettings,
        slots: Slots,
    ) -> Result<Self, SetupError> {
        if !trust.is_verified() {
            policy.downgrade = Downgrade::Follow;
        }
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SetupError::Runtime)?;
        let tls = tls::client_config(trust, identity.as_ref())?;
        let http = {
            let _inside = runtime.enter();
            transport::pooled_client(tls, proxies, policy.timeouts.connect, slots.revalidations.max(1))?
        };
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                policy,
                bodies: semaphore(slots.bodies),
                revalidations: semaphore(slots.revalidations),
                has_identity: identity.is_some(),
                runtime,
            }),
        })
    }

    /// Begins a fetch of `url`; asks nothing yet.
    ///
    /// `validators` are those of the stored answer of the same `url` (C-11).
    #[must_use]
    pub fn exchange(&self, url: RemoteUrl, validators: Option<Validators>, cancel: Cancel) -> Exchange {
        Exchange::new(Arc::clone(&self.shared), url, validators, cancel)
    }
}

impl Shared {
    /// Waits for `work`, and meanwhile drives every connection of the process.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Carries out at once what is ready to happen, such as the end of a connection nobody wants any more.
    pub(super) fn settle(&self) {
        // Inside a runtime nobody may wait; then the next wait does it.
        if tokio::runtime::Handle::try_current().is_err() {
            self.runtime.block_on(turn());
        }
    }
}

/// Lets connections notice what happened while nobody waited, above all that the other side closed them: one round to
/// hear it from the system, one to act on it.
pub(super) async fn turn() {
    yield_now().await;
    yield_now().await;
}

fn semaphore(slots: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(slots.clamp(1, Semaphore::MAX_PERMITS)))
}
