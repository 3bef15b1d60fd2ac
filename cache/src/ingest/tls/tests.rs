use super::{Identity, TlsError, Trust, certificates, client_config, usable_roots};

/// Made for these tests, used nowhere else.
const CERTIFICATE: &str = include_str!("tests/rsa-certificate.pem");
const PKCS1: &str = include_str!("tests/rsa-key-pkcs1.pem");

/// A certificate and its PKCS#8 key.
fn other_pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["test".to_owned()]).expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// Rows: R14-05.
#[test]
fn keys_of_either_form_make_an_identity() {
    let (certificate, pkcs8) = other_pair();
    for (chain, key) in [(CERTIFICATE, PKCS1), (&certificate, &pkcs8)] {
        let identity = Identity::from_pem(chain.as_bytes(), key.as_bytes()).expect("a pair");
        let config = client_config(&Trust::default(), Some(&identity)).expect("a configuration");
        assert!(config.client_auth_cert_resolver.has_certs());
    }
}

/// Rows: R14-05.
#[test]
fn what_is_no_pair_is_refused() {
    let identity = |chain: &str, key: &str| Identity::from_pem(chain.as_bytes(), key.as_bytes()).err();
    let (_, other) = other_pair();
    assert!(matches!(
        identity(CERTIFICATE, &other),
        Some(TlsError::Refused(_))
    ));
    assert!(matches!(identity(CERTIFICATE, "nonsense"), Some(TlsError::NoKey)));
    assert!(matches!(
        identity(CERTIFICATE, CERTIFICATE),
        Some(TlsError::NoKey)
    ));
    assert!(matches!(
        identity("nonsense", PKCS1),
        Some(TlsError::NoCertificate)
    ));
    assert!(matches!(identity(PKCS1, PKCS1), Some(TlsError::NoCertificate)));
}

/// Rows: R14-06.
#[test]
fn roots_are_picked_out_of_other_text() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let text = format!("comment\n{PKCS1}\n{broken}{CERTIFICATE}");
    assert_eq!(usable_roots(text.as_bytes()).len(), 1);
    assert_eq!(usable_roots(broken.as_bytes()).len(), 0);
    assert_eq!(usable_roots(b"-----BEGIN CERTIFICATE-----\n!!\n").len(), 0);
    assert_eq!(certificates(text.as_bytes()).expect("certificates").len(), 2);
}
