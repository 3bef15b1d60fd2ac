//! The staging entrypoint of a Cloud Foundry container: detects or takes buildpacks, runs their scripts, packs the
//! droplet.
//!
//! The program is [`run()`]; the story is [`stage`](mod@stage). What the crate promises:
//!
//! - flags, files, words and exit codes are the legacy builder's; where they are not, `docs/decisions/` says so;
//! - a file under a final name is whole;
//! - nothing temporary and no script outlives the process, however it is asked to end;
//! - memory is bounded whatever the application, the archives and the scripts' output;
//! - no credential of a URL is printed.
//!
//! # The order of the phases is in their types
//!
//! Each phase takes the product of the one before it by value. A roster cannot run scripts before its caches are
//! clean:
//!
//! ```compile_fail,E0308
//! use builder::phase::{locate::Roster, supply};
//!
//! fn too_early(roster: Roster<'_>) {
//!     let _ = supply::run(roster);
//! }
//! ```
//!
//! nothing is packed before it is reported:
//!
//! ```compile_fail,E0308
//! use builder::phase::{package, release::Released};
//!
//! fn too_early(released: Released<'_>) {
//!     let _ = package::pack(released);
//! }
//! ```
//!
//! and no phase runs twice:
//!
//! ```compile_fail,E0382
//! use builder::phase::{compile, finalize, supply::Chosen};
//!
//! fn twice(chosen: Chosen<'_>) {
//!     let _ = finalize::run(chosen);
//!     let _ = compile::run(chosen);
//! }
//! ```
//!
//! The right order compiles:
//!
//! ```
//! use builder::error::StagingError;
//! use builder::phase::{finalize::{self, Built}, supply::Chosen};
//!
//! fn in_order(chosen: Chosen<'_>) -> Result<Built<'_>, StagingError> {
//!     Ok(finalize::run(chosen)?)
//! }
//! ```

pub mod cli;
pub mod env;
pub mod error;
pub mod exit_code;
pub mod fetch;
pub mod journal;
pub mod json;
pub mod model;
pub mod pack;
pub mod phase;
pub mod platform;
pub mod stage;
pub mod sys;
pub mod workspace;
pub mod yaml;

mod run;

pub use run::run;
