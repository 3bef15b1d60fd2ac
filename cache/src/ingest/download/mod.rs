//! HTTP(S): tries, redirects, conditional questions, resumption, limits.
//!
//! Blocking outside, async inside. Two ways lead in, over the same questions, limits and retry rules:
//!
//! - [`Client`] fetches one file at a time into a file of the caller;
//! - [`Origins`] serves a whole process: connections are kept (C-35), questions are conditional, bodies are streams.
//!
//! A body either comes whole or ends in an error; what came before an error is of no use to anyone.
//!
//! No thread is kept for the network. Whoever waits drives the connections of all who wait, which makes a question on
//! a kept connection as cheap as a system call each way; while nobody waits, nothing moves but the kernel's buffers.

mod answer;
mod ask;
mod attempt;
mod body;
mod cancel;
mod client;
mod error;
mod exchange;
mod flight;
mod origins;
mod policy;
mod rate;
mod redirect;
mod resume;
mod retry;
mod sink;
mod stream;
pub mod transport;

pub use answer::{Answer, Head};
pub use attempt::Downloaded;
pub use body::Body;
pub use cancel::Cancel;
pub use client::Client;
pub use error::{Cancellation, DownloadError, Place, SetupError};
pub use exchange::Exchange;
pub use origins::{Origins, Slots};
pub use policy::{Downgrade, NotModified, Policy, RateFloor, Timeouts};

#[cfg(test)]
mod tests;
