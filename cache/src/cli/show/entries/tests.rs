//! Listings.

use super::*;
use crate::model::digest::Digest;
use crate::model::object::Form;

fn stored(key: Option<&str>, blocks: u64, used_at: u64) -> Stored {
    Stored {
        key: key.map(ToOwned::to_owned),
        key_id: None,
        object: ObjectId::new(Digest::new([7; 32]), Form::Tree),
        blocks,
        used_at,
        leases: 0,
        pinned: false,
        group: None,
    }
}

#[test]
fn a_listing_has_three_orders() {
    let listing = [
        stored(Some("b"), 10, 1),
        stored(Some("a"), 10, 3),
        stored(Some("c"), 30, 2),
        stored(None, 1, 3),
    ];
    let check = |order, expected: [&str; 4]| {
        let mut sorted = listing.clone();
        sort(&mut sorted, order);
        let keys = sorted.map(|stored| stored.key.unwrap_or_default());
        assert_eq!(keys, expected, "{order:?}");
    };
    check(Order::Key, ["", "a", "b", "c"]);
    check(Order::Size, ["c", "a", "b", ""]);
    check(Order::Used, ["", "a", "c", "b"]);
}

#[test]
fn a_line_says_what_is_special() {
    let pinned = Stored {
        pinned: true,
        leases: 2,
        group: Some("buildpacks".to_owned()),
        ..stored(Some("ruby"), 3 << 20, 40)
    };
    let lines = lines(&[pinned, stored(None, 512, 100)], 100);
    assert_eq!(lines[0], "SIZE  USED  LEASES  OBJECT           KEY");
    assert_eq!(
        lines[1],
        "  3M    1m       2  070707070707-p1  ruby [buildpacks] (pinned)"
    );
    assert_eq!(lines[2], "512B    0s       0  070707070707-p1  (replaced)");
}

#[test]
fn what_a_table_shows_stands_for_the_object() {
    let object = stored(None, 0, 0).object;
    let check = |text: &str, expected| assert_eq!(is_meant(text, &object), expected, "{text}");
    check(&short(&object), true);
    check(&object.to_string(), true);
    check("07070707", true);
    check("07070707-p1", true);
    check("07070707-f1", false);
    check("08", false);
}
