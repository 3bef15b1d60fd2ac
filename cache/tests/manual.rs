//! The operator's manual, run from top to bottom: what docs/cellcache.md shows is what the program prints.
//!
//! Commands stand in blocks marked `console` behind `$ `; what follows is their output, both streams together as a
//! terminal shows them, and `(exit code N)` when that is not 0. Numbers, moments and names in hex may differ between
//! the manual and a run; everything else may not. A name that the manual shows stands for the one that the run gave at
//! that place, so later commands can use it. `UPDATE_MANUAL=1` writes the outputs into the manual.

#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

mod manual {
    pub(crate) mod origin;
    pub(crate) mod page;
    pub(crate) mod scene;
}

use std::path::Path;

use manual::page::Page;
use manual::scene::Scene;

#[test]
fn the_manual_shows_what_the_program_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cellcache.md");
    let text = std::fs::read_to_string(&path).expect("the manual");
    let scene = Scene::new(Path::new(env!("CARGO_BIN_EXE_cellcache")));
    let mut page = Page::parse(&text);
    let differences = page.run(&scene);
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        std::fs::write(&path, page.render()).expect("the manual");
        return;
    }
    assert!(
        differences.is_empty(),
        "the manual and the program differ; UPDATE_MANUAL=1 writes what the program prints\n\n{}",
        differences.join("\n\n")
    );
}
