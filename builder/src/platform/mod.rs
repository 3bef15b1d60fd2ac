//! What the platform hands to a staging: services and their secrets.

pub mod credhub;
pub mod database_url;
