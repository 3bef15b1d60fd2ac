//! The options as a whole.

use super::*;

#[test]
fn the_options_hold_together() {
    command().debug_assert();
}

/// Rules: C-118
#[test]
fn every_help_leads_to_exit_codes_units_and_variables() {
    fn check(command: &clap::Command) {
        for one in command.get_subcommands() {
            let foot = one.get_after_long_help().map(ToString::to_string);
            assert_eq!(foot.as_deref(), Some(SEE_ALSO), "{}", one.get_name());
            check(one);
        }
    }
    let command = command();
    check(&command);
    let headings = command.get_arguments().filter_map(clap::Arg::get_help_heading);
    for heading in headings {
        assert!(AFTER_HELP.contains(heading), "{heading}");
    }
}

fn accepts(line: &str) -> bool {
    let words = std::iter::once("cellcache").chain(line.split_whitespace());
    parse(words).is_ok()
}

#[test]
fn every_command_of_the_manual_is_understood() {
    let check = |line| assert!(accepts(line), "{line}");
    check(
        "fetch http://h/x --key k --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    );
    check("fetch http://h/x --key k --checksum md5:d41d8cd98f00b204e9800998ecf8427e --as file --out -");
    check("fetch x --private --as tar --out x.tar --fresh-for 5m --stale-if-error 1h --offline --quiet");
    check("fetch x -k k --always-revalidate --require-etag --strict-legacy --skip-special=false");
    check("fetch x -k k --holder c1 --holder-pid 12 --expires 1h --group g --quota 1G --store /s");
    check("warm --file l --group g");
    check("view create d --file l --group g --holder c1 --name n --destination /x --offline");
    check("view plan --file - --format oci --holder-pid 12 --expires 1h");
    check("view release d 0123");
    check("view list");
    check("fetch x -k k --as view --out d");
    check("lease list");
    check("lease release a b");
    check("lease reclaim --live -");
    check("ls --sort size --group g");
    check("show k");
    check("df --recount");
    check("stats --json");
    check("stats --prometheus");
    check("stats --curve");
    check("explain http://h/x --key k");
    check("explain 7");
    check("declare --group g --consumer c --keys f --ttl 24h");
    check("prune --group g --apply");
    check("evict a b");
    check("evict --all-unleased");
    check("pin k");
    check("pin k --unpin");
    check("verify --repair a");
    check("verify");
    check("doctor --json=true");
    check("completions bash");
    check("man --out d");
    check("--ca-cert a --ca-cert b --client-cert c --client-key k --skip-cert-verify ls");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let check = |line| assert!(!accepts(line), "{line}");
    check("");
    check("fetch");
    check("fetch x --sha256 00");
    check("fetch x --checksum crc:00");
    check("fetch x --fresh-for 5");
    check("fetch x --holder-pid 0");
    check("fetch x --quota ten");
    check("evict");
    check("evict a --all-unleased");
    check("stats --prometheus --curve");
    check("lease release");
    check("declare --group g");
    check("completions korn");
    check("help");
}
