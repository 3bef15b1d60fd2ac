//! Expected texts that are too long for a table.

use std::fs;
use std::path::Path;

/// Compares with `tests/golden/<name>.txt`; with `UPDATE_GOLDEN=1` the file is written instead.
pub fn compare(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().expect("a folder")).expect("golden folder");
        fs::write(&path, actual).expect("golden file");
        return;
    }
    let expected = fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("{}: {e}; UPDATE_GOLDEN=1 writes it", path.display()));
    assert!(
        expected == actual,
        "differs from {} (UPDATE_GOLDEN=1 rewrites it):\n{}",
        path.display(),
        difference(&expected, actual)
    );
}

/// Shows the lines that only one of two texts has.
#[must_use]
pub fn difference(expected: &str, actual: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (expected, actual) = (lines(expected), lines(actual));
    let missing = expected
        .iter()
        .filter(|line| !actual.contains(line))
        .map(|line| format!("- {line}\n"));
    let added = actual
        .iter()
        .filter(|line| !expected.contains(line))
        .map(|line| format!("+ {line}\n"));
    missing.chain(added).collect()
}
