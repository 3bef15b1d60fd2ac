//! Comparison with the legacy builder: its recorded runs always, a living one when `LEGACY_BUILDER` names it.

use nix::unistd::geteuid;
use tests::{legacy, replay};

use super::{program, topics};

/// Rows: R12.1-01, R12.1-02, R12.1-03, R16.2-01, R16.2-02, R16.2-10, R16.2-11, R16.3-01, R7-02, R9-11, R10.3-01, R4-03
#[test]
fn recorded_stagings_are_the_same() {
    let owners = geteuid().is_root();
    if !owners {
        tests::skipped!("owners of members are not compared, that needs root");
    }
    let cases = replay::cases();
    let differences: Vec<_> = cases
        .iter()
        .flat_map(|case| replay::differences(&program(), case, owners))
        .collect();
    assert!(cases.len() >= 90, "only {} recorded cases", cases.len());
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn a_living_legacy_builder_does_the_same() {
    let Some(old) = legacy::builder() else {
        tests::skipped!("LEGACY_BUILDER names no builder, nothing was compared with a living one");
        return;
    };
    let mut differences = Vec::new();
    for (topic, scenarios) in topics() {
        for scenario in scenarios.iter().filter(|scenario| scenario.can_run()) {
            differences.extend(legacy::compare(topic, scenario, &program(), &old));
        }
    }
    assert!(
        differences.is_empty(),
        "not in docs/decisions/legacy-differences.md:\n{}",
        differences.join("\n")
    );
}

#[test]
fn every_accepted_difference_has_a_reason_and_names_facts_that_exist() {
    let fields = [
        "exit",
        "stdout",
        "stderr",
        "result",
        "staging_info",
        "droplet",
        "cache",
        "left",
        "cache_dir",
        "app_dir",
    ];
    let mut ids = std::collections::BTreeSet::new();
    for row in legacy::accepted() {
        assert!(ids.insert(row.id.clone()), "{} twice", row.id);
        assert!(!row.reason.is_empty(), "{} without a reason", row.id);
        for field in &row.fields {
            assert!(
                fields.contains(&field.as_str()),
                "{}: no fact is called {field:?}",
                row.id
            );
        }
    }
}
