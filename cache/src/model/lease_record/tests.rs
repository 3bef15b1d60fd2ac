use super::{BootId, LeaseId, LeaseRecord, LeaseSecret, Share};
use crate::model::digest::Digest;
use crate::model::lease::{Holder, Label};
use crate::model::object::{Form, ObjectId};

fn record(ends: Option<u64>) -> LeaseRecord {
    LeaseRecord {
        v: 1,
        id: LeaseSecret::new([1; 16]).name([2; 10]),
        object: ObjectId::new(Digest::new([7; 32]), Form::Tree),
        share: Share::Shared,
        key: Some("a".to_owned()),
        holder: Holder::Process {
            pid: 4,
            start: 5,
            namespace: None,
        },
        label: Label::new("x"),
        made_at: 1,
        expires: None,
        ends,
        boot: BootId([3; 16]),
        view: None,
    }
}

/// Rules: C-84, C-112.
#[test]
fn a_store_knows_the_names_it_gave_out() {
    let ours = LeaseSecret::new([1; 16]);
    let id = ours.name([9; 10]);
    assert!(ours.has_named(&id));
    assert!(!LeaseSecret::new([2; 16]).has_named(&id));
    let other: LeaseId = "00000000000000000000000000000000".parse().expect("well-formed");
    assert!(!ours.has_named(&other));
}

#[test]
fn names_have_one_text() {
    let text = LeaseSecret::new([1; 16]).name([0xab; 10]).to_string();
    assert_eq!(text.parse::<LeaseId>().expect("its own text").to_string(), text);
    for bad in [
        "",
        "abc",
        &text.to_uppercase(),
        &format!("{text}00"),
        "../../../../../../../etc/passwd0",
    ] {
        assert!(bad.parse::<LeaseId>().is_err(), "{bad}");
    }
}

/// Rules: S-14.
#[test]
fn leases_end_with_their_time_or_their_boot() {
    let boot = BootId([3; 16]);
    assert!(!record(None).is_void(boot, u64::MAX));
    assert!(record(None).is_void(BootId([4; 16]), 0));
    assert!(!record(Some(10)).is_void(boot, 9));
    assert!(record(Some(10)).is_void(boot, 10));
}

#[test]
fn records_come_back() {
    let text = serde_json::to_string(&record(Some(1))).expect("a record is JSON");
    let back: LeaseRecord = serde_json::from_str(&text).expect("its own text");
    assert_eq!(back, record(Some(1)));
}

/// Rules: C-85, S-14, S-13.
#[test]
fn a_holder_is_gone_only_where_its_number_means_it() {
    let check = |namespace, here, start, expected| {
        let holder = Holder::Process {
            pid: 4,
            start: 5,
            namespace,
        };
        assert_eq!(
            holder.is_gone(here, |_| start),
            expected,
            "{namespace:?} {here:?} {start:?}"
        );
    };
    check(Some(1), Some(1), Some(5), false);
    check(Some(1), Some(1), Some(6), true);
    check(Some(1), Some(1), None, true);
    check(Some(1), Some(2), None, false);
    check(Some(1), None, None, false);
    // Records of before namespaces were told, and machines that tell none.
    check(None, Some(2), None, true);
    check(None, None, Some(5), false);
    assert!(!Holder::External.is_gone(None, |_| None));
    let old: Holder = serde_json::from_str(r#"{"process":{"pid":4,"start":5}}"#).expect("an old record");
    assert!(old.is_gone(Some(1), |_| None));
}
