//! The first thing that somebody runs: one small web application, staged the old way, with the cache cold, and warm;
//! then started, asked, and stopped. Everything is measured here and now.
//!
//! lay out -> stage three times -> compare -> start and ask -> show. It all happens in one scratch directory, which goes
//! at the end.

mod bundled;
mod heavy;
mod origin;
mod screen;

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cache::sys::SysError;

use crate::bundle::Isolation;
use crate::confine::{self, Outcome};
use crate::console::{Console, print, say};
use crate::error::{CellError, chain};
use crate::exit_code::ExitCode;
use crate::host::{Host, Store};
use crate::job::{Bring, Confinement, Job, Placing};
use crate::model::buildpack::Buildpack;

use crate::run::{self, Start};
use crate::runtime::{self, Kind, Stdio, Stream};
use crate::scratch::Scratch;
use crate::stage::stage;
use crate::sys::{disk, net};

use heavy::Extent;
pub use heavy::Shape;
use origin::Origin;
use screen::{Answer, Column, Screen};

/// Longest time that the application may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was asked for.
pub struct Demo {
    /// Show what the builder says.
    pub verbose: bool,
    /// What the heavy buildpack holds.
    pub heavy: Shape,
    /// How often the old way and the warm cache are measured, in turns; the figures are medians.
    pub rounds: NonZeroU32,
    /// How it is contained.
    pub confinement: Confinement,
}

/// What every staging of the demo shares.
struct Scene<'a> {
    demo: &'a Demo,
    host: Host,
    home: &'a Path,
    origin: Origin,
    confinement: Confinement,
    /// Why it is not contained as was asked for.
    fallback: Option<String>,
    heavy: Extent,
}

/// Shows everything on one screen.
pub fn run(demo: &Demo, host: &Host) -> Result<ExitCode, CellError> {
    let begun = Instant::now();
    let scratch = Scratch::make(&demo.confinement.scratch).map_err(CellError::Prepare)?;
    let home = scratch.path();
    host.console
        .tell("making a heavy buildpack, and staging one application three times");
    let scene = Scene::lay_out(demo, host, home)?;
    let columns = scene.measure()?;
    let answer = scene.ask(&home.join("warm/droplet.tgz"))?;
    let screen = Screen {
        heavy: scene.heavy,
        columns,
        rounds: demo.rounds.get(),
        answer,
        confinement: confine::described(&scene.confinement),
        fallback: scene.fallback.clone(),
        user: disk::user(),
        program: shown_program(host),
    };
    drop(scene);
    drop(scratch);
    let text = screen.to_string();
    print(&text);
    print(&format!(
        "\n{:.0} s in all; nothing is left behind.\n",
        begun.elapsed().as_secs_f64()
    ));
    Ok(if screen.is_sound() {
        ExitCode::Done
    } else {
        ExitCode::Failed
    })
}

/// How this program is called by whoever reads the screen.
fn shown_program(host: &Host) -> String {
    let program = &host.environment.program;
    let below = program.strip_prefix(&host.environment.here).unwrap_or(program);
    below.display().to_string()
}

impl<'a> Scene<'a> {
    fn lay_out(demo: &'a Demo, host: &Host, home: &'a Path) -> Result<Self, CellError> {
        let (confinement, fallback) = best(&demo.confinement, host, home)?;
        let below = |name: &str| home.join(name);
        for name in ["files", "origin"] {
            disk::make_dir(&below(name), 0o755).map_err(CellError::Prepare)?;
        }
        bundled::write(&below("files")).map_err(CellError::Prepare)?;
        let archive = |name: &str| below("origin").join(format!("{name}.tgz"));
        let tree = |name: &str| below("files").join(name);
        let made = |fault: heavy::PackFault| CellError::Demo(Box::new(fault));
        for name in bundled::SMALL {
            heavy::pack(&tree(name), &archive(name)).map_err(made)?;
        }
        let to = archive(bundled::HEAVY);
        let heavy = heavy::pack_heavy(&tree(bundled::HEAVY), demo.heavy, &to).map_err(made)?;
        host.go_on()?;
        Ok(Self {
            demo,
            host: Host {
                console: Arc::new(if demo.verbose {
                    Console::new(false)
                } else {
                    Console::keeping()
                }),
                ..host.clone()
            },
            home,
            origin: Origin::serve(below("origin")).map_err(CellError::Prepare)?,
            confinement,
            fallback,
            heavy,
        })
    }

    /// The old way, the cache cold, the cache warm; then the first and the last in turns, as often as was asked for.
    fn measure(&self) -> Result<[Column; 3], CellError> {
        let old = self.stage("old", 1, Bring::Copied)?;
        let cold = self.stage("cold", 1, Bring::BEST)?;
        let warm = self.stage("warm", 1, Bring::BEST)?;
        let (mut more_old, mut more_warm) = (Vec::new(), Vec::new());
        for round in 2..=self.demo.rounds.get() {
            more_old.push(self.stage("old", round, Bring::Copied)?);
            more_warm.push(self.stage("warm", round, Bring::BEST)?);
        }
        Ok([old.middle_of(more_old), cold, warm.middle_of(more_warm)])
    }

    /// Stages the application once, and measures it.
    fn stage(&self, name: &'static str, round: u32, bring: Bring) -> Result<Column, CellError> {
        let folder = match round {
            1 => name.to_owned(),
            _ => format!("{name}-{round}"),
        };
        let out = self.home.join(&folder);
        let job = self.job(&out, bring)?;
        let log = self.home.join(format!("{folder}.log"));
        let staged = stage(&job, &self.host, self.stdio(&log)?);
        let staged = staged.inspect_err(|_| self.show_log(&log))?;
        Ok(Column {
            name,
            is_steady: true,
            fetched: self.origin.sent(),
            report: staged.report,
        })
    }

    fn job(&self, out: &Path, bring: Bring) -> Result<Job, CellError> {
        let names = [bundled::HEAVY].into_iter().chain(bundled::SMALL);
        let parse = |name: &str| {
            let address = OsString::from(self.origin.address(&format!("{name}.tgz")));
            Buildpack::parse(&address).map_err(CellError::Buildpack)
        };
        let mut store = OsString::from("--store=");
        store.push(self.home.join("store"));
        Ok(Job {
            app: self.home.join("files").join(bundled::APP),
            name: bundled::APP.to_owned(),
            buildpacks: names.map(parse).collect::<Result<_, _>>()?,
            detect: false,
            out: out.to_owned(),
            stack: "cflinuxfs4".to_owned(),
            variables: Vec::new(),
            reproducible: true,
            explain: false,
            placing: Placing::default(),
            confinement: self.confinement.clone(),
            bring,
            store: Store::new(vec![store], cache::env::Environment::default()),
        })
    }

    /// Starts the droplet, asks it over HTTP, and stops it.
    fn ask(&self, droplet: &Path) -> Result<Answer, CellError> {
        let start = Start {
            droplet: droplet.to_owned(),
            name: bundled::APP.to_owned(),
            command: None,
            port: None,
            stack: "cflinuxfs4".to_owned(),
            variables: Vec::new(),
            confinement: self.confinement.clone(),
        };
        let port = net::free_port().map_err(CellError::Prepare)?;
        let log = self.home.join("run.log");
        let (begun, mut answer) = (Instant::now(), None);
        let outcome = run::serve(&start, port, &self.host, self.stdio(&log)?, &mut || {
            answer = net::get(port, "/").map(|said| (said, begun.elapsed()));
            answer.is_none() && begun.elapsed() < PATIENCE
        })?;
        match (answer, outcome) {
            (Some((said, elapsed)), Outcome::Stopped) if !self.host.stop.is_cancelled() => Ok(Answer {
                port,
                status: said.status,
                title: said.title(),
                elapsed,
            }),
            _ => {
                self.host.go_on()?;
                self.show_log(&log);
                Err(CellError::NoAnswer)
            }
        }
    }

    /// The output of what runs inside goes to a file, unless somebody wants to see it.
    fn stdio(&self, log: &Path) -> Result<Stdio, CellError> {
        if self.demo.verbose {
            return Ok(Stdio {
                stdin: Stream::Null,
                stdout: Stream::Inherit,
                stderr: Stream::Inherit,
            });
        }
        let prepare = CellError::Prepare;
        let file = disk::make_file(log, 0o600).map_err(prepare)?;
        let twin = file
            .try_clone()
            .map_err(|error| prepare(SysError::new("dup", log, error)))?;
        Ok(Stdio {
            stdin: Stream::Null,
            stdout: Stream::Descriptor(file.into()),
            stderr: Stream::Descriptor(twin.into()),
        })
    }

    /// What was kept quiet is told when it did not go well.
    fn show_log(&self, log: &Path) {
        say(&String::from_utf8_lossy(&self.host.console.kept()));
        let text = cache::sys::fs::read_bounded(log, 1 << 20).unwrap_or_default();
        say(&String::from_utf8_lossy(&text));
    }
}

/// The containment that was asked for, else the best that this machine permits, and why.
fn best(asked: &Confinement, host: &Host, home: &Path) -> Result<(Confinement, Option<String>), CellError> {
    let program = &host.environment.program;
    let ways = [
        (asked.runtime, asked.isolation),
        (Kind::Embedded, Isolation::Privileged),
        (Kind::None, Isolation::UserNamespace),
    ];
    let mut why = None;
    for (at, (kind, isolation)) in ways.into_iter().enumerate() {
        let trial = home.join(format!("trial-{at}"));
        disk::make_dir(&trial, 0o700).map_err(CellError::Prepare)?;
        match runtime::probe(kind, isolation, program, &trial) {
            Ok(_) => {
                let confinement = Confinement {
                    runtime: kind,
                    isolation,
                    timeout: Some(Duration::from_secs(50)),
                    ..asked.clone()
                };
                return Ok((confinement, why));
            }
            Err(unable) => why = why.or_else(|| Some(chain(&unable))),
        }
    }
    Err(CellError::Demo(why.unwrap_or_default().into()))
}
