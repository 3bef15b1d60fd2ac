//! `CredHub` as a staging sees it (§14): the programs talk to an origin on loopback over mutual TLS.

use tests::certificates::{Authority, Purpose};
use tests::expect::Expect;
use tests::origin::{Origin, Reply, Route};
use tests::scenario::Scenario;

use super::hold;

const PATH: &str = "/api/v1/interpolate";
const SERVICES: &str = r#"{"p":[{"credentials":{"credhub-ref":"<&>"}}], "a": 1.50}"#;
const SENT: &str = r#"{"a":1.5,"p":[{"credentials":{"credhub-ref":"\u003c\u0026\u003e"}}]}"#;
const FAILED: &str = "Unable to interpolate credhub references: ";

/// A `CredHub` with these answers, and a staging that asks it.
fn asking(name: &'static str, rows: &'static str, replies: Vec<Reply>) -> (Origin, Scenario) {
    let authority = Authority::new("platform root");
    let server = authority
        .issue(&["127.0.0.1"], Purpose::Server)
        .server(Some(&authority));
    let origin = Origin::start_tls([(PATH, Route::Replies(replies))], server);
    let client = authority.issue(&["instance"], Purpose::Client);
    let scenario = Scenario::skip(name, rows)
        .buildpack("a", "shows-environment")
        .env(
            "VCAP_PLATFORM_OPTIONS",
            format!("{{\"credhub-uri\":\"{}\"}}", origin.url("/dropped?query")),
        )
        .env("VCAP_SERVICES", SERVICES)
        .env("CF_INSTANCE_CERT", "{root}/instance.pem")
        .env("CF_INSTANCE_KEY", "{root}/instance.key")
        .env("CF_SYSTEM_CERT_PATH", "{root}/certificates")
        .file("{root}/instance.pem", client.certificate)
        .file("{root}/instance.key", client.key)
        .file("{root}/certificates/root.crt", authority.pem())
        .file("{root}/certificates/README", "not a certificate");
    (origin, scenario)
}

/// Rows: R14-06, R14-07, R14-08, R3-04
#[test]
fn references_are_replaced() {
    let answer = r#"{"p":[{"credentials":{"password":"x"}}]}"#;
    let (origin, scenario) = asking(
        "replaced",
        "R14-06, R14-07, R14-08",
        vec![Reply::with_body(201, &[], answer.as_bytes())],
    );
    hold(&[scenario
        .exit(0)
        .expect(Expect::StdoutHas(format!("\nVCAP_SERVICES={answer}\n")))]);
    let requests = origin.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line(), format!("POST {PATH}"));
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    assert_eq!(String::from_utf8_lossy(&requests[0].body), SENT);
}

/// Rows: R14-07, R14-08
#[test]
fn references_in_a_services_file_are_replaced() {
    let answer = r#"{"p":[{"credentials":{"uri":"mysql://u:p@h/db"}}]}"#;
    let (origin, scenario) = asking("by-file", "R14-07, R14-08", vec![Reply::ok(answer.as_bytes())]);
    let scenario = scenario
        .without_env("VCAP_SERVICES")
        .env("VCAP_SERVICES_FILE_PATH", "{root}/services.json")
        .file("{root}/services.json", SERVICES)
        .exit(0)
        .expect(Expect::StdoutHas("DATABASE_URL=mysql2://u:p@h/db\n".into()));
    hold(&[scenario.expect(Expect::StdoutHas(format!("\nVCAP_SERVICES={answer}\n")))]);
    assert_eq!(String::from_utf8_lossy(&origin.requests()[0].body), SENT);
}

/// Rows: R14-09, R14-10, R14-12, R14-01, R2.1-04
#[test]
fn failures_are_told_and_counted() {
    let refusal = Reply::with_body(500, &[], br#"{"error":"broken","error_description":"for now"}"#);
    let (origin, scenario) = asking("refused", "R14-09, R14-10, R14-12", vec![refusal]);
    let lines = [1, 2, 3]
        .map(|i| format!("Failed on attempt {i} out of 3: {FAILED}broken: for now\n"))
        .concat();
    let scenario = scenario.exit(4).stdout(lines).stderr(format!(
        "Unable to interpolate credhub refs: {FAILED}broken: for now"
    ));
    hold(&[scenario.that(|outcome| assert_eq!(outcome.cache_dir, Vec::<String>::new()))]);
    assert_eq!(origin.requests().len(), 3);
}

/// Rows: R14-10
#[test]
fn an_error_without_json() {
    let (_origin, scenario) = asking("no-json", "R14-10", vec![Reply::with_body(502, &[], b"<html>")]);
    let scenario = scenario.flags(&["-credhubConnectAttempts=1"]).exit(4);
    hold(&[scenario.stderr_has(format!(
        "Unable to interpolate credhub refs: {FAILED}The response body could not be decoded: "
    ))]);
}

/// Rows: R14-11
#[test]
fn services_that_are_no_object() {
    let (origin, scenario) = asking("no-object", "R14-11", vec![Reply::ok(b"{}")]);
    let scenario = scenario
        .env("VCAP_SERVICES", r#"["credhub-ref"]"#)
        .flags(&["-credhubConnectAttempts=2"]);
    let scenario = scenario
        .exit(4)
        .expect(Expect::StdoutHas("Failed on attempt 2 out of 2: ".into()));
    hold(&[scenario.stderr_has("Unable to interpolate credhub refs: ")]);
    assert_eq!(origin.requests().len(), 0);
}

/// Rows: R14-13
#[test]
fn services_too_large_for_a_variable() {
    let answer = format!(r#"{{"p":"{}"}}"#, "x".repeat(200 * 1024));
    let (_origin, scenario) = asking("too-large", "R14-13", vec![Reply::ok(answer.as_bytes())]);
    hold(&[scenario
        .exit(223)
        .stderr_has("fork/exec ROOT/bps/XX(a)/bin/compile: argument list too long\n")]);
}

/// Rows: R14-15
#[test]
fn an_answer_that_is_no_object_is_refused() {
    for answer in ["", "text", "[]"] {
        let (_origin, scenario) = asking("answer", "R14-15", vec![Reply::ok(answer.as_bytes())]);
        hold(&[scenario.flags(&["-credhubConnectAttempts=1"]).exit(4)]);
    }
}

/// Rows: R14-14
#[test]
fn no_attempts_count_as_one() {
    let (origin, scenario) = asking("none", "R14-14", vec![Reply::ok(b"{}")]);
    hold(&[scenario.flags(&["-credhubConnectAttempts=0"]).exit(0)]);
    assert_eq!(origin.requests().len(), 1);
}
