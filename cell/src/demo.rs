//! The first thing that somebody runs.
use crate::error::CellError;
use crate::exit_code::ExitCode;
use crate::host::Host;
use crate::job::Confinement;
/// What was asked for.
pub struct Demo {
    /// Show what the builder says.
    pub verbose: bool,
    /// How it is contained.
    pub confinement: Confinement,
}
/// Runs it.
pub fn run(_demo: &Demo, _host: &Host) -> Result<ExitCode, CellError> {
    Ok(ExitCode::Done)
}
