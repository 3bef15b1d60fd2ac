//! One cell: stages an application in a container with buildpacks that lie once per machine.
//!
//! READ FIRST: [`mod@stage`]. What the crate promises:
//!
//! - a buildpack is leased before a container can see it, and until that container is gone;
//! - however a staging ends, no container, mount, lease, process or scratch directory of it stays; what a SIGKILL leaves
//!   is removed by the next command;
//! - results appear under their names only whole;
//! - what a container has written is never followed, only read;
//! - no credential of an address is printed.
//!
//! # The order of the steps is in their types
//!
//! Each step takes the product of the one before it by value. A container cannot be decided before its buildpacks are
//! leased:
//!
//! ```compile_fail,E0308
//! use cell::step::{contain, prepare::Prepared};
//!
//! fn too_early(prepared: Prepared<'_>) {
//!     let _ = contain::contain(prepared);
//! }
//! ```
//!
//! and nothing is collected before the builder has ended:
//!
//! ```compile_fail,E0308
//! use cell::step::{collect, contain::Contained};
//!
//! fn too_early(contained: Contained<'_>) {
//!     let _ = collect::collect(contained);
//! }
//! ```
//!
//! The right order compiles:
//!
//! ```
//! use cell::error::CellError;
//! use cell::runtime::Stdio;
//! use cell::step::{build, collect::{self, Staged}, contain, obtain::Obtained};
//!
//! fn in_order(obtained: Obtained<'_>, stdio: Stdio) -> Result<Staged, CellError> {
//!     collect::collect(build::build(contain::contain(obtained)?, stdio)?)
//! }
//! ```

pub mod bundle;
pub mod cli;
pub mod clone;
pub mod confine;
pub mod console;
pub mod demo;
pub mod droplet;
pub mod env;
pub mod error;
pub mod exit_code;
pub mod host;
pub mod job;
pub mod model;
pub mod places;
pub mod rootfs;
pub mod run;
pub mod runtime;
pub mod scratch;
pub mod stage;
pub mod step;
pub mod sys;
pub mod userns;
