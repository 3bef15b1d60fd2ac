//! The `DATABASE_URL` of the first relational database among the app's services (§15).

mod services;

use crate::model::go_url::GoUrl;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;

/// The address of a database with its password.
///
/// `Debug` hides it; there is no `Display` (K-01).
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Vec<u8>);

impl DatabaseUrl {
    /// The value for the environment of scripts, **secrets included**.
    #[must_use]
    pub fn expose(&self) -> &OsStr {
        OsStr::from_bytes(&self.0)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(***)")
    }
}

/// Finds the database in the text of `VCAP_SERVICES`.
///
/// The first service whose `credentials.uri` has a known scheme counts, in the order of the text. A text in which any
/// service does not have the expected shape has no database, and URIs that are no URLs are passed over.
#[must_use]
pub fn database_url(vcap_services: &[u8]) -> Option<DatabaseUrl> {
    let uris = services::uris(vcap_services)?;
    uris.iter().find_map(|uri| as_database(uri.as_bytes()))
}

fn as_database(uri: &[u8]) -> Option<DatabaseUrl> {
    let url = GoUrl::parse(uri).ok()?;
    let scheme = match url.scheme() {
        "mysql" | "mysql2" => "mysql2",
        "postgres" | "postgresql" => "postgres",
        _ => return None,
    };
    Some(DatabaseUrl(url.with_scheme(scheme).expose()))
}

#[cfg(test)]
mod tests;
