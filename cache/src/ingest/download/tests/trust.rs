//! TLS, identities, and proxies.

use std::sync::Arc;

use rcgen::{CertifiedKey, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, RootCertStore, ServerConfig};

use super::super::transport::{Fault, ProxySettings};
use super::super::{Origins, Slots};
use super::origin::{Origin, Step, ok, status, then};
use super::{expect_whole, fault, fetch, impatient, origins, quick, words};
use crate::ingest::tls::{Identity, SystemRoots, Trust};

fn certificate(name: &str) -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate")
}

fn key_of(pair: &CertifiedKey<KeyPair>) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(pair.signing_key.serialize_der()).expect("a key")
}

fn server(pair: &CertifiedKey<KeyPair>) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![pair.cert.der().clone()], key_of(pair))
        .expect("a configuration")
}

fn believing(roots: Vec<CertificateDer<'static>>) -> Trust {
    let nowhere = SystemRoots::At {
        file: None,
        folder: None,
    };
    Trust::roots(nowhere, roots)
}

fn with_trust(trust: &Trust, identity: Option<Identity>) -> Origins {
    let proxies = ProxySettings::default();
    Origins::new(quick(), trust, identity, proxies, Slots::default()).expect("a way to origins")
}

/// Rules: C-38, N-16.
#[test]
fn certificate_errors_are_final() {
    let pair = certificate("127.0.0.1");
    let elsewhere = certificate("elsewhere.example");
    let known = with_trust(&believing(vec![pair.cert.der().clone()]), None);
    let unknown = with_trust(&believing(vec![elsewhere.cert.der().clone()]), None);
    let origin = Origin::tls(server(&pair), |_, _| ok("ETag: \"v1\"", b"body"));
    expect_whole(&fetch(&known, &origin.url("/x"), None), b"body");
    expect_whole(&fetch(&known, &origin.url("/x"), None), b"body");
    assert_eq!(origin.connections(), 1, "kept over TLS too");

    let fetched = fetch(&unknown, &origin.url("/x"), None);
    assert!(
        matches!(fault(&fetched), Some(Fault::Certificate { reason, .. }) if **reason == CertificateError::BadSignature),
        "{fetched:?}"
    );
    assert_eq!((fetched.requests, fetched.retries), (1, 0));

    let other = Origin::tls(server(&elsewhere), |_, _| ok("", b"body"));
    let fetched = fetch(&unknown, &other.url("/x"), None);
    assert!(
        matches!(fault(&fetched), Some(Fault::Certificate { .. })),
        "{fetched:?}"
    );
    assert_eq!(fetched.requests, 1);
    let anyone = with_trust(&Trust::anyone(), None);
    expect_whole(&fetch(&anyone, &other.url("/x"), None), b"body");
}

/// Rules: N-18.
#[test]
fn a_server_that_forces_http_2_is_given_up_at_once() {
    let pair = certificate("127.0.0.1");
    let mut config = server(&pair);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let origin = Origin::tls(config, |_, _| ok("", b"body"));
    let fetched = fetch(&with_trust(&Trust::anyone(), None), &origin.url("/x"), None);
    assert!(matches!(fault(&fetched), Some(Fault::Tls(_))), "{fetched:?}");
    assert_eq!(fetched.requests, 1);
}

/// Rules: N-16.
#[test]
fn an_end_without_notice_is_a_cut() {
    let pair = certificate("127.0.0.1");
    let head = "HTTP/1.1 200 OK\r\n\r\nsome";
    let origin = Origin::tls(server(&pair), move |n, _| match n {
        0 => vec![Step::Send(head.into()), Step::Close],
        _ => ok("", b"body"),
    });
    let fetched = fetch(&with_trust(&Trust::anyone(), None), &origin.url("/x"), None);
    expect_whole(&fetched, b"body");
    assert_eq!(fetched.requests, 2);
}

/// Rules: N-06, N-16.
#[test]
fn a_handshake_that_never_ends_ends() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let fetched = fetch(
        &origins(impatient()),
        &format!("https://127.0.0.1:{port}/x"),
        None,
    );
    assert!(
        matches!(fault(&fetched), Some(Fault::DialTimeout(_))),
        "{fetched:?}"
    );
}

/// Rules: N-15.
#[test]
fn a_redirect_to_plain_http_is_refused_while_anyone_is_checked() {
    let pair = certificate("127.0.0.1");
    let plain = Origin::replies([ok("", b"body")]);
    let target = plain.url("/plain?token=zebra");
    let secure = Origin::tls(server(&pair), move |_, _| {
        status("302 Found", &format!("Location: {target}"), b"")
    });
    let checked = with_trust(&believing(vec![pair.cert.der().clone()]), None);
    let fetched = fetch(&checked, &secure.url("/x"), None);
    assert_eq!(fault(&fetched), Some(&Fault::Downgrade));
    assert_eq!(fetched.requests, 1);
    assert_eq!(plain.connections(), 0);
    assert!(!words(&fetched.outcome.expect_err("an error")).contains("zebra"));

    let unchecked = with_trust(&Trust::anyone(), None);
    expect_whole(&fetch(&unchecked, &secure.url("/x"), None), b"body");
}

/// Rules: C-38, S-11.
#[test]
fn an_identity_is_shown_to_who_asks_and_told() {
    let (server_pair, client_pair) = (certificate("127.0.0.1"), certificate("cell"));
    let mut clients = RootCertStore::empty();
    clients.add(client_pair.cert.der().clone()).expect("a root");
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(clients), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![server_pair.cert.der().clone()], key_of(&server_pair))
        .expect("a configuration");
    let origin = Origin::tls(config, |_, _| ok("", b"body"));
    let trust = believing(vec![server_pair.cert.der().clone()]);
    let identity = Identity::from_pem(
        client_pair.cert.pem().as_bytes(),
        client_pair.signing_key.serialize_pem().as_bytes(),
    );
    let known = with_trust(&trust, Some(identity.expect("an identity")));
    let fetched = fetch(&known, &origin.url("/x"), None);
    expect_whole(&fetched, b"body");
    let head = fetched.head.expect("a head");
    assert!(head.served_to_credentials && !head.served_to_user_info);

    let plain = Origin::replies([ok("", b"body")]);
    let head = fetch(&known, &plain.url("/x"), None).head.expect("a head");
    assert!(!head.served_to_credentials, "nobody could ask");

    let nobody = with_trust(&trust, None);
    let fetched = fetch(&nobody, &origin.url("/x"), None);
    assert!(fault(&fetched).is_some(), "{fetched:?}");
}

fn through(proxy: &str) -> Origins {
    let proxies = ProxySettings::everything(proxy, "", "HTTP_PROXY").expect("a proxy");
    let trust = Trust::default();
    Origins::new(quick(), &trust, None, proxies, Slots::default()).expect("a way to origins")
}

/// Rules: C-37, N-17.
#[test]
fn a_proxy_is_asked_for_the_whole_address() {
    let proxy = Origin::replies([ok("", b"body")]);
    let origins = through(&proxy.url("").replacen("://", "://kim:pony@", 1));
    expect_whole(&fetch(&origins, "http://origin.example/x", None), b"body");
    expect_whole(&fetch(&origins, "http://origin.example/y", None), b"body");
    let requests = proxy.requests();
    assert_eq!(requests[0].target, "http://origin.example/x");
    assert_eq!(
        requests[0].header("proxy-authorization"),
        Some("Basic a2ltOnBvbnk=")
    );
    assert_eq!(requests[1].connection, 0);
}

/// Rules: N-17, K-03.
#[test]
fn a_proxy_that_refuses_fails_like_an_origin() {
    let deny = Origin::replies([status("407 Who", "Proxy-Authenticate: Basic", b"")]);
    let hang_up = Origin::replies([vec![Step::Close]]);
    let half = Origin::replies([then(vec![Step::Send(b"HTTP/1.1".to_vec())], &[Step::Close])]);
    for proxy in [&deny, &hang_up, &half] {
        for target in [
            "http://origin.example/x?t=zebra",
            "https://origin.example/x?t=zebra",
        ] {
            let origins = through(&proxy.url("").replacen("://", "://kim:pony@", 1));
            let fetched = fetch(&origins, target, None);
            assert_eq!(fetched.requests, 4, "{fetched:?}");
            let error = fetched.outcome.expect_err("an error");
            for secret in ["kim", "pony", "zebra"] {
                assert!(!words(&error).contains(secret), "{error}");
                assert!(!format!("{error:?}").contains(secret), "{error:?}");
            }
        }
    }
}
