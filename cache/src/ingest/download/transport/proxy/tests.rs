use reqwest::Url;

use super::ProxySettings;

fn settings(no_proxy: &str) -> ProxySettings {
    let variables = [
        ("http_proxy", "plain.example:3128"),
        ("HTTPS_PROXY", "http://user:word@secure.example:3129"),
        ("no_proxy", no_proxy),
    ];
    ProxySettings::from_variables(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
    .expect("good settings")
}

#[track_caller]
fn check(no_proxy: &str, url: &str, expected: Option<&str>) {
    let settings = settings(no_proxy);
    let chosen = settings.choose(&Url::parse(url).expect("an address"));
    assert_eq!(chosen.and_then(Url::host_str), expected, "{no_proxy} {url}");
}

/// Rows: R3-07.
#[test]
fn one_proxy_per_scheme() {
    check("", "http://h/x", Some("plain.example"));
    check("", "https://h/x", Some("secure.example"));
}

/// Rows: R3-07.
#[test]
fn loopback_is_never_proxied() {
    for host in [
        "localhost",
        "127.0.0.1",
        "127.9.9.9:80",
        "[::1]:8080",
        "[::ffff:127.0.0.1]",
    ] {
        check("", &format!("http://{host}/x"), None);
        check("", &format!("https://{host}/x"), None);
    }
}

#[test]
fn exemptions() {
    let proxied = Some("plain.example");
    check("*", "http://h/x", None);
    check("other, h", "http://h/x", None);
    check("H.example", "http://h.EXAMPLE/x", None);
    check("example.com", "http://a.example.com/x", None);
    check("example.com", "http://example.com/x", None);
    check("example.com", "http://badexample.com/x", proxied);
    check(".example.com", "http://example.com/x", proxied);
    check(".example.com", "http://a.example.com/x", None);
    check("*.example.com", "http://a.example.com/x", None);
    check("h:81", "http://h:81/x", None);
    check("h:81", "http://h/x", proxied);
    check("h:80", "http://h/x", None);
    check("10.0.0.0/8", "http://10.9.8.7/x", None);
    check("10.0.0.0/8", "http://11.9.8.7/x", proxied);
    check("0.0.0.0/0", "http://11.9.8.7/x", None);
    check("10.1.2.3", "http://10.1.2.3/x", None);
    check("fd00::/8", "http://[fd12::1]/x", None);
    check("fd12::1", "http://[fd12::1]/x", None);
    check("10.0.0.0/999,h:99999,/,:", "http://10.0.0.1/x", proxied);
}

#[test]
fn a_proxy_that_cannot_be_read_is_named_by_its_variable() {
    for value in ["ftp://user:word@h", "http://", "http://u:word@h:99999", "://"] {
        let outcome = ProxySettings::from_variables(|name| (name == "https_proxy").then(|| value.to_owned()));
        let error = outcome.err().expect("refused").to_string();
        assert_eq!(error, "invalid proxy address in `https_proxy`");
    }
}

#[test]
fn a_cgi_program_does_not_believe_its_caller() {
    let settings = ProxySettings::from_variables(|name| match name {
        "HTTP_PROXY" => Some("http://evil.example".to_owned()),
        "REQUEST_METHOD" => Some("GET".to_owned()),
        _ => None,
    })
    .expect("good settings");
    let url = Url::parse("http://h/x").expect("an address");
    assert!(settings.choose(&url).is_none());
}

#[test]
fn names_are_left_to_a_socks_proxy() {
    let settings = ProxySettings::everything("socks5://s.example", "", "CREDHUB_PROXY").expect("good");
    let url = Url::parse("https://h/x").expect("an address");
    let chosen = settings.choose(&url).map(Url::as_str);
    assert_eq!(chosen, Some("socks5h://s.example:1080"));
}
