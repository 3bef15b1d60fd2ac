use super::DepsIndex;

#[track_caller]
fn check(supplying: usize, first: &str, last: &str) {
    let names: Vec<String> = DepsIndex::all(supplying).map(|index| index.to_string()).collect();
    assert_eq!(
        (names.len(), names[0].as_str(), names[supplying].as_str()),
        (supplying + 1, first, last)
    );
    assert_eq!(DepsIndex::last(supplying).to_string(), last);
}

/// Rows: R4-19
#[test]
fn indices_are_padded_to_the_number_of_buildpacks() {
    check(0, "0", "0");
    check(8, "0", "8");
    check(9, "00", "09");
    check(98, "00", "98");
    check(99, "000", "099");
}
