//! Packing: a tree on disk becomes a gzipped tar archive without a copy.
