//! Stopping a download from another thread.

use tokio::sync::watch;

/// A flag that downloads wait on. Clones are the same flag; once set it stays set.
#[derive(Debug, Clone)]
pub struct Cancel {
    flag: watch::Sender<bool>,
}

impl Cancel {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self {
            flag: watch::Sender::new(false),
        }
    }

    /// Sets the flag; downloads under it end within 100 ms.
    pub fn cancel(&self) {
        self.flag.send_replace(true);
    }

    /// Returns when the flag is set.
    pub(super) async fn cancelled(&self) {
        let mut seen = self.flag.subscribe();
        // Fails only when no sender is left, and `self` is one.
        if seen.wait_for(|set| *set).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}
