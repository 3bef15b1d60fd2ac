use std::time::Duration;

use proptest::prelude::*;

use super::Verdict::{Ask, FetchAnew, OfflineMissing, Serve};
use super::{Failure, Known, Question, Recorded, Validators, Verdict, decide, may_serve_stale};
use crate::model::checksum::Checksum;
use crate::model::digest::Digest;
use crate::model::outcome::{Cause, Hit};
use crate::model::request::Rules;

const HERE: Digest = Digest::new([1; 32]);
const OTHER: Digest = Digest::new([2; 32]);
const MD5: [u8; 16] = [3; 16];
const NOW: u64 = 1_000_000;

const ASK: Verdict = Ask {
    with_validators: true,
};

/// An entry of the same source, validated 100 seconds ago, of which sha256 and md5 are recorded.
const KNOWN: Known<'_> = Known {
    sha256: &HERE,
    recorded: Recorded {
        md5: Some(&MD5),
        sha1: None,
        sha512: None,
    },
    same_source: true,
    validators: Validators::Etag,
    validated_at: NOW - 100,
};

fn question<'a>(known: Option<Known<'a>>, checksum: Option<&'a Checksum>, rules: Rules) -> Question<'a> {
    Question {
        rules,
        checksum,
        has_stated: false,
        known,
        now: NOW,
    }
}

#[track_caller]
fn check(known: Option<Known<'_>>, checksum: Option<&Checksum>, rules: Rules, expected: Verdict) {
    assert_eq!(decide(&question(known, checksum, rules)), expected);
}

fn md5(value: [u8; 16]) -> Checksum {
    Checksum::new("md5", &hex::encode(value)).unwrap()
}

fn sha512() -> Checksum {
    Checksum::new("sha512", &"0".repeat(128)).unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fresh_for(limit: u64) -> Rules {
    Rules {
        fresh_for: seconds(limit),
        ..Rules::default()
    }
}

fn stale_for(limit: u64) -> Rules {
    Rules {
        stale_if_error: Some(seconds(limit)),
        ..Rules::default()
    }
}

const OFFLINE: Rules = Rules {
    offline: true,
    private: false,
    fresh_for: Duration::ZERO,
    stale_if_error: None,
    always_revalidate: false,
    require_etag: false,
    strict_legacy: false,
    skip_special: false,
};

const ALWAYS: Rules = Rules {
    always_revalidate: true,
    offline: false,
    ..OFFLINE
};

/// Rules: C-20, C-21, C-32, Q19.
#[test]
fn by_default_an_entry_is_asked_about_and_an_absent_one_fetched() {
    check(None, None, Rules::default(), FetchAnew(Cause::Cold));
    check(Some(KNOWN), None, Rules::default(), ASK);
}

/// Rules: C-14, C-32.
#[test]
fn validators_are_sent_if_they_are_enough() {
    let with = |validators| Some(Known { validators, ..KNOWN });
    let without = Ask {
        with_validators: false,
    };
    let require_etag = Rules {
        require_etag: true,
        ..Rules::default()
    };
    check(with(Validators::Etag), None, Rules::default(), ASK);
    check(with(Validators::LastModified), None, Rules::default(), ASK);
    check(with(Validators::None), None, Rules::default(), without);
    check(with(Validators::Etag), None, require_etag, ASK);
    check(with(Validators::LastModified), None, require_etag, without);
}

/// Rules: C-26, Q19, S-08.
#[test]
fn a_stated_sha256_that_is_here_costs_no_round_trip() {
    let here = Checksum::sha256(HERE);
    check(Some(KNOWN), Some(&here), Rules::default(), Serve(Hit::Digest));
    check(Some(KNOWN), Some(&here), OFFLINE, Serve(Hit::Digest));
    check(Some(KNOWN), Some(&here), ALWAYS, ASK);
    // Even from elsewhere: the content is the one stated.
    let elsewhere = Known {
        same_source: false,
        ..KNOWN
    };
    check(Some(elsewhere), Some(&here), Rules::default(), Serve(Hit::Digest));
    check(Some(elsewhere), Some(&here), ALWAYS, FetchAnew(Cause::Changed));
}

/// Rules: C-11, C-26.
#[test]
fn a_stated_sha256_is_found_under_any_key() {
    let other = Checksum::sha256(OTHER);
    let check = |known, rules, expected| {
        let question = Question {
            has_stated: true,
            ..question(known, Some(&other), rules)
        };
        assert_eq!(decide(&question), expected);
    };
    check(None, Rules::default(), Serve(Hit::Digest));
    check(Some(KNOWN), Rules::default(), Serve(Hit::Digest));
    check(None, OFFLINE, Serve(Hit::Digest));
    check(None, ALWAYS, FetchAnew(Cause::Cold));
    check(Some(KNOWN), ALWAYS, FetchAnew(Cause::Checksum));
}

/// Rules: C-17, S-08.
#[test]
fn a_stated_checksum_is_compared_on_hits() {
    let other = Checksum::sha256(OTHER);
    let miss = FetchAnew(Cause::Checksum);
    check(Some(KNOWN), Some(&other), Rules::default(), miss);
    check(Some(KNOWN), Some(&other), fresh_for(1000), miss);
    check(Some(KNOWN), Some(&other), OFFLINE, OfflineMissing);
    check(Some(KNOWN), Some(&md5([4; 16])), fresh_for(1000), miss);
    // Recorded and equal; but no name of content, so the origin is asked all the same.
    check(Some(KNOWN), Some(&md5(MD5)), Rules::default(), ASK);
    check(Some(KNOWN), Some(&md5(MD5)), fresh_for(1000), Serve(Hit::Fresh));
    check(Some(KNOWN), Some(&md5(MD5)), OFFLINE, Serve(Hit::Offline));
    // Not recorded: nobody can say that it is equal.
    check(Some(KNOWN), Some(&sha512()), fresh_for(1000), miss);
    check(Some(KNOWN), Some(&sha512()), OFFLINE, OfflineMissing);
}

/// Rules: C-11, S-10.
#[test]
fn another_source_is_never_mixed_in() {
    let elsewhere = Some(Known {
        same_source: false,
        ..KNOWN
    });
    check(elsewhere, None, fresh_for(1000), FetchAnew(Cause::Changed));
    check(elsewhere, None, OFFLINE, OfflineMissing);
}

/// Rules: Q19, S-14.
#[test]
fn within_the_window_nobody_is_asked() {
    check(Some(KNOWN), None, fresh_for(101), Serve(Hit::Fresh));
    check(Some(KNOWN), None, fresh_for(100), ASK);
    let both = Rules {
        fresh_for: seconds(1000),
        ..ALWAYS
    };
    check(Some(KNOWN), None, both, ASK);
    // The clock was set back: no age, not fresh.
    let from_tomorrow = Known {
        validated_at: NOW + 1,
        ..KNOWN
    };
    check(Some(from_tomorrow), None, fresh_for(u64::MAX), ASK);
}

/// Rules: Q20.
#[test]
fn offline_serves_what_is_here_or_says_so() {
    check(Some(KNOWN), None, OFFLINE, Serve(Hit::Offline));
    check(None, None, OFFLINE, OfflineMissing);
}

/// Rules: C-25, Q8.
#[test]
fn a_private_request_takes_nothing_from_the_store() {
    let here = Checksum::sha256(HERE);
    let private = |offline| Rules {
        private: true,
        offline,
        ..Rules::default()
    };
    check(Some(KNOWN), Some(&here), private(false), FetchAnew(Cause::Cold));
    check(Some(KNOWN), Some(&here), private(true), OfflineMissing);
}

#[track_caller]
fn check_stale(question: &Question<'_>, failure: Failure, expected: bool) {
    assert_eq!(may_serve_stale(question, failure), expected, "{failure:?}");
}

/// Rules: C-28, C-29, C-30, Q20.
#[test]
fn stale_content_is_for_an_origin_in_trouble_only() {
    let allowed = question(Some(KNOWN), None, stale_for(1000));
    for status in [408, 425, 429, 500, 502, 503, 504, 599] {
        check_stale(&allowed, Failure::Status(status), true);
    }
    for status in [200, 206, 304, 400, 401, 403, 404, 405, 410, 416, 451, 600] {
        check_stale(&allowed, Failure::Status(status), false);
    }
    check_stale(&allowed, Failure::Unreachable, true);
    check_stale(&allowed, Failure::Content, false);
}

/// Rules: C-29, C-11, C-17, S-14.
#[test]
fn stale_content_is_young_enough_and_what_was_asked_for() {
    #[track_caller]
    fn check(known: Option<Known<'_>>, checksum: Option<&Checksum>, rules: Rules, expected: bool) {
        check_stale(&question(known, checksum, rules), Failure::Unreachable, expected);
    }
    check(Some(KNOWN), None, Rules::default(), false);
    check(Some(KNOWN), None, stale_for(101), true);
    check(Some(KNOWN), None, stale_for(100), false);
    check(None, None, stale_for(1000), false);
    let elsewhere = Known {
        same_source: false,
        ..KNOWN
    };
    check(Some(elsewhere), None, stale_for(1000), false);
    let from_tomorrow = Known {
        validated_at: NOW + 1,
        ..KNOWN
    };
    check(Some(from_tomorrow), None, stale_for(1000), false);
    check(Some(KNOWN), Some(&md5(MD5)), stale_for(1000), true);
    check(Some(KNOWN), Some(&md5([4; 16])), stale_for(1000), false);
    check(
        Some(KNOWN),
        Some(&Checksum::sha256(OTHER)),
        stale_for(1000),
        false,
    );
    check(Some(KNOWN), Some(&sha512()), stale_for(1000), false);
    let private = Rules {
        private: true,
        ..stale_for(1000)
    };
    check(Some(KNOWN), None, private, false);
}

proptest! {
    /// Rules: C-17, S-08. Whatever else is asked, content that is not shown to be the stated one is never served.
    #[test]
    fn nothing_but_the_stated_content_is_served(
        stated in 0u8..3,
        offline: bool, always_revalidate: bool, same_source: bool, has_stated: bool,
        fresh in 0u64..300, stale in 0u64..300, age in 0u64..300, status in 100u16..600,
    ) {
        let sums = [Checksum::sha256(OTHER), md5([9; 16]), sha512()];
        let checksum = &sums[usize::from(stated)];
        let rules = Rules {
            offline,
            always_revalidate,
            fresh_for: seconds(fresh),
            stale_if_error: Some(seconds(stale)),
            ..Rules::default()
        };
        let known = Known { same_source, validated_at: NOW - age, ..KNOWN };
        let question = Question { has_stated, ..question(Some(known), Some(checksum), rules) };
        let served = matches!(decide(&question), Serve(_));
        prop_assert_eq!(served, has_stated && stated == 0 && (offline || !always_revalidate));
        prop_assert!(!may_serve_stale(&question, Failure::Status(status)));
    }
}
