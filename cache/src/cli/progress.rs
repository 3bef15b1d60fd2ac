//! What can be seen while a command works: bars on a terminal, steps with `--verbose`.

mod forced;

use std::io::{self, IsTerminal};
use std::sync::Arc;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::{Map, Value};

use super::args::values::ProgressMode;
use super::console::Console;
use super::settings::Output;
use crate::model::event::{Event, Observer};

/// How often bars are drawn, in hertz.
const RATE: u8 = 10;

/// The verbosity at which progress is told as steps too.
const EVERYTHING: u8 = 2;

/// What one command is watched by.
pub(super) struct Screen {
    console: Arc<Console>,
    bars: Option<Bars>,
}

/// Two lines: what comes, and what becomes of it.
struct Bars {
    body: ProgressBar,
    entries: ProgressBar,
}

/// A step as JSON.
#[derive(Serialize)]
struct Step<'a> {
    event: &'a str,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

impl Screen {
    /// Draws bars when they are wanted and somebody can see them.
    pub(super) fn new(console: Arc<Console>) -> Self {
        let bars = target(console.output()).map(|target| {
            let all = MultiProgress::with_draw_target(target);
            let bars = Bars::new(&all);
            console.draw(all);
            bars
        });
        Self { console, bars }
    }

    /// Takes the bars off the screen.
    pub(super) fn clear(&self) {
        if let Some(bars) = &self.bars {
            bars.body.finish_and_clear();
            bars.entries.finish_and_clear();
        }
    }

    fn tell(&self, event: &Event<'_>) {
        let verbose = self.console.output().verbose;
        if verbose == 0 || (is_progress(event) && verbose < EVERYTHING) {
            return;
        }
        let facts = event.facts();
        if self.console.is_json() {
            let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value));
            self.console.complain_json(&Step {
                event: event.name(),
                facts: facts.collect(),
            });
        } else {
            let facts: Vec<_> = facts
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| format!(" {name}={value}"))
                .collect();
            self.console
                .step(format_args!("{}{}", event.name(), facts.concat()));
        }
    }
}

impl Observer for Screen {
    fn event(&self, event: &Event<'_>) {
        self.tell(event);
        if let Some(bars) = &self.bars {
            bars.show(event);
        }
    }
}

impl Bars {
    fn new(all: &MultiProgress) -> Self {
        let style = |template| {
            // A template of ours that does not parse would show in the first test.
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
        };
        let body = all.add(ProgressBar::no_length());
        body.set_style(style("{spinner} {binary_bytes} {binary_bytes_per_sec}"));
        let entries = all.add(ProgressBar::no_length());
        entries.set_style(style("{spinner} {human_pos} entries unpacked"));
        Self { body, entries }
    }

    fn show(&self, event: &Event<'_>) {
        match *event {
            Event::BodyProgress { bytes, total } => {
                if let Some(total) = total.filter(|total| self.body.length() != Some(*total)) {
                    self.measured(total);
                }
                self.body.set_position(bytes);
            }
            Event::UnpackProgress { entries, .. } => self.entries.set_position(entries),
            _ => {}
        }
    }

    /// The origin said how much will come.
    fn measured(&self, total: u64) {
        self.body.set_length(total);
        let bar = "{wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(bar) {
            self.body.set_style(style);
        }
    }
}

const fn is_progress(event: &Event<'_>) -> bool {
    matches!(event, Event::BodyProgress { .. } | Event::UnpackProgress { .. })
}

/// Where bars are drawn; nowhere, when nobody asked or could see them.
fn target(output: Output) -> Option<ProgressDrawTarget> {
    let quiet = output.quiet || output.json;
    match output.progress {
        ProgressMode::Never => None,
        ProgressMode::Auto if quiet || !io::stderr().is_terminal() => None,
        ProgressMode::Auto => Some(ProgressDrawTarget::stderr_with_hz(RATE)),
        ProgressMode::Always if io::stderr().is_terminal() => Some(ProgressDrawTarget::stderr_with_hz(RATE)),
        ProgressMode::Always => Some(forced::target(RATE)),
    }
}
