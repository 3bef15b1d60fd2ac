use super::*;

const OBJECT: &str = "95bf4b36236dcd22f1c5eae88792349f6aad6a11a2dff77f2e29d3bb8a054da7-p1";
const VIEW: &str = "63562348cc019c2bef6aa720f050d776";

fn table(lines: &[(&str, &str)]) -> Vec<Mounted> {
    let line = |(root, place): &(&str, &str)| Mounted {
        device: "8:1".to_owned(),
        root: root
            .replace("OBJECT", &format!("objects/95/{OBJECT}/tree"))
            .replace("VIEW", VIEW)
            .into(),
        place: place.replace("VIEW", VIEW).into(),
    };
    lines.iter().map(line).collect()
}

/// Rules: container-view-spike §5.
#[test]
fn what_is_mounted_is_told_from_our_own_mounts() {
    // table -> views, kept, objects, strays
    let check = |lines: &[(&str, &str)], expected: [usize; 4]| {
        let mut in_use = InUse::default();
        in_use.add(&table(lines), "8:1", "/s".as_ref());
        let InUse {
            views,
            kept,
            objects,
            strays,
            ..
        } = &in_use;
        assert_eq!(
            [views.len(), kept.len(), objects.len(), strays.len()],
            expected,
            "{lines:?}"
        );
    };
    check(
        &[("/", "/"), ("/s", "/elsewhere"), ("/t/OBJECT", "/x")],
        [0, 0, 0, 0],
    );
    check(&[("/s/OBJECT", "/x")], [0, 0, 1, 1]);
    // A container: the view's own directory, and a slot in it.
    let container = [("/s/views/VIEW/root", "/c"), ("/s/OBJECT", "/c/a")];
    check(&container, [1, 0, 1, 0]);
    // This machine, in whatever namespace.
    let ours = [
        ("/s/views/VIEW/mounts", "/mnt/s/views/VIEW/mounts"),
        ("/s/OBJECT", "/mnt/s/views/VIEW/mounts/a"),
    ];
    check(&ours, [0, 1, 0, 0]);
    check(&[("/s/OBJECT", "/s/staging/x/object/mounts/a")], [0, 0, 0, 0]);
    check(&[("/s/OBJECT", "/home/mounts/a")], [0, 0, 1, 1]);
    check(&[("/s/OBJECT//deleted", "/x")], [0, 0, 1, 1]);
}
