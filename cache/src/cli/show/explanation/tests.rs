//! Explanations in words.

use std::time::SystemTime;

use super::*;
use crate::model::outcome::{Cause, Hit};

/// Rules: C-26, Q19
#[test]
fn every_verdict_has_its_words() {
    let check_both = |verdict, is_local, expected: &str| {
        let explained = Explanation {
            entry: None,
            validated_at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(40)),
            slot: None,
            ghost: None,
            verdict,
            same_source: true,
            is_local,
        };
        assert_eq!(lines(&explained, 100)[0], expected);
    };
    let check = |verdict, expected: &str| check_both(verdict, false, expected);
    let check_local = |verdict, expected: &str| check_both(verdict, true, expected);
    check(
        Verdict::Serve(Hit::Digest),
        "serve: the origin is not asked (digest)",
    );
    check(
        Verdict::Ask {
            with_validators: true,
        },
        "ask: the origin is asked whether the stored version is current",
    );
    check(
        Verdict::Ask {
            with_validators: false,
        },
        "ask: the origin is asked for its body: it gave nothing by which the stored version can be recognised",
    );
    check(
        Verdict::FetchAnew(Cause::Cold),
        "fetch: nothing that may be served is here (cold)",
    );
    check(
        Verdict::FetchAnew(Cause::Changed),
        "fetch: the stored version came from another source (changed)",
    );
    check(
        Verdict::FetchAnew(Cause::Checksum),
        "fetch: the stored version is not shown to have the stated checksum (checksum)",
    );
    check_local(
        Verdict::Ask {
            with_validators: false,
        },
        "read: the source is read, and taken anew if it is not what is stored",
    );
    check_local(
        Verdict::FetchAnew(Cause::Cold),
        "read: nothing that may be served is here (cold)",
    );
    check_local(
        Verdict::Serve(Hit::Fresh),
        "serve: the source is not read (fresh)",
    );
    check(
        Verdict::OfflineMissing,
        "fail: nothing that may be served is here, and --offline forbids asking",
    );
}
