//! JSON text as the legacy writes it.
