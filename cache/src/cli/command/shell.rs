//! `completions` and `man`: what the shell and the reader of manuals need; made from the options themselves.

use std::io::Write;
use std::path::Path;

use clap_mangen::Man;

use super::super::args::{self, inspect};
use super::super::console::Console;
use super::super::failure::Failure;
use crate::sys::SysError;
use crate::sys::fs::make_dir_all;
use crate::sys::out_file::OutFile;

/// Mode of a directory for manual pages, less the umask.
const DIR_MODE: u32 = 0o777;

/// Prints completions for a shell.
pub(super) fn completions(wanted: &inspect::Completions, console: &Console) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(wanted.shell, &mut args::command(), "cellcache", &mut text);
    console.raw(&text)
}

/// Prints the page of the program, or writes the pages of all commands.
pub(super) fn man(wanted: &inspect::Man, console: &Console) -> Result<(), Failure> {
    let mut command = all_shown(args::command());
    command.build();
    match &wanted.out {
        None => console.raw(&page(command)?),
        Some(folder) => {
            let names = write_pages(command, folder)?;
            console.lines(names)
        }
    }
}

/// The options that the short help leaves out, too: the generator of pages would leave their text out.
fn all_shown(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| arg.hide_short_help(false))
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    Man::new(command).render(&mut text).map_err(Failure::output)?;
    Ok(text)
}

/// Writes a page for every command, also nested ones, and tells their paths.
fn write_pages(command: clap::Command, folder: &Path) -> Result<Vec<String>, Failure> {
    make_dir_all(folder, DIR_MODE).map_err(Failure::Write)?;
    let mut written = Vec::new();
    let mut left = vec![command];
    while let Some(command) = left.pop() {
        left.extend(
            command
                .get_subcommands()
                .filter(|one| !one.is_hide_set())
                .cloned(),
        );
        let path = folder.join(Man::new(command.clone()).get_filename());
        let mut file = OutFile::create(&path).map_err(Failure::Write)?;
        file.write_all(&page(command)?)
            .map_err(|e| Failure::Write(SysError::new("write", &path, e)))?;
        file.commit().map_err(Failure::Write)?;
        written.push(path.display().to_string());
    }
    written.sort();
    Ok(written)
}
