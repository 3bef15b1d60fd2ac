//! `fetch`: one asset, under a lease that stays, or as a stream after which nothing stays.

use std::io::{self, Write};
use std::path::Path;

use super::super::args::obtain::Fetch;
use super::super::args::values::Handout;
use super::super::failure::{Failure, UsageFault};
use super::super::request;
use super::super::show::fetched::{self, Hold};
use super::super::text::time::seconds;
use super::{Context, Open, view};
use crate::archive::ArchiveError;
use crate::error::CacheError;
use crate::fetched::Fetched;
use crate::model::object::Form;
use crate::model::request::Request;
use crate::sys::SysError;
use crate::sys::out_file::OutFile;

/// What is handed out, and how.
enum Way<'a> {
    /// By its path, on a lease that stays.
    Path(Form),
    /// As bytes, on a lease that ends with the command.
    Stream(Form, &'a Path),
    /// As a view of one asset.
    View(&'a Path),
}

/// Fetches one asset.
pub(super) fn run(args: &Fetch, context: &Context<'_>) -> Result<(), Failure> {
    match way(args)? {
        Way::Path(form) => lend(args, form, context),
        Way::Stream(form, out) => stream(args, form, out, context),
        Way::View(directory) => view::single(args, directory, context),
    }
}

fn way(args: &Fetch) -> Result<Way<'_>, UsageFault> {
    match (args.handout, args.out.as_deref()) {
        (Handout::Dir, None) => Ok(Way::Path(Form::Tree)),
        (Handout::File, None) => Ok(Way::Path(Form::File)),
        (Handout::Tar, Some(out)) => Ok(Way::Stream(Form::Tree, out)),
        (Handout::File, Some(out)) => Ok(Way::Stream(Form::File, out)),
        (Handout::View, Some(out)) => Ok(Way::View(out)),
        (Handout::View, None) => Err(UsageFault::NoViewOut),
        (Handout::Dir, Some(_)) => Err(UsageFault::NeedlessOut),
        (Handout::Tar, None) => Err(UsageFault::NoOut("tar")),
    }
}

/// Hands out a path. Until it was told, its lease is this process's: when that is killed, it can be reclaimed (C-85).
/// When nobody can be told of the lease, it is given back.
fn lend(args: &Fetch, form: Form, context: &Context<'_>) -> Result<(), Failure> {
    let wanted = request::lasting(&args.holder, seconds(context.now))?;
    let ours = request::passing(&args.holder)?;
    let asked = request::asset(&args.asset, form, context.settings.rules, ours)?;
    let open = context.open()?;
    let answer = obtain(&asked, &open, context)?;
    let console = &context.console;
    let told = if console.is_json() {
        console.json(&fetched::json(&asked, &answer, Hold::Kept))
    } else {
        console.lines(fetched::lines(&answer))
    };
    let handed_over = told.and_then(|()| {
        let handed_over = open.cache.hand_over(answer.lease, &wanted);
        handed_over.map_err(|error| open.failure(error, context))
    });
    if handed_over.is_err() {
        // Nobody knows its name, or may rely on it: it could only be reclaimed.
        let _ = open.cache.release(answer.lease);
    }
    handed_over
}

/// Hands out bytes; the lease lasts as long as they are written.
fn stream(args: &Fetch, form: Form, out: &Path, context: &Context<'_>) -> Result<(), Failure> {
    let terms = request::passing(&args.holder)?;
    let mut asked = request::asset(&args.asset, form, context.settings.rules, terms)?;
    // A stream needs no name: it passes by (C-25).
    asked.rules.private |= asked.key.is_none() && asked.checksum.is_none();
    let open = context.open()?;
    let answer = obtain(&asked, &open, context)?;
    let written = write(&answer, out, &open, context);
    let released = open.cache.release(answer.lease);
    written?;
    released?;
    // With `-` the bytes are the result.
    if context.console.is_json() && out != Path::new("-") {
        context
            .console
            .json(&fetched::json(&asked, &answer, Hold::Ended))?;
    }
    Ok(())
}

/// Fetches, and tells so in the legacy's words (C-121).
pub(super) fn obtain(asked: &Request, open: &Open, context: &Context<'_>) -> Result<Fetched, Failure> {
    let name = asked.asset();
    context.console.note(fetched::begun(&name));
    let answer = open.cache.fetch(asked, &context.cancel);
    open.screen.clear();
    match answer {
        Ok(answer) => {
            context
                .console
                .note(fetched::done(&name, answer.cost.origin_bytes));
            remark(asked, &answer, context);
            Ok(answer)
        }
        Err(error) => {
            context.console.note(fetched::failed(&name));
            Err(Failure::asset(asked, error, || open.room(context).ok()))
        }
    }
}

/// Says to people what programs read in the answer.
pub(super) fn remark(asked: &Request, answer: &Fetched, context: &Context<'_>) {
    let remark = fetched::remark(asked, answer, seconds(context.now));
    if let Some(line) = remark.filter(|_| !context.console.is_json()) {
        context.console.note(line);
    }
}

fn write(answer: &Fetched, out: &Path, open: &Open, context: &Context<'_>) -> Result<(), Failure> {
    if out == Path::new("-") {
        let mut stdout = io::stdout().lock();
        pour(answer, &mut stdout, Path::new("standard output"), open, context)?;
        return stdout.flush().map_err(Failure::output);
    }
    let mut file = OutFile::create(out).map_err(Failure::Write)?;
    pour(answer, &mut file, out, open, context)?;
    file.commit().map_err(Failure::Write)
}

fn pour(
    answer: &Fetched,
    out: &mut dyn Write,
    place: &Path,
    open: &Open,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let poured = match answer.object.form() {
        Form::Tree => open.cache.write_tar(answer, out, &context.cancel),
        Form::File => open.cache.write_file(answer, out, &context.cancel),
    };
    match poured {
        Ok(_) => Ok(()),
        // Nothing is wrong with the archive, nor with the store.
        Err(CacheError::Archive {
            fault: ArchiveError::Output(error),
            ..
        }) => Err(Failure::Write(SysError::new("write", place, error))),
        Err(error) => Err(error.into()),
    }
}
