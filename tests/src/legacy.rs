//! Comparison with a legacy builder, when there is one.

use std::fs;
use std::path::Path;

use crate::golden::difference;
use crate::program::Program;
use crate::scenario::Scenario;

/// The address space of a legacy builder, in KiB: its runtime reserves more than a gigabyte at the start.
const MEMORY: &str = "ulimit -v 4194304";

/// One accepted difference, a line of docs/decisions/legacy-differences.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The decision's id, such as `L-05`.
    pub id: String,
    /// Which scenarios may differ: `topic/name`, with `*` for anything.
    pub scenarios: Vec<String>,
    /// Which facts may differ (names of [`crate::outcome::Outcome::facts`]).
    pub fields: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Reads the table of accepted differences.
#[must_use]
pub fn accepted() -> Vec<Accepted> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs/decisions/legacy-differences.md");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    parse(&text)
}

/// Parses the table's lines: `| <a id="l-05"></a>L-05 | scenarios | fields | reason |`.
#[must_use]
pub fn parse(text: &str) -> Vec<Accepted> {
    let words = |cell: &str| {
        let cell = cell.trim().replace('`', "");
        cell.split(',')
            .map(|word| word.trim().to_owned())
            .filter(|word| word != "-")
            .collect()
    };
    let rows = text.lines().filter(|line| line.starts_with("| <a id=\"l-"));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').splitn(4, " | ").collect();
        let [id, scenarios, fields, reason] = cells[..] else {
            panic!("a line without four cells: {line}")
        };
        let (_anchor, id) = id.rsplit_once('>').expect("an anchor before the id");
        Accepted {
            id: id.trim().to_owned(),
            scenarios: words(scenarios),
            fields: words(fields),
            reason: reason.trim().to_owned(),
        }
    })
    .collect()
}

/// Tells whether a name fits a pattern in which `*` stands for anything.
#[must_use]
pub fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    last.map_or(rest.is_empty(), |part| name.ends_with(part))
}

/// Tells whether a scenario may differ in a fact.
#[must_use]
pub fn is_accepted(accepted: &[Accepted], name: &str, field: &str) -> bool {
    accepted
        .iter()
        .any(|row| row.fields.iter().any(|f| f == field) && row.scenarios.iter().any(|p| fits(p, name)))
}

/// The legacy builder that `LEGACY_BUILDER` names.
#[must_use]
pub fn builder() -> Option<Program> {
    std::env::var_os("LEGACY_BUILDER").map(Program::at)
}

/// Runs one scenario on both builders and tells each fact that differs without being accepted.
#[must_use]
pub fn compare(topic: &str, scenario: &Scenario, ours: &Program, legacy: &Program) -> Vec<String> {
    let name = format!("{topic}/{}", scenario.name);
    // Some scenarios make the legacy take all the memory there is.
    let bounded = scenario.clone().more_limits(MEMORY);
    let (ours, legacy) = (scenario.run(ours).facts(), bounded.run(legacy).facts());
    let accepted = accepted();
    let allowed = |field: &str| is_accepted(&accepted, &name, field);
    let differing = ours
        .iter()
        .filter(|(field, value)| legacy.get(*field) != Some(*value) && !allowed(field));
    differing
        .map(|(field, value)| format!("{name}: {field}\n{}", difference(&legacy[field], value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{fits, parse};

    #[test]
    fn patterns() {
        let check = |pattern: &str, name: &str, expected: bool| {
            assert_eq!(fits(pattern, name), expected, "{pattern}")
        };
        check("detect/first", "detect/first", true);
        check("detect/first", "detect/first-two", false);
        check("detect/*", "detect/first", true);
        check("*/git-*", "downloads/git-clone", true);
        check("*-x", "a-x-b", false);
        check("*-x", "a-x-x", true);
    }

    #[test]
    fn a_line_of_the_table() {
        let rows =
            parse("| id | scenario |\n| <a id=\"l-05\"></a>L-05 | `a/*`, b/c | result | stale, removed |\n");
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].id.as_str(), rows[0].fields.as_slice()),
            ("L-05", &["result".to_owned()][..])
        );
        assert_eq!(rows[0].scenarios, ["a/*", "b/c"]);
    }
}
