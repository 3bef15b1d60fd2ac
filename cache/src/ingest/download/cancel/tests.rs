use super::Cancel;

/// Rules: C-55.
#[test]
fn a_flag_reaches_its_clones_and_children_and_nobody_else() {
    let parent = Cancel::new();
    let (twin, child, other) = (parent.clone(), parent.child(), parent.child());
    child.cancel();
    assert!(child.is_cancelled());
    assert!(!parent.is_cancelled() && !twin.is_cancelled() && !other.is_cancelled());
    twin.cancel();
    assert!(parent.is_cancelled() && other.is_cancelled());
    assert!(parent.child().is_cancelled());
}
