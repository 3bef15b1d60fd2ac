use super::*;

fn check(own: &str, unified: bool, expected: &[(&str, bool)]) {
    let places = places(own, unified);
    let places: Vec<_> = places
        .iter()
        .map(|(path, unified)| (path.to_str().expect("text"), *unified))
        .collect();
    assert_eq!(places, expected, "{own}");
}

#[test]
fn memory_is_looked_for_where_the_process_is_and_above() {
    check("", true, &[]);
    check(
        "4:cpu,memory:/a/b\n1:name=systemd:/x\n0::/c\n",
        false,
        &[("/sys/fs/cgroup/memory/a/b", false)],
    );
    check("0::/\n", true, &[("/sys/fs/cgroup/", true)]);
    check(
        "0::/user.slice/one.scope\n",
        true,
        &[
            ("/sys/fs/cgroup/user.slice/one.scope", true),
            ("/sys/fs/cgroup/user.slice", true),
            ("/sys/fs/cgroup", true),
        ],
    );
    check("nonsense\n7\n::\n", false, &[]);
}

#[test]
fn a_group_that_is_gone_is_removed() {
    let scratch = tempfile::tempdir().expect("a directory");
    remove(&scratch.path().join("gone")).expect("nothing to do");
}
