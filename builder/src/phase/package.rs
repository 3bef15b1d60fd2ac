//! stub
use crate::phase::report::Reported;
#[derive(Debug, thiserror::Error)]
#[error("stub")]
/// stub
pub struct PackageError;
/// stub
pub struct Droplet;
/// stub
pub fn pack(_reported: Reported<'_>) -> Result<Droplet, PackageError> {
    Ok(Droplet)
}
