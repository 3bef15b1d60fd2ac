//! The figures, in the order of the contract.

mod churn;
mod cold;
mod crash;
mod crowd;
mod disk;
mod faults;
mod hit;
mod large;
mod unpack;
mod view;

use crate::setup::Bench;
use crate::table::Table;

/// Measures one or a few figures.
type Figure = fn(&Bench, &mut Table);

/// Every figure by its name on the command line.
pub(crate) const ALL: [(&str, Figure); 17] = [
    ("hit", hit::stated),
    ("revalidation", hit::revalidated),
    ("crowd", crowd::arriving),
    ("hammer", crowd::hammering),
    ("stall", unpack::stall),
    ("kill", crash::kill),
    ("dead", faults::dead),
    ("404", faults::missing),
    ("cancel", unpack::cancel),
    ("disk", disk::held_versions),
    ("tgz", cold::tgz),
    ("zip", cold::zip),
    ("tar", cold::tar),
    ("churn", churn::hits),
    ("store", large::store),
    ("memory", large::memory),
    ("view", view::created),
];
