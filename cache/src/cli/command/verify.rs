//! `verify`: is what is stored what was stored?

use serde::Serialize;

use super::super::args::manage::Verify;
use super::super::exit_code::{ExitCode, Worst};
use super::super::failure::Failure;
use super::named::Target;
use super::{Context, Open};
use crate::model::object::ObjectId;
use crate::store::{Damage, Verdict};

/// What was found, for programs.
#[derive(Serialize)]
struct Json {
    object: ObjectId,
    name: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<&'static str>,
    repaired: bool,
}

/// Looks at some objects or all. Damage fails the command, unless it was repaired.
pub(super) fn run(args: &Verify, context: &Context<'_>) -> Result<(), Failure> {
    let open = context.open_existing()?;
    let targets = if args.names.is_empty() {
        Target::all(&open.cache)?
    } else {
        Target::find_all(&args.names, &open.cache)?
    };
    let mut worst = Worst::default();
    let (mut sound, mut damaged) = (0_u64, 0_u64);
    for target in &targets {
        match open.cache.verify(target.object)? {
            Verdict::Sound => {
                sound = sound.saturating_add(1);
                context.console.step(format_args!("sound {}", target.name));
                if context.console.is_json() {
                    context.console.json(&json(target, "sound", None, false))?;
                }
            }
            Verdict::Absent => {}
            Verdict::Damaged(damage) => {
                damaged = damaged.saturating_add(1);
                worst.note(mend(target, words(&damage), args.repair, &open, context)?);
            }
        }
    }
    if !context.console.is_json() {
        context
            .console
            .line(format_args!("{sound} sound, {damaged} damaged"))?;
    }
    worst.into_result()
}

fn mend(
    target: &Target,
    damage: &'static str,
    repair: bool,
    open: &Open,
    context: &Context<'_>,
) -> Result<ExitCode, Failure> {
    let repaired = repair && open.cache.quarantine(target.object)?;
    let console = &context.console;
    if console.is_json() {
        console.json(&json(target, "damaged", Some(damage), repaired))?;
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

fn json(target: &Target, result: &'static str, damage: Option<&'static str>, repaired: bool) -> Json {
    Json {
        object: target.object,
        name: target.name.clone(),
        result,
        damage,
        repaired,
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
