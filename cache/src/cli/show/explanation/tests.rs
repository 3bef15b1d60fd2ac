//! Explanations in words.

use std::time::SystemTime;

use super::*;
use crate::model::outcome::{Cause, Hit};

/// Rules: C-26, Q19
#[test]
fn every_verdict_has_its_words() {
    let check = |verdict, expected: &str| {
        let explained = Explanation {
            entry: None,
            validated_at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(40)),
            slot: None,
            ghost: None,
            verdict,
            same_source: true,
        };
        assert_eq!(lines(&explained, 100)[0], expected);
    };
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
        "ask: the origin is asked for its body: the stored version came from another source",
    );
    check(
        Verdict::FetchAnew(Cause::Cold),
        "fetch: nothing that may be served is here (cold)",
    );
    check(
        Verdict::OfflineMissing,
        "fail: nothing that may be served is here, and --offline forbids asking",
    );
}
