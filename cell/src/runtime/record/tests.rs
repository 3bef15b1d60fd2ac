use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::runtime::Kind;
use crate::runtime::order::Work;
use crate::userns::Identity;

fn order(workspace: &Path) -> Order {
    Order {
        id: "cell-0".to_owned(),
        kind: Kind::None,
        cell: (1, 1),
        workspace: workspace.to_owned(),
        identity: Identity::Host,
        memory: None,
        work: Work::Direct {
            args: Vec::new(),
            env: Vec::new(),
            cwd: workspace.to_owned(),
            ids: None,
        },
    }
}

/// Who looks for what killed runs have left may look while one is being written, and a keeper may be killed then.
#[test]
fn a_record_is_there_whole_or_not_at_all() {
    let scratch = tempfile::tempdir().unwrap();
    let workspace = scratch.path();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..300 {
                write(&order(workspace), &[]).unwrap();
                files::drop_dir(&workspace.join(ROOM)).unwrap();
            }
            is_over.store(true, Ordering::Relaxed);
        });
        while !is_over.load(Ordering::Relaxed) {
            read(workspace).unwrap();
        }
    });
    assert!(read(workspace).unwrap().is_some());
}
