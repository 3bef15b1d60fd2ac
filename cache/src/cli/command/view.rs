//! `view`: create, plan, release, list; and `fetch --as view`.

use std::path::{Path, PathBuf};

use super::super::args::obtain::{Fetch, HolderArgs};
use super::super::args::view::{
    PlanFormat, View, ViewAdd, ViewCreate, ViewDetach, ViewEntries, ViewPlan, ViewRelease,
};
use super::super::exit_code::Worst;
use super::super::failure::Failure;
use super::super::show::view as show;
use super::super::text::list::{self, Listed};
use super::super::text::time::seconds;
use super::super::{input, request};
use super::{Context, Open};
use crate::cache::Cache;
use crate::env::absolute;
use crate::error::CacheError;
use crate::model::lease::LeaseTerms;
use crate::model::lease_record::LeaseId;
use crate::model::object::Form;
use crate::model::request::Source;
use crate::model::view::{ViewId, ViewRecord};
use crate::view::{Absent, DESTINATION, Mount, Showing, ViewAddition, ViewItem, ViewRequest, WantedWay};

/// Carries out one of the commands.
pub(super) fn run(command: &View, context: &Context<'_>) -> Result<(), Failure> {
    match command {
        View::Create(args) => create(args, context),
        View::Plan(args) => plan(args, context),
        View::Add(args) => add(args, context),
        View::Detach(args) => detach(args, context),
        View::Release(args) => release(args, context),
        View::List(_) => list_views(context),
    }
}

/// Makes a view of the one asset of a fetch.
pub(super) fn single(args: &Fetch, directory: &Path, context: &Context<'_>) -> Result<(), Failure> {
    let terms = request::lasting(&args.holder, seconds(context.now))?;
    let asked = request::asset(&args.asset, Form::Tree, context.settings.rules, terms.clone())?;
    let name = match &asked.key {
        Some(key) => String::from_utf8_lossy(key.as_bytes()).into_owned(),
        None => last_part(&asked.source),
    };
    let wanted = ViewRequest {
        name: view_name(&args.holder, Some(directory)),
        items: vec![ViewItem {
            name,
            request: asked,
            optional: false,
            placement: None,
        }],
        terms,
        destination: DESTINATION.into(),
        link: Some(absolute(directory)),
        // Whoever fetches one asset as a directory reads it in its place: no mount.
        showing: Showing {
            way: WantedWay::InPlace,
            ..Showing::default()
        },
    };
    make(&wanted, None, context)
}

fn create(args: &ViewCreate, context: &Context<'_>) -> Result<(), Failure> {
    let name = args.entries.name.clone();
    let name = name.unwrap_or_else(|| view_name(&args.holder, Some(&args.directory)));
    let mut wanted = read(&args.entries, name, &args.holder, context)?;
    wanted.link = Some(absolute(&args.directory));
    wanted.showing = args.showing.showing();
    make(&wanted, args.format, context)
}

/// Makes a view. When nobody can be told of it, it is taken back.
fn make(wanted: &ViewRequest, format: Option<PlanFormat>, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open()?;
    let made = open.cache.view_create(wanted, &context.cancel);
    open.screen.clear();
    let view = made.map_err(|error| open.failure(error, context))?;
    tell_absent(&view.manifest.absent, context);
    let told = match how(format, context) {
        Told::Json => context.console.json(&show::created(&view)),
        Told::Mounts(format) => tell_mounts(format, &view.record, &view.mounts, context),
        Told::Usual => context.console.lines(show::created_lines(&view)),
    };
    taken_back(told, &view.record, &open)
}

/// How a view is told of.
enum Told {
    Json,
    Mounts(PlanFormat),
    Usual,
}

fn how(format: Option<PlanFormat>, context: &Context<'_>) -> Told {
    match format {
        Some(PlanFormat::Json) => Told::Json,
        Some(PlanFormat::Table) | None if context.console.is_json() => Told::Json,
        Some(format) => Told::Mounts(format),
        None => Told::Usual,
    }
}

fn tell_mounts(
    format: PlanFormat,
    view: &ViewRecord,
    mounts: &[Mount],
    context: &Context<'_>,
) -> Result<(), Failure> {
    match format {
        PlanFormat::Oci => context.console.raw(&show::oci(mounts)),
        PlanFormat::Garden => context.console.raw(&show::garden(mounts)),
        PlanFormat::Table | PlanFormat::Json => context.console.lines(show::mount_lines(view, mounts)),
    }
}

fn plan(args: &ViewPlan, context: &Context<'_>) -> Result<(), Failure> {
    let name = args.entries.name.clone();
    let name = name.unwrap_or_else(|| view_name(&args.holder, None));
    let wanted = read(&args.entries, name, &args.holder, context)?;
    let open = context.open()?;
    let made = open.cache.view_plan(&wanted, &context.cancel);
    open.screen.clear();
    let plan = made.map_err(|error| open.failure(error, context))?;
    tell_absent(&plan.manifest.absent, context);
    let told = match how(Some(args.format), context) {
        Told::Json => context.console.json(&show::planned(&plan)),
        Told::Mounts(format) => tell_mounts(format, &plan.record, &plan.mounts, context),
        Told::Usual => Ok(()),
    };
    taken_back(told, &plan.record, &open)
}

fn add(args: &ViewAdd, context: &Context<'_>) -> Result<(), Failure> {
    let lines = input::list(&args.file, list::assets)?;
    let open = context.open()?;
    let id = one(&args.view, &open.cache)?;
    // Who holds the new leases is the view's to say.
    let terms = request::lasting(&HolderArgs::default(), seconds(context.now))?;
    let item = |line: &Listed| item(line, args.group.as_deref(), &terms, context);
    let addition = ViewAddition {
        view: id,
        items: lines.iter().map(item).collect(),
        within: args.pid,
    };
    let made = open.cache.view_add(&addition, &context.cancel);
    open.screen.clear();
    let added = made.map_err(|error| open.failure(error, context))?;
    tell_absent(&added.absent, context);
    match how(args.format, context) {
        Told::Json => context.console.json(&show::added(&added)),
        Told::Mounts(format) => tell_mounts(format, &added.record, &added.mounts, context),
        Told::Usual => Ok(()),
    }
}

/// The one view that a text means.
fn one(text: &str, cache: &Cache) -> Result<ViewId, Failure> {
    if let Some(id) = at(&absolute(Path::new(text)), cache)? {
        return Ok(id);
    }
    let views = cache.views()?;
    let mut named = views
        .iter()
        .filter(|view| view.name == text || view.id.to_string() == text);
    match (named.next(), named.next()) {
        (Some(view), None) => Ok(view.id),
        (None, _) => Err(CacheError::NoSuchView(text.escape_debug().to_string()).into()),
        (Some(_), Some(_)) => Err(CacheError::SeveralViews(text.escape_debug().to_string()).into()),
    }
}

fn detach(args: &ViewDetach, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let mut worst = Worst::default();
    for text in &args.views {
        let id = at(&absolute(Path::new(text)), &open.cache)?;
        let name = id.map_or_else(|| text.clone(), |id| id.to_string());
        if let Err(error) = open.cache.view_detach(&name) {
            worst.note(Failure::from(error).report(&context.console));
        }
    }
    worst.into_result()
}

/// Passes on whether the caller was told of a view; one that he does not know of is released.
fn taken_back(told: Result<(), Failure>, view: &ViewRecord, open: &Open) -> Result<(), Failure> {
    if told.is_err() {
        // What cannot be released is listed, and can be reclaimed.
        let _ = open.cache.view_release(&view.id.to_string());
    }
    told
}

fn tell_absent(absent: &[Absent], context: &Context<'_>) {
    for absent in absent {
        let (name, message) = (absent.name.escape_debug(), &absent.message);
        context
            .console
            .note(format_args!("note: `{name}` is not in the view: {message}"));
    }
}

fn read(
    args: &ViewEntries,
    name: String,
    holder: &HolderArgs,
    context: &Context<'_>,
) -> Result<ViewRequest, Failure> {
    let terms = request::lasting(holder, seconds(context.now))?;
    let item = |line: &Listed| item(line, args.group.as_deref(), &terms, context);
    let lines = input::list(&args.file, list::assets)?;
    Ok(ViewRequest {
        name,
        items: lines.iter().map(item).collect(),
        destination: args.destination.clone(),
        link: None,
        showing: Showing::default(),
        terms,
    })
}

fn item(line: &Listed, group: Option<&str>, terms: &LeaseTerms, context: &Context<'_>) -> ViewItem {
    ViewItem {
        name: if line.name.is_empty() {
            String::from_utf8_lossy(line.key.as_bytes()).into_owned()
        } else {
            line.name.clone()
        },
        request: request::listed(line, group, context.settings.rules, terms.clone()),
        optional: line.optional,
        placement: line.placement,
    }
}

/// What a view is called when nothing is said: its holder, else its directory's last name.
fn view_name(holder: &HolderArgs, directory: Option<&Path>) -> String {
    let last = directory.and_then(Path::file_name).and_then(|name| name.to_str());
    let name = holder.holder.as_deref().filter(|holder| !holder.is_empty());
    name.or(last).unwrap_or("view").to_owned()
}

/// What a source is called when it has no key.
fn last_part(source: &Source) -> String {
    let printed = source.printed();
    let path = printed.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').find(|part| !part.is_empty());
    last.unwrap_or("asset").to_owned()
}

/// Releases all that can be released, and then says what could not (C-08).
fn release(args: &ViewRelease, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let mut worst = Worst::default();
    for text in &args.views {
        match release_one(text, &open.cache) {
            Ok(dropped) => tell(text, &dropped, context)?,
            Err(failure) => worst.note(failure.report(&context.console)),
        }
    }
    worst.into_result()
}

fn release_one(text: &str, cache: &Cache) -> Result<Vec<LeaseId>, Failure> {
    match at(&absolute(Path::new(text)), cache)? {
        Some(id) => Ok(cache.view_release(&id.to_string())?),
        None => Ok(cache.view_release(text)?),
    }
}

/// The view whose directory, or link to it, has this path.
fn at(path: &Path, cache: &Cache) -> Result<Option<ViewId>, Failure> {
    let is_at = |view: &&ViewRecord| {
        let link = view.link.as_ref().map(PathBuf::from);
        let places = [cache.view_directory(view), cache.view_seen(view)];
        link.as_deref() == Some(path) || places.iter().flatten().any(|place| place == path)
    };
    Ok(cache.views()?.iter().find(is_at).map(|view| view.id))
}

fn tell(view: &str, dropped: &[LeaseId], context: &Context<'_>) -> Result<(), Failure> {
    if context.console.is_json() {
        return context.console.json(&show::released(view, dropped));
    }
    Ok(())
}

fn list_views(context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_current()?;
    let mut views = open.cache.views()?;
    views.sort_by(|a, b| (a.made_at, &a.name, a.id).cmp(&(b.made_at, &b.name, b.id)));
    if context.console.is_json() {
        let values = views
            .iter()
            .map(|view| show::listed(view, open.cache.view_directory(view)));
        return context.console.json_all(values);
    }
    context
        .console
        .lines(show::listed_lines(&views, seconds(context.now)))
}

#[cfg(test)]
mod tests;
