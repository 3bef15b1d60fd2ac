//! What is typed, and what it means.

use super::*;

/// `name kind printed`, or what is wrong.
fn check(typed: &str, expected: &str) {
    let got = match Buildpack::parse(OsStr::new(typed)) {
        Ok(found) => {
            let kind = match found.source {
                Source::Path(_) => "path",
                Source::Archive(_) => "archive",
                Source::Git(_) => "git",
            };
            format!("{} {kind} {}", found.name, found.source)
        }
        Err(fault) => fault.to_string(),
    };
    assert_eq!(got, expected, "{typed}");
}

#[test]
fn a_path_an_archive_or_a_repository() {
    check("ruby", "ruby path ruby");
    check(
        "/b/ruby_buildpack-cached-v1.zip",
        "ruby_buildpack-cached-v1 path /b/ruby_buildpack-cached-v1.zip",
    );
    check("../go.tar.gz", "go path ../go.tar.gz");
    check("./a b/", "a-b path ./a b/");
    check("https://h/x/go.tgz?v=1", "go archive https://h/x/go.tgz?v=...");
    check(
        "https://github.com/o/go-buildpack",
        "go-buildpack git https://github.com/o/go-buildpack",
    );
    check("https://h/o/go.git#v1", "go git https://h/o/go.git#v1");
    check("ssh://git@h/o/r.git", "r git ssh://***@h/o/r.git");
    check("./git@h:o/r.git", "r path ./git@h:o/r.git");
    check("/u:p@h/x", "x path /u:p@h/x");
    check("ruby@1", "ruby-1 path ruby@1");
}

#[test]
fn a_name_may_be_said() {
    check("mine=/b/x.zip", "mine path /b/x.zip");
    check("mine=https://h/x.zip", "mine archive https://h/x.zip");
    check("./a=b", "a-b path ./a=b");
    check("https://h/x.zip?a=b", "x archive https://h/x.zip?a=...");
}

/// Rules: K-01
#[test]
fn secrets_are_not_shown() {
    check(
        "https://u:hunter2@h/x.zip?t=word",
        "x archive https://***@h/x.zip?t=...",
    );
    check("https://u:hunter2@h/x", "x git https://***@h/x");
    check("ftp://u:hunter2@h/x.zip", "ftp://***@h/x.zip cannot be asked for");
    check("https://u:hun%ter2@h/x.zip", "https://***@h/x.zip is no address");
}

#[test]
fn what_is_no_buildpack_is_refused() {
    check("", "Expected a directory, an archive or an address");
    check("mine=", "Expected a directory, an archive or an address");
    check("/", "No name can be made of /: say NAME=SOURCE");
    check("..", "No name can be made of ..: say NAME=SOURCE");
}

#[test]
fn no_two_of_one_name() {
    let parse = |text: &str| Buildpack::parse(OsStr::new(text)).unwrap();
    let (a, b, c) = (parse("x/go.zip"), parse("y/go"), parse("other=y/go"));
    assert_eq!(Buildpack::check_names(&[a.clone(), c]), Ok(()));
    let refused = Buildpack::check_names(&[a, b]).unwrap_err().to_string();
    assert_eq!(
        refused,
        "Two buildpacks are called `go`: say NAME=SOURCE for one of them"
    );
}

/// Rules: K-01
#[test]
fn what_was_meant_as_an_address_is_no_path() {
    let scp = "Expected ssh://USER@HOST/PATH for a repository, or a path that begins with `./`";
    check("git@h:o/r.git", scp);
    let password = "Expected `://` in an address with a user and a password, or a path that begins with `./`";
    for typed in [
        "https//u:hunter2@h/x.zip",
        "http:/u:hunter2@h/x.zip",
        "http:u:hunter2@h/x.zip",
        "//u:hunter2@h/x.zip",
        "u:hunter2@h:x.git",
        "mine=u:hunter2@h/x.git",
    ] {
        check(typed, password);
    }
}
