//! Stagings without a container: the scripts run on this machine, some of them as the very user to whom the store belongs.

use tests::scene::{Scene, directory, enlarge, scripts};

/// A script that writes beside itself never writes into the store, however large its buildpack is and whoever runs it.
///
/// Rules: I-4, B-11
#[test]
fn scripts_write_into_no_store() {
    let writes = scripts(
        "chmod -R u+w \"$here\" 2>/dev/null || true
         for file in bin/detect lib/words; do { echo x >>\"$here/$file\"; } 2>/dev/null || true; done
         touch \"$here/new\" 2>/dev/null || true; rm -f \"$here/lib/other\" 2>/dev/null || true
         echo \"at $here\" >\"$1/told\"",
    );
    let writes: Vec<_> = writes
        .into_iter()
        .chain(["lib/words", "lib/other"].map(|path| (path, 0o644, b"words\n".to_vec())))
        .collect();
    for scene in Scene::bare(super::PROGRAMS) {
        let app = scene.app();
        let small = directory(&scene, "small", &writes);
        let large = directory(&scene, "large", &writes);
        enlarge(&large);
        for source in [&small, &large] {
            for placement in ["auto", "inplace", "link", "copy"] {
                let told = scene.told(&format!(
                    "{app} -b {source} --runtime none --placement {placement}"
                ));
                assert!(told.starts_with("at /"), "{told}");
                scene.assert_sound();
            }
        }
    }
}
