//! What it costs to show a container something large.

use std::time::Instant;

use cache::ingest::download::Cancel;
use cache::view::{MappedOwner, Showing, WantedWay};
use cache::{ViewItem, ViewRequest};

use crate::setup::{Bench, PLENTY, stating};
use crate::table::{Table, Times};

/// 20,000 files of 50 kB: 1 GB.
const LARGE: &str = "/tar=20000x50000/view";

/// How often each kind of view is made.
const ROUNDS: usize = 20;

/// Makes views of a buildpack of 20,000 files and 1 GB, in each way.
pub(crate) fn created(bench: &Bench, table: &mut Table) {
    let store = bench.store(PLENTY);
    let request = bench.request(LARGE);
    let object = store.pass(&request);
    let asked = stating(&request, &object);
    let files = 20_000;
    for (way, rounds) in [
        (WantedWay::Auto, ROUNDS),
        (WantedWay::Links, 3),
        (WantedWay::Copy, 1),
    ] {
        let wanted = ViewRequest {
            name: "bench".to_owned(),
            items: vec![ViewItem {
                name: "large".to_owned(),
                request: asked.clone(),
                optional: false,
                placement: None,
            }],
            terms: asked.terms.clone(),
            destination: "/cached-downloads".into(),
            link: None,
            showing: Showing {
                way,
                owner: Some(MappedOwner { uid: 2000, gid: 2000 }),
                privileged: false,
            },
        };
        let (mut times, mut ends, mut inodes, mut name) = (Vec::new(), Vec::new(), 0, "");
        for _ in 0..rounds {
            let begun = Instant::now();
            let view = store.cache.view_create(&wanted, &Cancel::new()).expect("a view");
            times.push(begun.elapsed());
            (inodes, name) = (view.record.content.inodes, view.record.way.name());
            let begun = Instant::now();
            store.cache.view_release("bench").expect("released");
            ends.push(begun.elapsed());
        }
        let (times, ends) = (Times::new(times), Times::new(ends));
        let measured = format!("{times}; {inodes} inodes; released in {:.1?}", ends.at(50));
        let figure = format!("view of {files} files, 1 GB: {name} ({})", way.name());
        if name == "P1" {
            let is_met = times.at(50).as_millis() < 10 && inodes <= 6;
            table.judge(figure, "≤ 10 ms, no inode but its places", measured, is_met);
        } else {
            table.note(figure, measured);
        }
    }
}
