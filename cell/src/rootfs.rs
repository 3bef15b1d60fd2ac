//! The root file system of a container: what is bound from the host and what is made fresh.
