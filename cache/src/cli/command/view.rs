//! `view`: create, plan, release, list.

use std::path::Path;

use serde::Serialize;

use super::super::args::obtain::Fetch;
use super::super::args::view::{MountFormat, View, ViewCreate, ViewPlan, ViewRelease, Wanted};
use super::super::exit_code::Worst;
use super::super::failure::{Failure, UsageFault};
use super::super::show::view as show;
use super::super::text::{list, time::seconds};
use super::super::{input, request};
use super::{Context, Open};
use crate::env::absolute;
use crate::model::lease::LeaseTerms;
use crate::model::lease_record::LeaseId;
use crate::model::object::Form;
use crate::model::view::ViewRecord;
use crate::view::{DESTINATION, Manifest, Mount, ViewItem, ViewRequest};

/// What came of releasing, for programs.
#[derive(Serialize)]
struct Released<'a> {
    view: &'a str,
    leases: Vec<LeaseId>,
}

/// A view, made or planned, on its way to the screen.
struct Made<'a> {
    record: &'a ViewRecord,
    directory: Option<&'a Path>,
    mounts: &'a [Mount],
    manifest: &'a Manifest,
}

/// Carries out one of the commands.
pub(super) fn run(command: &View, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        View::Create(args) => create(args, context),
        View::Plan(args) => plan(args, context),
        View::Release(args) => release(args, context),
        View::List(_) => list_views(context),
    }
}

fn create(args: &ViewCreate, context: &Context<'_>) -> Result<(), Failure> {
    let terms = request::lasting(&args.holder, seconds(context.now))?;
    let mut wanted = wanted(&args.wanted, &terms, context)?;
    wanted.link = args.link.as_deref().map(absolute);
    make(&wanted, args.wanted.format, context)
}

/// A view of one asset, with a link to it.
pub(super) fn single(args: &Fetch, link: &Path, context: &Context<'_>) -> Result<(), Failure> {
    let terms = request::lasting(&args.holder, seconds(context.now))?;
    let asked = request::asset(&args.asset, Form::Tree, context.settings.rules, terms.clone());
    let link = absolute(link);
    let name = link.file_name().ok_or(UsageFault::NoLink)?;
    let wanted = ViewRequest {
        name: name.to_string_lossy().into_owned(),
        items: vec![ViewItem {
            name: asked.asset(),
            request: asked,
            optional: false,
            placement: None,
        }],
        terms,
        destination: DESTINATION.into(),
        link: Some(link),
    };
    make(&wanted, MountFormat::Lines, context)
}

fn make(wanted: &ViewRequest, format: MountFormat, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open()?;
    let made = open.cache.view_create(wanted, &context.cancel);
    open.screen.clear();
    let made = made?;
    let mounts = [made.mount()];
    let shown = Made {
        record: &made.record,
        directory: Some(&made.directory),
        mounts: &mounts,
        manifest: &made.manifest,
    };
    tell(&shown, format, &open, context)
}

fn plan(args: &ViewPlan, context: &Context<'_>) -> Result<(), Failure> {
    let terms = request::lasting(&args.holder, seconds(context.now))?;
    let wanted = wanted(&args.wanted, &terms, context)?;
    let open = context.open()?;
    let planned = open.cache.view_plan(&wanted, &context.cancel);
    open.screen.clear();
    let planned = planned?;
    let shown = Made {
        record: &planned.record,
        directory: None,
        mounts: &planned.mounts,
        manifest: &planned.manifest,
    };
    tell(&shown, args.wanted.format, &open, context)
}

/// What a list asks for.
fn wanted(args: &Wanted, terms: &LeaseTerms, context: &Context<'_>) -> Result<ViewRequest, Failure> {
    let lines = input::list(&args.file, list::assets)?;
    let rules = context.settings.rules;
    let items = lines.iter().map(|line| ViewItem {
        name: line.name.clone(),
        request: request::listed(line, args.group.as_deref(), rules, terms.clone()),
        optional: line.optional,
        placement: line.placement,
    });
    Ok(ViewRequest {
        name: args.name.clone(),
        items: items.collect(),
        terms: terms.clone(),
        destination: args.at.clone(),
        link: None,
    })
}

/// Prints a view. When nobody can be told of it, it is released.
fn tell(made: &Made<'_>, format: MountFormat, open: &Open, context: &Context<'_>) -> Result<(), Failure> {
    for absent in &made.manifest.absent {
        context.console.note(format_args!(
            "note: {} is absent: {}",
            absent.name.escape_debug(),
            absent.message
        ));
    }
    let told = print(made, format, context);
    if told.is_err() {
        // Nobody knows its id; its name may stand for others.
        let _ = open.cache.view_release(&made.record.id.to_string());
    }
    told
}

fn print(made: &Made<'_>, format: MountFormat, context: &Context<'_>) -> Result<(), Failure> {
    let console = &context.console;
    if console.is_json() {
        let Made {
            record,
            directory,
            mounts,
            manifest,
        } = made;
        return console.json(&show::made(record, *directory, mounts, manifest, format));
    }
    if format == MountFormat::Lines {
        return console.lines(show::made_lines(made.record, made.directory, made.mounts));
    }
    // The result is for a runtime; whoever runs it needs the id too.
    console.note(format_args!("view: {}", made.record.id));
    let text = serde_json::to_string(&show::mounts(made.mounts, format)).map_err(Failure::Json)?;
    console.line(text)
}

/// Releases all that can be released, and then says what could not (C-08).
fn release(args: &ViewRelease, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let mut worst = Worst::default();
    for view in &args.views {
        match open.cache.view_release(view) {
            Ok(leases) if context.console.is_json() => context.console.json(&Released { view, leases })?,
            Ok(leases) if leases.is_empty() => {
                context.console.note(format_args!(
                    "note: view {} was released before",
                    view.escape_debug()
                ));
            }
            Ok(_) => {}
            Err(error) => worst.note(Failure::from(error).report(&context.console)),
        }
    }
    worst.into_result()
}

fn list_views(context: &Context<'_>) -> Result<(), Failure> {
    let mut views = context.open_existing()?.cache.views()?;
    views.sort_by(|a, b| (a.made_at, &a.name, a.id).cmp(&(b.made_at, &b.name, b.id)));
    if context.console.is_json() {
        return context.console.json_all(views.iter().map(show::listed));
    }
    context.console.lines(show::lines(&views, seconds(context.now)))
}
