//! The figures, in the order of the contract.

mod crowd;
mod hit;

use crate::setup::Bench;
use crate::table::Table;

/// Measures one or a few figures.
pub type Figure = fn(&Bench, &mut Table);

/// Every figure by its name on the command line.
pub const ALL: [(&str, Figure); 4] = [
    ("hit", hit::stated),
    ("revalidation", hit::revalidated),
    ("crowd", crowd::arriving),
    ("hammer", crowd::hammering),
];
