//! Certificates: whom we believe, and how fast we give up on the others.

use cache::ingest::tls::{SystemRoots, Trust, certificates};
use rustls::ServerConfig;
use tests::certificates::{Authority, Leaf, Purpose, self_signed};
use tests::origin::{Origin, Reply, Route};

use super::{client, fetch_by, quick};

const NO_ROOTS: SystemRoots = SystemRoots::At {
    file: None,
    folder: None,
};

pub(super) fn ours(authority: &Authority) -> Trust {
    trusting(&[authority.pem()])
}

fn trusting(pems: &[&str]) -> Trust {
    let roots = pems
        .iter()
        .flat_map(|pem| certificates(pem.as_bytes()).expect("certificates"));
    Trust::roots(NO_ROOTS, roots.collect())
}

/// Asks a server of this kind; checks the outcome, and that certificates are judged once.
#[track_caller]
fn check(config: ServerConfig, trust: &Trust, expected: Result<(), &str>) {
    let origin = Origin::start_tls([("/x.zip", Route::always(Reply::ok(b"zip")))], config);
    let url = origin.url("/x.zip");
    let outcome = fetch_by(&client(quick(), trust), &url);
    let expected = expected
        .map(|()| b"zip".to_vec())
        .map_err(|words| format!("Get \"{url}\": tls: failed to verify certificate: x509: {words}"));
    assert_eq!(outcome, expected);
    assert_eq!(origin.connections(), 1, "no other try");
}

/// Rows: R3-08, N-16.
#[test]
fn an_authority_is_believed() {
    let authority = Authority::new("ours");
    let server = |leaf: Leaf| leaf.server(None);
    let good = authority.issue(&["127.0.0.1"], Purpose::Server);
    check(server(good.clone()), &ours(&authority), Ok(()));
    let other = ours(&Authority::new("other"));
    check(
        server(good.clone()),
        &other,
        Err("certificate signed by unknown authority"),
    );
    check(
        server(good),
        &trusting(&[]),
        Err("certificate signed by unknown authority"),
    );
    let expired = authority.issue(&["127.0.0.1"], Purpose::Expired);
    check(
        server(expired),
        &ours(&authority),
        Err("certificate has expired or is not yet valid"),
    );
    let misnamed = authority.issue(&["example.com"], Purpose::Server);
    check(
        server(misnamed),
        &ours(&authority),
        Err("certificate is not valid for 127.0.0.1"),
    );
}

/// Rows: R6.2-02, N-16.
#[test]
fn anyone_is_believed_when_told_so() {
    let authority = Authority::new("unknown");
    for leaf in [
        authority.issue(&["example.com"], Purpose::Server),
        authority.issue(&["127.0.0.1"], Purpose::Expired),
        self_signed(&["example.com"], true),
    ] {
        check(leaf.server(None), &Trust::anyone(), Ok(()));
    }
}

/// Rows: R3-08. A certificate that is marked as an authority and served directly.
#[test]
fn a_root_served_as_a_leaf_is_believed() {
    for is_authority in [true, false] {
        let leaf = self_signed(&["127.0.0.1"], is_authority);
        check(leaf.server(None), &trusting(&[&leaf.certificate]), Ok(()));
        let stranger = self_signed(&["127.0.0.1"], is_authority);
        let origin = Origin::start_tls([("/x", Route::always(Reply::ok(b"")))], stranger.server(None));
        let outcome = fetch_by(
            &client(quick(), &trusting(&[&leaf.certificate])),
            &origin.url("/x"),
        );
        assert!(outcome.is_err());
    }
    let misnamed = self_signed(&["example.com"], true);
    let expected = Err("certificate is not valid for 127.0.0.1");
    check(
        misnamed.server(None),
        &trusting(&[&misnamed.certificate]),
        expected,
    );
}

/// Rows: R3-08.
#[test]
fn roots_are_read_from_files_and_folders() {
    let authority = Authority::new("ours");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("roots.pem");
    std::fs::write(&file, format!("nonsense\n{}", authority.pem())).expect("written");
    let places = [
        SystemRoots::At {
            file: Some(file),
            folder: None,
        },
        SystemRoots::At {
            file: None,
            folder: Some(folder.path().to_owned()),
        },
    ];
    for place in places {
        let config = authority.issue(&["127.0.0.1"], Purpose::Server).server(None);
        check(config, &Trust::roots(place, Vec::new()), Ok(()));
    }
}

/// A root file system without any certificate still serves plain HTTP.
#[test]
fn no_roots_are_no_obstacle_to_plain_http() {
    let origin = Origin::start([("/x", Route::always(Reply::ok(b"zip")))]);
    let outcome = fetch_by(&client(quick(), &trusting(&[])), &origin.url("/x"));
    assert_eq!(outcome, Ok(b"zip".to_vec()));
}
