//! The operator's program: words in, work done, words out.
//!
//! What was typed becomes settings and domain types at the edge (`args`, `settings`); `command` calls the
//! library and prints. Results go to standard output and nothing else does. No secret of an address is printed.

mod args;
mod command;
mod console;
mod embed;
mod exit_code;
mod failure;
mod input;
mod kind;
mod library;
mod progress;
mod request;
mod run;
mod settings;
mod show;
mod text;
mod words;

pub use embed::{Shared, Unusable, shared};
pub use exit_code::ExitCode;
pub use kind::ErrorKind;
pub use run::run;
