//! `doctor`: looks at everything that a fetch rests on, changes nothing, and says what to do.

use serde::Serialize;

use super::super::exit_code::ExitCode;
use super::super::failure::{Failure, chain};
use super::super::library;
use super::super::settings::{Effective, Origin};
use super::super::show::finding::{Finding, Level};
use super::Context;
use super::context::occupied;
use crate::cache::Cache;
use crate::error::CacheError;
use crate::ingest::remote_url::Redacted;
use crate::ingest::tls;
use crate::model::size::Size;
use crate::model::usage::Limits;
use crate::store::{StoreError, holder};
use crate::view::MappedOwner;

/// A value in force, for programs.
#[derive(Serialize)]
struct SettingJson<'a> {
    setting: &'a str,
    value: Option<&'a str>,
    from: Origin,
}

/// Whose ownership is tried out: any number that is not the store's own will do.
const SAMPLE_OWNER: MappedOwner = MappedOwner { uid: 2000, gid: 2000 };

/// Looks and tells; fails when something is wrong.
pub(super) fn run(context: &Context<'_>) -> Result<(), Failure> {
    let mut findings = network(context);
    findings.extend(store(context));
    if context.console.is_json() {
        context
            .console
            .json_all(context.settings.effective.iter().map(setting))?;
        context.console.json_all(&findings)?;
    } else {
        context.console.lines(findings.iter().flat_map(Finding::lines))?;
        context.console.lines(not_default(&context.settings.effective))?;
    }
    if findings.iter().any(|finding| finding.level == Level::Problem) {
        return Err(Failure::Reported(ExitCode::Failed));
    }
    Ok(())
}

fn setting(effective: &Effective) -> SettingJson<'_> {
    SettingJson {
        setting: effective.name,
        value: effective.value.as_deref(),
        from: effective.from,
    }
}

fn not_default(settings: &[Effective]) -> Vec<String> {
    let set = settings.iter().filter(|setting| setting.from != Origin::Default);
    set.map(|setting| {
        let from = match setting.from {
            Origin::Flag => "command line",
            Origin::Environment => "environment",
            Origin::File => "configuration file",
            Origin::Default => "default",
        };
        format!(
            "setting {}: {} ({from})",
            setting.name,
            setting.value.as_deref().unwrap_or("-")
        )
    })
    .collect()
}

/// Certificates and proxies.
fn network(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match tls::usual_roots() {
        0 => Finding::note(
            "tls",
            "the system has no certificates of authorities: https works only with --ca-cert",
            "install ca-certificates, set SSL_CERT_FILE, or give --ca-cert FILE",
        ),
        count => Finding::fine("tls", format!("{count} certificates of authorities")),
    });
    if context.settings.network.skip_cert_verify {
        findings.push(Finding::note(
            "tls",
            "certificates are not verified",
            "drop --skip-cert-verify and give --ca-cert FILE",
        ));
    }
    for (name, value) in context.environment.proxy_variables() {
        let shown = Redacted::of(&value.to_string_lossy());
        findings.push(Finding::fine("proxy", format!("{name}={shown}")));
    }
    if let Err(fault) = context.environment.proxies() {
        findings.push(Finding::problem(
            "proxy",
            chain(&fault),
            "correct or unset it: no origin can be asked",
        ));
    }
    if let Err(fault) = library::settings(context.settings, context.environment) {
        findings.push(Finding::problem("network", chain(&fault), ""));
    }
    findings
}

/// The store, if there is one. None is made.
fn store(context: &Context<'_>) -> Vec<Finding> {
    let root = &context.settings.store;
    match context.open_existing() {
        Ok(open) => {
            let mut findings = vec![Finding::fine("store", format!("{} can be used", root.display()))];
            for looked in [
                room(&open.cache, context),
                leases(&open.cache),
                views(&open.cache),
                books(&open.cache),
            ] {
                match looked {
                    Ok(found) => findings.extend(found),
                    Err(failure) => findings.push(Finding::problem("store", chain(&failure), "")),
                }
            }
            findings
        }
        // Before the first fetch that is as it should be.
        Err(Failure::Cache(CacheError::Store(StoreError::Absent(_)))) => vec![absent(context)],
        Err(failure) => vec![Finding::problem(
            "store",
            chain(&failure),
            failure.help().join("; "),
        )],
    }
}

/// Whether the first fetch could make the store that is not there.
fn absent(context: &Context<'_>) -> Finding {
    let root = &context.settings.store;
    match occupied(root).filter(|_| !context.settings.allow_nonempty) {
        Some(fault) => {
            let failure = Failure::from(fault);
            Finding::problem("store", chain(&failure), failure.help().join("; "))
        }
        None => Finding::note(
            "store",
            format!("no store in {} yet", root.display()),
            "the first fetch makes one; name another with --store DIR",
        ),
    }
}

/// Does the disk hold what the quotas promise?
fn room(cache: &Cache, context: &Context<'_>) -> Result<Vec<Finding>, Failure> {
    let (usage, free, limits) = (cache.usage()?, cache.free()?, &context.settings.limits);
    let promised = limits
        .quota
        .saturating_add(limits.scratch_quota)
        .saturating_add(limits.min_free_bytes);
    let most = free.bytes.saturating_add(usage.total);
    let mut findings = vec![if promised > most {
        Finding::note(
            "space",
            format!(
                "quota, scratch quota and floor are {} together, but the disk has room for {}",
                Size(promised),
                Size(most)
            ),
            smaller(most, limits),
        )
    } else {
        Finding::fine(
            "space",
            format!("{} used, {} free on disk", Size(usage.total), Size(free.bytes)),
        )
    }];
    let used = usage
        .total
        .saturating_sub(usage.private.bytes)
        .saturating_sub(usage.views.bytes);
    if used > limits.quota {
        findings.push(Finding::note(
            "space",
            format!(
                "{} used, more than the quota of {}",
                Size(used),
                Size(limits.quota)
            ),
            "raise --quota: else the next fetch evicts what nobody holds, and may find no room",
        ));
    }
    if free.inodes < limits.min_free_inodes {
        findings.push(Finding::problem(
            "space",
            format!(
                "{} inodes free, fewer than the floor of {}",
                free.inodes, limits.min_free_inodes
            ),
            "free some, or lower --min-free-inodes",
        ));
    }
    if free.bytes < limits.min_free_bytes {
        findings.push(Finding::problem(
            "space",
            format!(
                "{} free, less than the floor of {}",
                Size(free.bytes),
                Size(limits.min_free_bytes)
            ),
            "free some, or lower --min-free-bytes",
        ));
    }
    Ok(findings)
}

/// What to lower where a disk with room for `most` bytes cannot keep all promises.
fn smaller(most: u64, limits: &Limits) -> String {
    let for_both = most.saturating_sub(limits.min_free_bytes);
    match for_both.saturating_sub(limits.scratch_quota) {
        0 if for_both == 0 => {
            "lower --min-free-bytes, or name a store on a larger disk with --store DIR".to_owned()
        }
        0 => format!(
            "lower --quota and --scratch-quota to {} together, or name a store on a larger disk with --store DIR",
            Size(for_both)
        ),
        quota => format!("lower --quota to at most {}", Size(quota)),
    }
}

/// Holders that are gone.
fn leases(cache: &Cache) -> Result<Vec<Finding>, Failure> {
    let mut leases = cache.leases()?;
    leases.retain(|lease| !cache.is_over(lease));
    let is_gone = holder::watch();
    let dead = leases.iter().filter(|lease| is_gone(&lease.holder));
    let dead = dead.count();
    Ok(vec![match dead {
        0 => Finding::fine("leases", format!("{} in force", leases.len())),
        _ => Finding::note(
            "leases",
            format!("{dead} of {} are of processes that are gone", leases.len()),
            "cellcache lease reclaim",
        ),
    }])
}

/// In what way views are shown here, and what is left of those that are gone.
fn views(cache: &Cache) -> Result<Vec<Finding>, Failure> {
    let ways = cache.ways(Some(SAMPLE_OWNER))?;
    let mut findings = vec![match (&ways.no_mounts, &ways.no_map) {
        (None, None) => Finding::fine(
            "views",
            "mounts of single assets with a mapped owner (P1)".to_owned(),
        ),
        (None, Some(reason)) => Finding::note(
            "views",
            format!("mounts of single assets (P1b); no ID map: {reason}"),
            "run as root, on a file system that takes ID maps, if containers are to own what they see",
        ),
        (Some(reason), _) => Finding::note(
            "views",
            format!("hard links (P2), else copies (P4); no mounts: {reason}"),
            "run as root for mounts of single assets",
        ),
    }];
    if ways.is_noexec {
        findings.push(Finding::note(
            "views",
            "the store's file system is mounted noexec: programs in links and copies cannot be run",
            "put the store elsewhere, or use --way slots",
        ));
    }
    for view in cache.damaged_views()? {
        findings.push(Finding::problem(
            "views",
            format!("the record of view {view} cannot be read: it is in no list, and keeps what it holds"),
            format!("cellcache view release {view}"),
        ));
    }
    let left = cache.leftovers()?;
    for place in &left.mounts {
        let words = format!("{} is left of a view that is gone", place.display());
        findings.push(Finding::note("mounts", words, "cellcache lease reclaim"));
    }
    for view in &left.stranded {
        let words = format!("view {view} has lost its mounts, and no container has any of it");
        findings.push(Finding::note("mounts", words, "cellcache lease reclaim"));
    }
    for object in &left.unleased {
        findings.push(Finding::problem(
            "mounts",
            format!("a container has {object} mounted, which nobody leases"),
            "pin its key until that container is gone, or stop the container",
        ));
    }
    Ok(findings)
}

/// What was set aside, and whether the figures agree with the disk.
fn books(cache: &Cache) -> Result<Vec<Finding>, Failure> {
    let (usage, counted) = (cache.usage()?, cache.recount()?);
    let mut findings = Vec::new();
    if usage.set_aside > 0 {
        findings.push(Finding::note(
            "records",
            format!("{} damaged or foreign files were set aside", usage.set_aside),
            "look at the directory `quarantine` of the store, then delete what is in it",
        ));
    }
    // Others may work meanwhile: a difference is no proof.
    if usage.objects != counted.objects || usage.private != counted.private {
        findings.push(Finding::note(
            "records",
            format!(
                "the books say {} in {} objects, the disk {} in {}",
                Size(usage.objects.bytes),
                usage.objects.count,
                Size(counted.objects.bytes),
                counted.objects.count
            ),
            "cellcache df --recount while nothing else works; cellcache verify if it stays",
        ));
    }
    Ok(findings)
}
