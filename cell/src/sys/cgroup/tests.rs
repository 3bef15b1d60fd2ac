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

#[test]
fn deaths_for_memory_are_counted() {
    let check = |text: &str, expected: u64| assert_eq!(killed(text), expected, "{text}");
    check("low 0\nhigh 0\nmax 31\noom 2\noom_kill 1\noom_group_kill 0\n", 1);
    check("oom_kill_disable 0\nunder_oom 0\noom_kill 12\n", 12);
    check("oom_kill_disable 1\noom_kill many\n", 0);
    check("", 0);
}
