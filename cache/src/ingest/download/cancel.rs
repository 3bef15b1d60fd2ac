//! Stopping a download from another thread.

use tokio_util::sync::CancellationToken;

/// A flag that downloads wait on. Clones are the same flag; once set it stays set.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    flag: CancellationToken,
}

impl Cancel {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag of its own that is also set when this one is; setting it does not set this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            flag: self.flag.child_token(),
        }
    }

    /// Sets the flag; whatever waits under it ends within 100 ms (C-48).
    pub fn cancel(&self) {
        self.flag.cancel();
    }

    /// Tells whether the flag is set.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flag.is_cancelled()
    }

    /// Returns when the flag is set.
    pub(super) async fn cancelled(&self) {
        self.flag.cancelled().await;
    }
}

#[cfg(test)]
mod tests;
