//! Chapter 1 of the threats, for zip: `(bytes, policy, expected)`, each bad case beside its good twin.

#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the file system from outside"
)]

pub(crate) mod raw;
pub(crate) mod scene;

mod builder;
mod hostile;
mod library;
pub(crate) mod limits;
mod store;
mod streamed;
