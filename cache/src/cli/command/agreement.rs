//! `declare` and `prune`: what consumers of a group want, and what goes when they agree (Q11).

use serde::Serialize;

use super::super::args::manage::{Declare, Prune};
use super::super::exit_code::ExitCode;
use super::super::failure::Failure;
use super::super::input;
use super::super::kind::ErrorKind;
use super::super::show::{entries, prune as show};
use super::super::text::list;
use super::Context;
use crate::model::object::ObjectId;
use crate::model::size::Size;
use crate::prune::{Pruned, Removal};

/// A declaration that was made, for programs.
#[derive(Serialize)]
struct DeclaredJson<'a> {
    group: &'a str,
    consumer: &'a str,
    keys: usize,
    ttl_seconds: u64,
}
