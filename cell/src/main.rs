//! argv in, exit code out. The program's name says which role it plays: the builder, the clone of a repository, a
//! container's keeper, runtime or process 1; else it is `cell`.

#![expect(clippy::disallowed_methods, reason = "arguments are read once, here")]

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let name = args
        .first()
        .map(Path::new)
        .and_then(Path::file_name)
        .unwrap_or_default();
    let rest = args.get(1..).unwrap_or_default();
    if name == "builder" {
        return builder::run(rest.iter().cloned()).into();
    }
    if name == cell::clone::ROLE {
        return cell::clone::play(rest);
    }
    if let Some(code) = cell::runtime::play_role(args.iter().cloned()) {
        return code;
    }
    cell::cli::run(args).into()
}
