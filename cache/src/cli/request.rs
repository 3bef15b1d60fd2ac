//! From what was typed to what the library is asked for.

use std::time::Duration;

use super::args::obtain::{Asset, HolderArgs};
use super::args::values::KeyText;
use super::failure::UsageFault;
use super::text::list::Listed;
use crate::env::absolute;
use crate::model::lease::{Holder, Label, LeaseTerms};
use crate::model::object::Form;
use crate::model::request::{Request, Rules, Source};
use crate::store::holder;

/// A holder that cannot hold anything.
#[derive(Debug, thiserror::Error)]
pub(super) enum HolderFault {
    /// No such process.
    #[error("No process {0}: it could not hold a lease")]
    Gone(u32),
}

/// Who holds a lease that outlives this command. `now` is in seconds since 1970.
///
/// Without `--holder-pid` only the caller knows whether the holder is alive.
pub(super) fn lasting(args: &HolderArgs, now: u64) -> Result<LeaseTerms, HolderFault> {
    let holder = match args.holder_pid {
        Some(pid) => process(pid)?,
        None => Holder::External,
    };
    Ok(LeaseTerms {
        holder,
        label: Label::new(args.holder.as_deref().unwrap_or_default()),
        expires: args.expires.map(|span| end(now, span.0)),
    })
}

/// Who holds a lease that ends with this command: when it is killed, the lease can be reclaimed.
pub(super) fn passing(args: &HolderArgs) -> Result<LeaseTerms, HolderFault> {
    Ok(LeaseTerms {
        holder: process(std::process::id())?,
        label: Label::new(args.holder.as_deref().unwrap_or_default()),
        expires: None,
    })
}

fn process(pid: u32) -> Result<Holder, HolderFault> {
    holder::living(pid).ok_or(HolderFault::Gone(pid))
}

const fn end(now: u64, span: Duration) -> u64 {
    now.saturating_add(span.as_secs())
}

/// The request for an asset named on the command line.
pub(super) fn asset(
    asset: &Asset,
    form: Form,
    rules: Rules,
    terms: LeaseTerms,
) -> Result<Request, UsageFault> {
    Ok(Request {
        key: asset.key.as_ref().and_then(KeyText::key),
        source: placed(&asset.source.source().map_err(UsageFault::Source)?),
        checksum: asset.sha256.clone().or_else(|| asset.checksum.clone()),
        form,
        rules,
        group: asset.group.clone(),
        terms,
    })
}

/// The request for a line of a list.
pub(super) fn listed(line: &Listed, group: Option<&str>, rules: Rules, terms: LeaseTerms) -> Request {
    Request {
        key: Some(line.key.clone()),
        source: placed(&line.source),
        checksum: line.checksum.clone(),
        form: line.form,
        rules,
        group: line.group.clone().or_else(|| group.map(ToOwned::to_owned)),
        terms,
    }
}

/// A path means the same file from any directory.
fn placed(source: &Source) -> Source {
    match source {
        Source::Path(path) => Source::Path(absolute(path)),
        Source::Url(url) => Source::Url(url.clone()),
    }
}

#[cfg(test)]
mod tests;
