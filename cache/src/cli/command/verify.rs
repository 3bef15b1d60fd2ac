//! `verify`: is what is stored what was stored?

use serde::Serialize;

use super::super::args::manage::Verify;
use super::super::exit_code::{ExitCode, Worst};
use super::super::failure::Failure;
use super::named::Target;
use super::{Context, Open};
use crate::cache::Cache;
use crate::model::lease_record::{LeaseId, Share};
use crate::model::object::ObjectId;
use crate::model::view::ViewId;
use crate::store::{Damage, Quarantined, Verdict, layout};

/// What was found, for programs.
#[derive(Serialize)]
struct Json {
    object: ObjectId,
    name: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<&'static str>,
    repaired: bool,
    /// Of what is set aside: the leases that keep it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leases: Vec<LeaseId>,
}

/// What was mended besides objects, for programs.
#[derive(Serialize)]
struct Mended<'a> {
    name: &'a str,
    result: &'static str,
    repaired: bool,
}

/// Looks at some objects or all. Damage fails the command when it is found, unless it is repaired: what was set aside
/// before does harm to nobody but its holders, and is only told.
pub(super) fn run(args: &Verify, context: &Context<'_>) -> Result<(), Failure> {
    if args.repair {
        mend_format(context)?;
    }
    let open = context.open_current()?;
    let targets = if args.names.is_empty() {
        Target::all(&open.cache)?
    } else {
        Target::find_all(&args.names, &open.cache)?
    };
    let mut worst = Worst::default();
    let (mut sound, mut damaged, mut set_aside) = (0_u64, 0_u64, 0_u64);
    for target in &targets {
        match open.cache.verify(target.object)? {
            Verdict::Sound => {
                sound = sound.saturating_add(1);
                context.console.step(format_args!("sound {}", target.name));
                if context.console.is_json() {
                    context.console.json(&json(target, "sound"))?;
                }
            }
            Verdict::Absent => {}
            Verdict::SetAside => {
                set_aside = set_aside.saturating_add(1);
                tell_set_aside(target, None, &open, context)?;
            }
            Verdict::Damaged(damage) => {
                damaged = damaged.saturating_add(1);
                worst.note(mend(target, words(&damage), args.repair, &open, context)?);
            }
        }
    }
    if args.names.is_empty() {
        for view in open.cache.damaged_views()? {
            damaged = damaged.saturating_add(1);
            worst.note(mend_view(view, args.repair, &open, context)?);
        }
    }
    if !context.console.is_json() {
        let sum = if set_aside > 0 {
            format!("{sound} sound, {damaged} damaged, {set_aside} set aside before")
        } else {
            format!("{sound} sound, {damaged} damaged")
        };
        context.console.line(sum)?;
    }
    worst.into_result()
}

/// Replaces the file without which nothing else can be looked at.
fn mend_format(context: &Context<'_>) -> Result<(), Failure> {
    if !Cache::mend_format(&context.settings.store)? {
        return Ok(());
    }
    if context.console.is_json() {
        return context.console.json(&Mended {
            name: layout::FORMAT,
            result: "damaged",
            repaired: true,
        });
    }
    context
        .console
        .line(format_args!("replaced {}: it was damaged", layout::FORMAT))
}

/// Releases a view that nobody can read any more, unless a container may see it.
fn mend_view(view: ViewId, repair: bool, open: &Open, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let console = &context.console;
    let is_seen = repair && open.cache.view_may_be_mounted(&view)?;
    let repaired = repair && !is_seen;
    if repaired {
        open.cache.view_release(&view.to_string())?;
    }
    if console.is_json() {
        console.json(&Mended {
            name: &format!("view {view}"),
            result: "damaged",
            repaired,
        })?;
    }
    if !repaired {
        return Ok(Failure::DamagedView { view, is_seen }.report(console));
    }
    if !console.is_json() {
        console.line(format_args!("released view {view}: its record was damaged"))?;
    }
    Ok(ExitCode::Done)
}

fn mend(
    target: &Target,
    damage: &'static str,
    repair: bool,
    open: &Open,
    context: &Context<'_>,
) -> Result<ExitCode, Failure> {
    let console = &context.console;
    let quarantined = if repair {
        open.cache.quarantine(target.object)?
    } else {
        Quarantined::Absent
    };
    let repaired = match quarantined {
        Quarantined::Gone => true,
        Quarantined::Held => {
            tell_set_aside(target, Some(damage), open, context)?;
            return Ok(ExitCode::Done);
        }
        Quarantined::Absent => false,
    };
    if console.is_json() {
        console.json(&Json {
            damage: Some(damage),
            repaired,
            ..json(target, "damaged")
        })?;
    }
    if !repaired {
        let (name, object) = (target.name.clone(), target.object);
        let failure = Failure::Damaged { name, object, damage };
        return Ok(failure.report(console));
    }
    if !console.is_json() {
        console.line(format_args!(
            "removed {} ({}): {damage}",
            target.name, target.object
        ))?;
    }
    Ok(ExitCode::Done)
}

/// Tells who keeps what was found damaged, just now or before.
fn tell_set_aside(
    target: &Target,
    damage: Option<&'static str>,
    open: &Open,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let leases: Vec<LeaseId> = open
        .cache
        .leases()?
        .into_iter()
        .filter(|lease| lease.object == target.object && lease.share == Share::Shared)
        .map(|lease| lease.id)
        .collect();
    let console = &context.console;
    if console.is_json() {
        console.json(&Json {
            damage,
            repaired: damage.is_some(),
            leases,
            ..json(target, "set-aside")
        })?;
        return Ok(());
    }
    let because = damage.map_or_else(String::new, |damage| format!(": {damage}"));
    console.line(format_args!(
        "set aside {} ({}), goes with {}{because}",
        target.name,
        target.object,
        with(&leases)
    ))?;
    Ok(())
}

/// The leases with whose end it goes.
fn with(leases: &[LeaseId]) -> String {
    let names: Vec<String> = leases.iter().map(ToString::to_string).collect();
    match names.len() {
        0 | 1 => format!("lease {}", names.concat()),
        _ => format!("the last of the leases {}", names.join(", ")),
    }
}

fn json(target: &Target, result: &'static str) -> Json {
    Json {
        object: target.object,
        name: target.name.clone(),
        result,
        damage: None,
        repaired: false,
        leases: Vec::new(),
    }
}

const fn words(damage: &Damage) -> &'static str {
    match damage {
        Damage::Record => "its record is missing or damaged",
        Damage::Content => "its content is missing",
        Damage::Count => "files are missing, or too many",
        Damage::Size => "files are longer or shorter than they were",
        Damage::Manifest => "its manifest is missing or damaged",
        Damage::Tree(_) => "files are not what they were",
        Damage::Digest => "its content has another digest",
    }
}
