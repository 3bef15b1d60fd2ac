//! The one screen of the demo. Every figure on it was measured in this run.

use std::fmt;
use std::time::Duration;

use builder::model::size::Size;

use super::heavy::Extent;
use crate::model::report::Report;

/// Width of the column of labels.
const LABEL: usize = 29;

/// Everything that is shown.
pub(super) struct Screen {
    pub(super) heavy: Extent,
    /// The old way, the cache cold, the cache warm.
    pub(super) columns: [Column; 3],
    /// How many times the first and the last were measured.
    pub(super) rounds: u32,
    pub(super) answer: Answer,
    pub(super) confinement: String,
    pub(super) fallback: Option<String>,
    pub(super) user: u32,
    pub(super) program: String,
}

/// One staging, or the one in the middle of several.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Whether all of several gave the same droplet.
    pub(super) is_steady: bool,
    /// Bytes that came from the origin.
    pub(super) fetched: u64,
    pub(super) report: Report,
}

/// What the started application said.
pub(super) struct Answer {
    pub(super) port: u16,
    pub(super) status: u16,
    pub(super) title: String,
    pub(super) elapsed: Duration,
}

impl Column {
    /// The one of these stagings whose time is in the middle.
    pub(super) fn middle_of(self, more: Vec<Self>) -> Self {
        let is_steady = more.iter().all(|one| one.report.droplet == self.report.droplet);
        let mut all = more;
        all.push(self);
        all.sort_by_key(|one| one.report.milliseconds.total);
        let middle = all.len() / 2;
        let middle = all.swap_remove(middle);
        Self { is_steady, ..middle }
    }
}

impl Screen {
    /// Whether what is to be shown is true: the droplets are the same, and the application answers well.
    pub(super) fn is_sound(&self) -> bool {
        self.is_equal() && self.answer.status == 200
    }

    fn is_equal(&self) -> bool {
        let [old, cold, warm] = &self.columns;
        let is_steady = self.columns.iter().all(|column| column.is_steady);
        is_steady && old.report.droplet == cold.report.droplet && cold.report.droplet == warm.report.droplet
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, label: &str, value: impl Fn(&Column) -> String) -> fmt::Result {
        write!(f, "  {label:<LABEL$}")?;
        for column in &self.columns {
            write!(f, "{:>12}", value(column))?;
        }
        writeln!(f)
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds =
            |milliseconds: u64| format!("{:.2} s", Duration::from_millis(milliseconds).as_secs_f64());
        self.row(f, "", |column| {
            match column.name {
                "old" => "the old way",
                "cold" => "cache cold",
                _ => "cache warm",
            }
            .to_owned()
        })?;
        self.row(f, "downloaded", |column| Size(column.fetched).to_string())?;
        self.row(f, "unpacked", |column| Size(self.unpacked(column)).to_string())?;
        self.row(f, "buildpacks in the container", |column| {
            seconds(column.report.milliseconds.buildpacks)
        })?;
        self.row(f, "the builder's own work", |column| {
            seconds(column.report.milliseconds.builder)
        })?;
        self.row(f, "staging, all in all", |column| {
            seconds(column.report.milliseconds.total)
        })
    }

    /// A warm staging unpacks nothing; the others unpack what they have downloaded.
    fn unpacked(&self, column: &Column) -> u64 {
        if column.fetched >= self.heavy.packed {
            self.heavy.bytes
        } else {
            0
        }
    }

    fn saved(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [old, _, warm] = &self.columns;
        let total = |column: &Column| column.report.milliseconds.total.max(1);
        writeln!(
            f,
            "Saved by every staging after the first: {} not downloaded, {} not written; {}.",
            Size(old.fetched.saturating_sub(warm.fetched)),
            Size(self.unpacked(old).saturating_sub(self.unpacked(warm))),
            times(total(old), total(warm))
        )
    }
}

/// How much faster, in words.
fn times(old: u64, new: u64) -> String {
    let tenths = old.saturating_mul(10) / new.max(1);
    match tenths {
        0..11 => "not faster this time".to_owned(),
        _ => format!("{}.{} times as fast", tenths / 10, tenths % 10),
    }
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warm = &self.columns[2].report;
        writeln!(
            f,
            "\nOne web application, three buildpacks, one of them heavy: {} files, {}, {} packed.\n",
            self.heavy.files,
            Size(self.heavy.bytes),
            Size(self.heavy.packed)
        )?;
        self.table(f)?;
        if self.rounds > 1 {
            writeln!(
                f,
                "  (the old way and the warm cache: medians of {} stagings, in turns)",
                self.rounds
            )?;
        }
        writeln!(f)?;
        if self.is_equal() {
            let digest = warm.droplet.sha256.get(..12).unwrap_or_default();
            let size = Size(warm.droplet.bytes);
            let count = match self.rounds {
                1 => "three".to_owned(),
                rounds => rounds.saturating_mul(2).saturating_add(1).to_string(),
            };
            writeln!(
                f,
                "Droplets:  the same {count} times, byte for byte: {size}, sha256 {digest}..."
            )?;
        } else {
            writeln!(f, "Droplets:  NOT the same: please report it")?;
        }
        let answer = &self.answer;
        writeln!(
            f,
            "Started:   http://127.0.0.1:{}/ answered {} \"{}\" after {:.2} s; stopped.",
            answer.port,
            answer.status,
            answer.title,
            answer.elapsed.as_secs_f64()
        )?;
        writeln!(f, "Container: {}", self.confinement)?;
        if let Some(why) = &self.fallback {
            writeln!(f, "           because {why}")?;
        }
        let who = if self.user == 0 {
            "root"
        } else {
            "an ordinary user"
        };
        writeln!(
            f,
            "Sharing:   {}, as {who}: {}",
            warm.sharing,
            sharing(&warm.sharing)
        )?;
        if let Some(why) = &warm.sharing_reason {
            writeln!(f, "           because {why}")?;
        }
        writeln!(f)?;
        self.saved(f)?;
        writeln!(f, "\nNext:  {} stage APP -b BUILDPACK --out DIR", self.program)?;
        writeln!(f, "       {} run DIR/droplet.tgz", self.program)
    }
}

/// What a way of sharing is (docs/cellcache.md).
fn sharing(way: &str) -> &'static str {
    match way {
        "P1" => "one read-only mount per buildpack, owned by the container's user",
        "P1b" => "one read-only mount per buildpack",
        "P2" => "hard links: names of its own, the same bytes",
        "P3" => "symbolic links into one read-only mount",
        "P4" => "copies, made from the cache",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
