//! YAML 1.1 as the legacy reads it.
