//! The staging entrypoint of a Cloud Foundry container.
