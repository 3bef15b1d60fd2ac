//! Archives of the outside world: `REAL_ARCHIVES` names a folder of them. Our trees are those of GNU tar and Info-ZIP,
//! apart from owners and the documented modes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::inventory::{Entry, Fact, Inventory};

use super::cell;

fn archives() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("REAL_ARCHIVES") else {
        return Vec::new();
    };
    let listed = fs::read_dir(folder).expect("REAL_ARCHIVES is a folder");
    let mut archives: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    archives.sort();
    archives
}

fn unpacked(archive: &Path, folder: &Path) {
    let name = archive.to_str().expect("a plain name");
    let folder = folder.to_str().expect("a plain name");
    let is_zip = fs::read(archive).expect("an archive").starts_with(b"PK");
    let mut command = if is_zip {
        let mut command = Command::new("unzip");
        command.args(["-q", "-o", name, "-d", folder]);
        command
    } else {
        let mut command = Command::new("tar");
        command.args(["--no-same-owner", "-xf", name, "-C", folder]);
        command
    };
    let output = command.output().expect("tar and unzip are here");
    assert!(output.status.success(), "{name}: {output:?}");
}

/// Whether a link in a tree is absolute, which leaves any object.
fn has_link_out(tree: &Path) -> bool {
    let tree = Inventory::of(tree);
    tree.iter()
        .any(|(_, entry)| entry.kind == 'l' && entry.link.starts_with(b"/"))
}

/// The documented modes: execute for all or for none.
fn by_policy(mode: u32, kind: char) -> u32 {
    match kind {
        'd' => 0o755,
        'f' if mode & 0o111 != 0 => 0o755,
        'f' => 0o644,
        _ => 0,
    }
}

/// Rules: A-24, C-60, C-61, C-62, C-70, C-72, C-73, C-76, C-77, A-83, A-88
#[test]
fn archives_of_the_outside_world_unpack_alike() {
    let archives = archives();
    if archives.is_empty() {
        tests::skipped!("archives of the outside world: run by hand with REAL_ARCHIVES=FOLDER");
        return;
    }
    let mut faults = Vec::new();
    for archive in &archives {
        let cell = cell();
        let line = format!("{} --key a", archive.display());
        let ran = cell.fetch(&line);
        let theirs = cell.path("files/theirs");
        fs::create_dir(&theirs).expect("a folder");
        unpacked(archive, &theirs);
        if ran.code != Some(0) {
            // What the policy refuses must be there to be refused.
            if ran.outcome() == "6 archive" && has_link_out(&theirs) {
                eprintln!("{}: refused, a link leaves it", archive.display());
            } else {
                faults.push(format!("{}: {ran}", archive.display()));
            }
            continue;
        }
        let (ours, theirs) = (
            Inventory::of(Path::new(&ran.word("path"))),
            Inventory::of(&theirs),
        );
        let mode = |entry: Option<&Entry>| entry.map_or(0, |entry| by_policy(entry.mode, entry.kind));
        let differences = theirs.differences(&ours).into_iter().filter(|difference| {
            let is_root = difference.name.is_empty();
            match difference.fact {
                Fact::Owner => false,
                Fact::Mode => {
                    ours.get(&difference.name).map_or(0, |entry| entry.mode)
                        != mode(theirs.get(&difference.name))
                }
                // A directory's time is whenever something was last put into it.
                Fact::Time => difference.kind == 'f' && !is_root,
                _ => true,
            }
        });
        let shown: Vec<_> = differences
            .take(5)
            .map(|difference| {
                format!(
                    "  {}: {:?} {}",
                    String::from_utf8_lossy(&difference.name),
                    difference.fact,
                    difference.values
                )
            })
            .collect();
        if !shown.is_empty() {
            faults.push(format!("{}:\n{}", archive.display(), shown.join("\n")));
        }
        eprintln!("{}: {} entries", archive.display(), ours.len());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
