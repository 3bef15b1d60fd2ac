//! `unpack [--disk] ARCHIVE DESTINATION`: unpacks a zip, tar or tgz by the store's rules, and tells what came out.
//!
//! The manifest goes to standard output; with `--disk` a zip is read as a file by several threads instead of as a
//! stream.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a program for the shell"
)]

use std::error::Error;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, stdout};
use std::path::Path;
use std::process::ExitCode;

use cache::archive::{Policy, Unpacked, Unsupervised, unpack, unpack_zip_file};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [archive, destination] => run(archive.as_ref(), destination.as_ref(), false),
        [flag, archive, destination] if flag == "--disk" => run(archive.as_ref(), destination.as_ref(), true),
        _ => Err("usage: unpack [--disk] ARCHIVE DESTINATION".into()),
    };
    match outcome {
        Ok(unpacked) => {
            eprintln!("{unpacked:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(archive: &Path, destination: &Path, on_disk: bool) -> Result<Unpacked, Box<dyn Error>> {
    let mut archive = File::open(archive)?;
    let mut manifest = BufWriter::new(stdout().lock());
    let policy = Policy::store();
    let unpacked = if on_disk {
        unpack_zip_file(&archive, destination, &policy, &Unsupervised, &mut manifest)
    } else {
        unpack(&mut archive, destination, &policy, &Unsupervised, &mut manifest)
    };
    Ok(unpacked?)
}
