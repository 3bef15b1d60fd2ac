//! argv in, exit code out.

#![expect(clippy::disallowed_methods, reason = "arguments are read once, here")]

fn main() -> std::process::ExitCode {
    cache::cli::run(std::env::args_os()).into()
}
