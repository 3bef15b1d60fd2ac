//! Real containers in every runtime that this machine can do, with and without a user namespace; what it cannot do is
//! said loudly.

#![expect(
    clippy::disallowed_methods,
    reason = "the harness stands outside and looks in"
)]

mod harness;

mod ends;
mod kills;
mod ordinary;
mod sees;
