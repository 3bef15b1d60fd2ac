//! Chapter 1 of the threats, for tar and for tar in gzip: `(bytes, expected)`, each bad case beside its good twin.

#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the file system from outside"
)]

pub(crate) mod raw;

mod dialects;
mod limits;
mod links;
mod mutated;
mod names;
mod structure;

use super::super::gzip::tests::gzip;
use super::super::zip::tests::scene::{RESOLUTIONS, Scene, Way};
use super::super::{ArchiveKind, Policy, Unpacked};
use raw::{Raw, tar};

/// A plain tar and the same in gzip.
fn both(bytes: &[u8]) -> [(ArchiveKind, Vec<u8>); 2] {
    [
        (ArchiveKind::Tar, bytes.to_vec()),
        (ArchiveKind::TarGz, gzip(bytes)),
    ]
}

/// The members make this tree, and the manifest fits it.
#[track_caller]
fn check(members: &[Raw], expected: &[(&str, &str)]) -> Unpacked {
    check_bytes(&tar(members.iter().cloned()), &Policy::store(), expected)
}

#[track_caller]
fn check_bytes(bytes: &[u8], policy: &Policy, expected: &[(&str, &str)]) -> Unpacked {
    let mut unpacked = None;
    for (kind, bytes) in both(bytes) {
        for resolution in RESOLUTIONS {
            let scene = Scene::new();
            let policy = policy.with_resolution(resolution);
            let (told, manifest) = scene.unpack(&bytes, &policy, Way::Stream).unwrap();
            scene.assert_surroundings();
            let tree = scene.tree();
            let found: Vec<_> = tree
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str()))
                .collect();
            assert_eq!(found, expected, "{kind:?} {resolution:?}");
            scene.assert_manifest(&manifest);
            assert_eq!(told.kind, kind);
            unpacked = Some(told);
        }
    }
    unpacked.unwrap()
}

/// The members are refused with this message.
#[track_caller]
fn check_refused(members: &[Raw], expected: &str) {
    check_refused_bytes(&tar(members.iter().cloned()), &Policy::store(), expected);
}

#[track_caller]
fn check_refused_bytes(bytes: &[u8], policy: &Policy, expected: &str) {
    for (kind, bytes) in both(bytes) {
        for resolution in RESOLUTIONS {
            let scene = Scene::new();
            let policy = policy.with_resolution(resolution);
            let error = scene.unpack(&bytes, &policy, Way::Stream).expect_err(expected);
            scene.assert_surroundings();
            let message = error
                .to_string()
                .replace(scene.destination().to_str().unwrap(), "D");
            assert_eq!(message, expected, "{kind:?} {resolution:?}");
        }
    }
}

/// The members are good, and refused once `spoil` has been at one of them.
#[track_caller]
fn check_twin(members: &[Raw], at: usize, spoil: impl Fn(&mut Raw), expected: &str) {
    let scene = Scene::new();
    let good = tar(members.iter().cloned());
    scene
        .unpack(&good, &Policy::store(), Way::Stream)
        .expect("the good twin");
    let mut spoilt = members.to_vec();
    spoil(&mut spoilt[at]);
    check_refused(&spoilt, expected);
}
