//! Archives: the one safe extractor, with two policies.
