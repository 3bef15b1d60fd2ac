//! The buildpacks: from their sources into the cache, leased, and in one view that shows nothing else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use builder::model::size::Size;
use cache::ingest::remote_url::RemoteUrl;
use cache::model::event::{Event, Observer};
use cache::model::key::Key;
use cache::model::lease::{Holder, Label, LeaseTerms};
use cache::model::object::Form;
use cache::model::outcome::Outcome;
use cache::model::request::{self, Request, Rules};
use cache::store::holder;
use cache::view::{DESTINATION, MappedOwner, Showing, ViewItem, ViewRequest, WantedWay};
use cache::{Cache, View};

use super::prepare::Prepared;
use crate::bundle::Isolation;
use crate::clone;
use crate::console::Console;
use crate::error::CellError;
use crate::job::Bring;
use crate::model::buildpack::{Buildpack, Name, Source};
use crate::model::report::Used;
use crate::runtime::Kind;

/// The label by which statistics tell our entries.
const GROUP: &str = "cell";

/// Buildpacks that a container may be shown. Given back when this is dropped.
pub struct Obtained<'j> {
    // Dropped in this order: the view before the scratch directory.
    pub(super) lease: Option<Leased>,
    pub(super) used: Vec<Used>,
    pub(super) prepared: Prepared<'j>,
    pub(super) seen: Instant,
}

/// A view, and the leases behind it.
pub(super) struct Leased {
    cache: Cache,
    pub(super) view: View,
}

/// Brings the buildpacks to where the builder will find them.
pub fn obtain(prepared: Prepared<'_>) -> Result<Obtained<'_>, CellError> {
    match prepared.job.bring {
        Bring::Shared { way, map_owner } => share(prepared, way, map_owner),
        Bring::Copied => {
            let used = super::copy::copy_in(&prepared)?;
            Ok(Obtained {
                lease: None,
                used,
                prepared,
                seen: Instant::now(),
            })
        }
    }
}

/// Fetches everything at once, and shows it.
fn share(prepared: Prepared<'_>, way: WantedWay, map_owner: bool) -> Result<Obtained<'_>, CellError> {
    let (job, host) = (prepared.job, prepared.host);
    let witness = Arc::new(Witness::new(&host.console));
    let (cache, rules) = job.store.open(Arc::clone(&witness) as Arc<_>)?;
    let mut items = Vec::new();
    for buildpack in &job.buildpacks {
        let asked = request(buildpack, &prepared, rules)?;
        witness.expect(&asked, buildpack);
        items.push(ViewItem {
            name: buildpack.name.to_string(),
            request: asked,
            optional: false,
            placement: None,
        });
    }
    let wanted = ViewRequest {
        name: format!("cell-{}", std::process::id()),
        items,
        terms: terms(&job.name),
        destination: DESTINATION.into(),
        link: None,
        showing: showing(&prepared, way, map_owner),
    };
    let view = cache
        .view_create(&wanted, &host.stop)
        .map_err(CellError::Buildpacks)?;
    cache.flush();
    let lease = Leased { cache, view };
    Ok(Obtained {
        used: used(&witness, &lease.view, &job.buildpacks),
        lease: Some(lease),
        prepared,
        seen: Instant::now(),
    })
}

/// Without a container nothing is mounted, so the view has to be a directory as it stands; and nothing keeps scripts, which
/// run as the very user to whom the store belongs, from writing to it, so its files must be no others' (I-4).
fn showing(prepared: &Prepared<'_>, way: WantedWay, map_owner: bool) -> Showing {
    let confinement = &prepared.job.confinement;
    let is_bare = confinement.runtime == Kind::None;
    Showing {
        way: match way {
            WantedWay::Auto if is_bare => WantedWay::Copy,
            way => way,
        },
        owner: (map_owner && !is_bare).then_some(MappedOwner {
            uid: prepared.owner.uid,
            gid: prepared.owner.gid,
        }),
        privileged: !is_bare && confinement.isolation == Isolation::Privileged,
    }
}

/// The leases are this process's: when it is killed they can be reclaimed.
fn terms(app: &str) -> LeaseTerms {
    LeaseTerms {
        holder: holder::living(std::process::id()).unwrap_or(Holder::External),
        label: Label::new(app),
        expires: None,
    }
}

/// Buildpacks of one source are one entry of the cache, whatever they are called here.
fn request(buildpack: &Buildpack, prepared: &Prepared<'_>, rules: Rules) -> Result<Request, CellError> {
    let environment = &prepared.host.environment;
    let mut rules = rules;
    let (key, source) = match &buildpack.source {
        Source::Path(path) => {
            // What lies here can be read without asking anybody.
            rules.offline = false;
            let path = environment.absolute(path);
            (
                path.as_os_str().as_encoded_bytes().to_vec(),
                request::Source::Path(path),
            )
        }
        Source::Archive(url) => (key_of(url), request::Source::Url(url.clone())),
        Source::Git(url) => {
            let to = prepared.scratch.path().join("git").join(buildpack.name.as_str());
            clone::clone(url, &to, prepared.host, rules.offline)?;
            (url.expose(), request::Source::Path(to))
        }
    };
    Ok(Request {
        key: Key::new(key),
        source,
        checksum: None,
        form: Form::Tree,
        rules,
        group: Some(GROUP.to_owned()),
        terms: terms(&prepared.job.name),
    })
}

fn key_of(url: &RemoteUrl) -> Vec<u8> {
    url.with_secrets().as_str().as_bytes().to_vec()
}

fn used(witness: &Witness, view: &View, buildpacks: &[Buildpack]) -> Vec<Used> {
    let seen = witness.seen();
    let one = |buildpack: &Buildpack| {
        let name = buildpack.name.as_str();
        let how = seen.iter().find(|seen| seen.name == buildpack.name);
        let shown = view.manifest.entries.iter().find(|entry| entry.name == name);
        Used {
            name: name.to_owned(),
            source: buildpack.source.to_string(),
            sha256: shown.map(|entry| entry.sha256.clone()).unwrap_or_default(),
            how: how.map_or("", |seen| seen.outcome.word()).to_owned(),
            fetched_bytes: how.map_or(0, |seen| seen.bytes),
        }
    };
    buildpacks.iter().map(one).collect()
}

/// Hears how each buildpack came, and tells it.
struct Witness {
    console: Arc<Console>,
    expected: Mutex<Vec<(Key, Name)>>,
    seen: Mutex<Vec<Seen>>,
}

#[derive(Debug, Clone)]
struct Seen {
    name: Name,
    outcome: Outcome,
    bytes: u64,
}

impl Witness {
    fn new(console: &Arc<Console>) -> Self {
        Self {
            console: Arc::clone(console),
            expected: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    fn expect(&self, asked: &Request, buildpack: &Buildpack) {
        if let Some(key) = &asked.key {
            let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
            expected.push((key.clone(), buildpack.name.clone()));
        }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Witness {
    fn event(&self, event: &Event<'_>) {
        let Event::FetchFinished {
            key: Some(key),
            outcome,
            origin_bytes,
            elapsed,
            ..
        } = event
        else {
            return;
        };
        let expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let names = expected.iter().filter(|(known, _)| known == *key);
        for (_, name) in names {
            let how = told(*outcome, *origin_bytes);
            self.console.tell(format_args!(
                "buildpack {name}: {how}, {:.3} s",
                elapsed.as_secs_f64()
            ));
            self.seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(Seen {
                    name: name.clone(),
                    outcome: *outcome,
                    bytes: *origin_bytes,
                });
        }
    }
}

/// How a buildpack came, for people.
fn told(outcome: Outcome, bytes: u64) -> String {
    match outcome {
        Outcome::Hit(_) if bytes == 0 => format!("in the cache ({})", outcome.word()),
        Outcome::Hit(_) => format!("in the cache ({}, {} read)", outcome.word(), Size(bytes)),
        Outcome::Miss(_) if bytes == 0 => format!("taken into the cache ({})", outcome.word()),
        Outcome::Miss(_) => format!("fetched into the cache ({}, {})", outcome.word(), Size(bytes)),
        Outcome::Private(_) => format!("a private copy, not shared ({})", outcome.word()),
    }
}

impl Drop for Leased {
    fn drop(&mut self) {
        // What cannot be released now is reclaimed when this process is gone.
        let _ = self.cache.view_release(&self.view.record.id.to_string());
        self.cache.flush();
    }
}
