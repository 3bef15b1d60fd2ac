//! One cell: stages an application in a container with buildpacks that lie once per machine.

pub mod bundle;
pub mod rootfs;
pub mod runtime;
mod sys;
pub mod userns;
