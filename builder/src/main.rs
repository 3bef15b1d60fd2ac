//! argv in, exit code out.

#![expect(clippy::disallowed_methods, reason = "arguments are read once, here")]

fn main() -> std::process::ExitCode {
    builder::run(std::env::args_os().skip(1)).into()
}
