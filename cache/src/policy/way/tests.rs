use super::*;
use crate::model::way::MappedOwner;

const VCAP: Option<MappedOwner> = Some(MappedOwner { uid: 2000, gid: 2000 });

/// Rules: design §3, container-view-spike §8.
#[test]
fn the_best_way_that_can_be_had_is_chosen() {
    use WantedWay::{Auto, Copy, InPlace, Links, Slots, Symlinks};
    // wanted, owner, privileged, slots refused, map refused -> way, reason, mapped
    type Row = (
        (WantedWay, Option<MappedOwner>, bool),
        (bool, bool),
        Result<(Way, &'static str, bool), &'static str>,
    );
    let table: &[Row] = &[
        ((Auto, VCAP, false), (false, false), Ok((Way::Slots, "", true))),
        (
            (Auto, VCAP, false),
            (false, true),
            Ok((Way::PlainSlots, "no ID map: M", false)),
        ),
        (
            (Auto, None, false),
            (false, false),
            Ok((Way::PlainSlots, "no owner to map to was named", false)),
        ),
        (
            (Auto, VCAP, false),
            (true, false),
            Ok((Way::Farm, "no mounts: S", true)),
        ),
        (
            (Auto, VCAP, false),
            (true, true),
            Ok((Way::Farm, "no mounts: S; no ID map: M", false)),
        ),
        (
            (Auto, None, true),
            (false, false),
            Ok((
                Way::Copy,
                "a privileged container gets no writable file of the store",
                false,
            )),
        ),
        ((Slots, VCAP, false), (false, false), Ok((Way::Slots, "", true))),
        ((Slots, VCAP, false), (true, true), Err("S")),
        ((Links, None, false), (true, true), Ok((Way::Farm, "", false))),
        (
            (InPlace, None, false),
            (false, false),
            Ok((Way::Farm, "no mounts: it is read in its place", false)),
        ),
        ((Links, VCAP, false), (true, false), Ok((Way::Farm, "", true))),
        (
            (Symlinks, None, false),
            (false, false),
            Ok((Way::Symlinks, "", false)),
        ),
        (
            (Symlinks, VCAP, false),
            (false, false),
            Ok((
                Way::Symlinks,
                "no ID map: the owner of all objects could list them",
                false,
            )),
        ),
        ((Copy, None, false), (false, false), Ok((Way::Copy, "", false))),
        (
            (Links, None, true),
            (false, false),
            Err("a privileged container could write into the store, so it gets copies only"),
        ),
        (
            (Symlinks, None, true),
            (false, false),
            Err("a privileged container could write into the store, so it gets copies only"),
        ),
    ];
    for ((way, owner, privileged), (no_slots, no_map), expected) in table {
        let showing = Showing {
            way: *way,
            owner: *owner,
            privileged: *privileged,
        };
        let tried = Tried {
            slots: no_slots.then(|| "S".to_owned()),
            map: no_map.then(|| "M".to_owned()),
        };
        let got = choose(&showing, &tried);
        let got = got
            .as_ref()
            .map(|choice| {
                (
                    choice.way,
                    choice.reason.as_deref().unwrap_or_default(),
                    choice.is_mapped,
                )
            })
            .map_err(|refused| refused.reason.as_str());
        assert_eq!(got, *expected, "{showing:?} {tried:?}");
    }
}

#[test]
fn a_trial_is_made_where_the_choice_rests_on_it() {
    let check = |way, owner, privileged, expected| {
        let showing = Showing {
            way,
            owner,
            privileged,
        };
        assert_eq!(needs_trial(&showing), expected, "{showing:?}");
    };
    check(WantedWay::Auto, None, false, true);
    check(WantedWay::Slots, None, false, true);
    check(WantedWay::Links, None, false, false);
    check(WantedWay::Links, VCAP, false, true);
    check(WantedWay::Symlinks, VCAP, false, false);
    check(WantedWay::Auto, None, true, false);
    check(WantedWay::Copy, VCAP, true, true);
}
