//! The steps of a staging, in running order.

pub mod prepare;

pub mod obtain;

mod copy;

pub mod contain;

pub mod build;

pub mod collect;
