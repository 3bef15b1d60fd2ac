//! Clones a git repository (builder contract §6.4).
