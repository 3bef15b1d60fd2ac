//! Trust: roots, client identity, verification switched off for one call.
