//! argv in, exit code out.

#![expect(clippy::disallowed_methods, reason = "arguments are read once, here")]

use std::process::ExitCode;

fn main() -> ExitCode {
    // The program is started again by itself in other roles: keeper, runtime, process 1 of a container.
    if let Some(code) = cell::runtime::play_role(std::env::args_os()) {
        return code;
    }
    ExitCode::from(2)
}
