//! One line for each figure: what it is, what it should be, what it is measured to be.

use std::fmt::Display;
use std::time::Duration;

/// The figures so far. Each is printed when it is known, and all once more at the end.
pub(crate) struct Table {
    rows: Vec<Row>,
}

struct Row {
    figure: String,
    target: String,
    measured: String,
    verdict: &'static str,
}

/// Durations in order.
pub(crate) struct Times(Vec<Duration>);

impl Table {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a figure with a target.
    pub(crate) fn judge(
        &mut self,
        figure: impl Display,
        target: impl Display,
        measured: impl Display,
        is_met: bool,
    ) {
        self.add(figure, target, measured, if is_met { "met" } else { "MISSED" });
    }

    /// Adds a figure without one.
    pub(crate) fn note(&mut self, figure: impl Display, measured: impl Display) {
        self.add(figure, "-", measured, "");
    }

    pub(crate) fn print(&self) {
        let [first, second, third] = [
            self.width(|row| &row.figure),
            self.width(|row| &row.target),
            self.width(|row| &row.measured),
        ];
        println!();
        for row in &self.rows {
            let Row {
                figure,
                target,
                measured,
                verdict,
            } = row;
            println!("| {figure:<first$} | {target:<second$} | {measured:<third$} | {verdict:<6} |");
        }
    }

    fn add(
        &mut self,
        figure: impl Display,
        target: impl Display,
        measured: impl Display,
        verdict: &'static str,
    ) {
        println!("{figure}: {measured} (target {target}) {verdict}");
        self.rows.push(Row {
            figure: figure.to_string(),
            target: target.to_string(),
            measured: measured.to_string(),
            verdict,
        });
    }

    fn width(&self, of: impl Fn(&Row) -> &String) -> usize {
        self.rows
            .iter()
            .map(|row| of(row).chars().count())
            .max()
            .unwrap_or(0)
    }
}

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        assert!(!times.is_empty(), "nothing was measured");
        times.sort_unstable();
        Self(times)
    }

    /// The time that so many of a hundred stay within.
    pub(crate) fn at(&self, percent: usize) -> Duration {
        self.0[(self.0.len() - 1) * percent / 100]
    }

    pub(crate) fn worst(&self) -> Duration {
        self.at(100)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

impl Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "least {:.1?}, p50 {:.1?}, p99 {:.1?}, worst {:.1?} of {}",
            self.at(0),
            self.at(50),
            self.at(99),
            self.worst(),
            self.count()
        )
    }
}
