//! What the demo stages, carried in the program.

use std::path::Path;

use cache::sys::SysError;
use cache::sys::fs::make_dir_all;

use crate::sys::disk;

/// A file: its path, whether it is a program, its text.
type Bundled = (&'static str, bool, &'static str);

macro_rules! bundled {
    ($($kind:ident $path:literal),+ $(,)?) => {
        &[$(($path, bundled!(@ $kind), include_str!(concat!("../../../fixtures/demo/", $path)))),+]
    };
    (@ script) => { true };
    (@ file) => { false };
}

/// Everything, by its path in `fixtures/demo`.
const FILES: &[Bundled] = bundled![
    file "field-notes/Procfile",
    file "field-notes/pages/index.md",
    file "field-notes/pages/cell.md",
    file "field-notes/static/style.css",
    script "web/bin/detect",
    script "web/bin/supply",
    file "web/lib/serve.pl",
    script "site/bin/detect",
    script "site/bin/supply",
    script "site/bin/finalize",
    script "site/bin/release",
    script "toolkit/bin/detect",
    script "toolkit/bin/supply",
];

/// The application.
pub(super) const APP: &str = "field-notes";

/// The small buildpacks.
pub(super) const SMALL: [&str; 2] = ["web", "site"];

/// The heavy one, whose files are made on the spot.
pub(super) const HEAVY: &str = "toolkit";

/// Writes everything below `to`.
pub(super) fn write(to: &Path) -> Result<(), SysError> {
    for (path, is_script, text) in FILES {
        let path = to.join(path);
        if let Some(parent) = path.parent() {
            make_dir_all(parent, 0o755)?;
        }
        disk::write_new(&path, if *is_script { 0o755 } else { 0o644 }, text.as_bytes())?;
    }
    Ok(())
}
