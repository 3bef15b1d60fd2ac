use super::{ClonePlan, Depth, Ssh, Unclonable, plan};
use crate::model::go_url::GoUrl;
use std::ffi::OsString;
use std::path::Path;

fn planned(url: &str) -> ClonePlan {
    plan(&GoUrl::parse(url.as_bytes()).unwrap(), Path::new("/d/x"))
        .unwrap_or_else(|reason| panic!("{url}: {reason}"))
}

/// The words of the command without the settings in front of it.
fn words(args: &[OsString]) -> String {
    let words: Vec<_> = args.iter().map(|word| word.to_str().unwrap()).collect();
    let start = words.chunks(2).take_while(|pair| pair[0] == "-c").count() * 2;
    words[start..].join(" ")
}

fn settings(args: &[OsString]) -> Vec<&str> {
    args.windows(2)
        .filter(|pair| pair[0] == "-c")
        .map(|pair| pair[1].to_str().unwrap())
        .collect()
}

#[track_caller]
fn check(url: &str, shallow: &str, full: &str) {
    let plan = planned(url);
    assert_eq!(words(&plan.clone_with(Depth::Shallow, None)), shallow, "{url}");
    assert_eq!(words(&plan.clone_with(Depth::Full, None)), full, "{url}");
}

/// Rows: R6.4-01, R6.4-02, R6.4-03, R6.1-03
#[test]
fn a_clone_is_shallow_first_and_full_then() {
    check(
        "HTTPS://h/r.git",
        "clone --depth 1 --recursive --progress --template= -- https://h/r.git /d/x",
        "clone --recursive --progress --template= -- https://h/r.git /d/x",
    );
    check(
        "https://h/r.git#feature%2Fx",
        "clone --depth 1 --recursive --progress --template= --branch=feature/x -- https://h/r.git /d/x",
        "clone --recursive --progress --template= --branch=feature/x -- https://h/r.git /d/x",
    );
    check(
        "https://h/r.git#",
        "clone --depth 1 --recursive --progress --template= -- https://h/r.git /d/x",
        "clone --recursive --progress --template= -- https://h/r.git /d/x",
    );
    check(
        "foo:bar",
        "clone --depth 1 --recursive --progress --template= -- foo:bar /d/x",
        "clone --recursive --progress --template= -- foo:bar /d/x",
    );
}

#[track_caller]
fn check_address(url: &str, expected: &str) {
    let args = planned(url).clone_with(Depth::Full, Some(7));
    assert_eq!(args[args.len() - 2], expected, "{url}");
    let all = format!("{args:?}");
    assert!(
        !all.contains("S3CRET") && !all.contains("S3%43RET"),
        "{url}: {all}"
    );
}

/// Rows: G-06
#[test]
fn no_argument_holds_a_password() {
    check_address("https://u:S3CRET@h/r", "https://h/r");
    check_address("https://S3CRET@h/r", "https://h/r");
    check_address("http://u:S3%43RET@h/r", "http://h/r");
    check_address("ssh://git:S3CRET@h/r", "ssh://git@h/r");
    check_address("ssh://git@h:22/r", "ssh://git@h:22/r");
    check_address("git://u:S3CRET@h/r", "git://h/r");
    check_address("file:///r", "file:///r");
}

fn helper_text(url: &str) -> Option<String> {
    planned(url)
        .credentials()
        .map(|credentials| String::from_utf8(credentials.expose()).unwrap())
}

/// Rows: G-06
#[test]
fn the_helper_says_the_decoded_credentials() {
    assert_eq!(
        helper_text("https://u%40x:p%2Fw@h/r").as_deref(),
        Some("username=u@x\npassword=p/w\n")
    );
    assert_eq!(
        helper_text("https://token@h/r").as_deref(),
        Some("username=token\n")
    );
    assert_eq!(
        helper_text("https://:p@h/r").as_deref(),
        Some("username=\npassword=p\n")
    );
    assert_eq!(helper_text("https://h/r"), None);
    assert_eq!(helper_text("ssh://git:p@h/r"), None);
}

/// Rows: G-06
#[test]
fn the_helper_answers_for_one_server_only() {
    let args = planned("https://u:p@h:8443/r").clone_with(Depth::Full, Some(7));
    let ours: Vec<_> = settings(&args)
        .into_iter()
        .filter(|setting| setting.contains("//"))
        .collect();
    assert_eq!(ours.len(), 3);
    assert_eq!(ours[0], "credential.https://h:8443.helper=");
    assert!(
        ours[1].starts_with("credential.https://h:8443.helper=!f()") && ours[1].contains("/proc/self/fd/7;")
    );
    assert_eq!(ours[2], "http.https://h:8443/.proactiveAuth=basic");
}

#[track_caller]
fn check_refused(url: &str, expected: Unclonable) {
    let url = GoUrl::parse(url.as_bytes()).unwrap();
    assert_eq!(plan(&url, Path::new("/d")).err(), Some(expected), "{url:?}");
}

/// Rows: G-02
#[test]
fn hostile_parts_are_refused() {
    check_refused("ssh://-oProxyCommand=x/r", Unclonable::LeadingDash);
    check_refused("ssh://-oProxyCommand=x@h/r", Unclonable::LeadingDash);
    check_refused("https://h/r#-x", Unclonable::LeadingDash);
    check_refused("https://h/r#--upload-pack=x", Unclonable::LeadingDash);
    check_refused("foo:-x", Unclonable::LeadingDash);
    check_refused("https://h/r%0ax", Unclonable::ControlCharacter);
    check_refused("https://h/r%00x", Unclonable::ControlCharacter);
    check_refused("https://h/r#a%0ab", Unclonable::ControlCharacter);
    check_refused("https://h/r#a\nb", Unclonable::ControlCharacter);
    check_refused("https://u%0Ahost=evil:p@h/r", Unclonable::ControlCharacter);
    check_refused("https://u:p%0D@h/r", Unclonable::ControlCharacter);
    check_refused("https:u:p@h/r", Unclonable::CredentialsWithoutHost);
    check_refused("https://u:p@h=x/r", Unclonable::UnusualHost);
    check_refused("https://u:p@\u{e9}/r", Unclonable::UnusualHost);
}

fn environment(url: &str, inherited: &[(&str, &str)], ssh: Ssh) -> Vec<(String, String)> {
    let inherited = inherited
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let text = |text: OsString| text.into_string().unwrap();
    planned(url)
        .environment(inherited, ssh)
        .into_iter()
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

#[track_caller]
fn check_variable(variables: &[(String, String)], name: &str, expected: Option<&str>) {
    let values: Vec<_> = variables
        .iter()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(values, expected.into_iter().collect::<Vec<_>>(), "{name}");
}

/// Rows: G-01, G-04
#[test]
fn the_environment_cannot_widen_what_is_allowed() {
    let inherited = [
        ("GIT_ALLOW_PROTOCOL", "ext"),
        ("GIT_ASKPASS", "x"),
        ("SSH_ASKPASS", "x"),
        ("GIT_DIR", "/r"),
        ("GIT_TERMINAL_PROMPT", "1"),
        ("A", "b"),
    ];
    let variables = environment("https://h/r", &inherited, Ssh::Ours);
    check_variable(&variables, "GIT_ALLOW_PROTOCOL", Some("http:https:ssh:git"));
    check_variable(&variables, "GIT_TERMINAL_PROMPT", Some("0"));
    check_variable(&variables, "GIT_ASKPASS", None);
    check_variable(&variables, "SSH_ASKPASS", None);
    check_variable(&variables, "GIT_DIR", None);
    check_variable(&variables, "A", Some("b"));
    check_variable(&variables, "GIT_SSH_COMMAND", Some("ssh -oBatchMode=yes"));
}

/// Rows: G-04
#[test]
fn a_choice_of_ssh_is_kept() {
    let ssh_command = |inherited, ssh| {
        let variables = environment("ssh://h/r", inherited, ssh);
        variables
            .into_iter()
            .find(|(name, _)| name == "GIT_SSH_COMMAND")
            .map(|(_, value)| value)
    };
    assert_eq!(
        ssh_command(&[("GIT_SSH_COMMAND", "mine")], Ssh::Ours).as_deref(),
        Some("mine")
    );
    assert_eq!(
        ssh_command(&[("GIT_SSH_COMMAND", "")], Ssh::Ours).as_deref(),
        Some("ssh -oBatchMode=yes")
    );
    assert_eq!(ssh_command(&[("GIT_SSH", "mine")], Ssh::Ours), None);
    assert_eq!(ssh_command(&[], Ssh::Configured), None);
}

/// Rows: G-01, G-03
#[test]
fn a_local_repository_may_be_cloned() {
    let plan = planned("file:///r");
    let args = plan.clone_with(Depth::Full, None);
    let settings = settings(&args);
    assert!(settings.contains(&"protocol.ext.allow=never") && settings.contains(&"protocol.fd.allow=never"));
    assert!(
        !settings
            .iter()
            .any(|setting| setting.starts_with("protocol.file"))
    );
    check_variable(
        &environment("file:///r", &[("GIT_ALLOW_PROTOCOL", "ext")], Ssh::Ours),
        "GIT_ALLOW_PROTOCOL",
        None,
    );
}

/// Rows: R6.4-11
#[test]
fn a_hash_may_be_a_commit() {
    let is_commit = |fragment: &str| {
        planned(&format!("https://h/r#{fragment}"))
            .commit()
            .map(|commit| commit.is_complete())
    };
    assert_eq!(is_commit("0123456789abcdef0123456789abcdef01234567"), Some(true));
    assert_eq!(is_commit("0123456"), Some(false));
    assert_eq!(is_commit("ABCDEF0"), Some(false));
    for other in ["012345", "v1.2.3.4", "main-branch", "0123456g", ""] {
        assert_eq!(is_commit(other), None, "{other}");
    }
}

/// Rows: R6.4-11
#[test]
fn a_commit_is_taken_in_steps() {
    let plan = planned("https://h/r#0123abc");
    let commit = plan.commit().unwrap();
    let check = |args: Vec<OsString>, expected: &str| assert_eq!(words(&args), expected);
    check(
        commit.look_for_name(None),
        "ls-remote --exit-code -- https://h/r refs/heads/0123abc refs/tags/0123abc",
    );
    check(commit.start(), "init --quiet --template= -- /d/x");
    check(commit.name_origin(), "-C /d/x remote add -- origin https://h/r");
    check(
        commit.fetch(Depth::Shallow, None),
        "-C /d/x fetch --depth 1 --progress -- origin 0123abc",
    );
    check(
        commit.fetch(Depth::Full, None),
        "-C /d/x fetch --progress --tags -- origin",
    );
    check(commit.check_out(), "-C /d/x checkout --quiet --detach 0123abc --");
    check(
        commit.bring_in_submodules(None),
        "-C /d/x submodule update --init --recursive --progress",
    );
}
