use super::Environment;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

#[test]
fn the_first_of_two_equal_names_counts_and_setting_replaces_both() {
    let mut env = environment(&[("A", "1"), ("A", "2")]);
    assert_eq!(env.get("A").unwrap(), "1");
    env.set("A", "3".into());
    assert_eq!(env.variables(), [("A".into(), "3".into())]);
}

#[test]
fn an_empty_tmpdir_counts_as_none() {
    assert_eq!(
        environment(&[("TMPDIR", "")]).temp_dir(),
        std::path::Path::new("/tmp")
    );
    assert_eq!(
        environment(&[("TMPDIR", "rel")]).temp_dir(),
        std::path::Path::new("rel")
    );
}
