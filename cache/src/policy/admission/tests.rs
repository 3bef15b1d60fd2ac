use super::{Admission, Facts, admit};
use crate::model::outcome::Reason;
use crate::model::request::Rules;

const GOOD: Facts = Facts {
    rules: Rules {
        private: false,
        fresh_for: std::time::Duration::ZERO,
        stale_if_error: None,
        offline: false,
        always_revalidate: false,
        require_etag: false,
        strict_legacy: false,
        skip_special: false,
    },
    has_key: true,
    states_digest: false,
    has_etag: true,
    has_last_modified: true,
    no_store: false,
    showed_credentials: false,
    has_end: true,
};

fn check(change: fn(&mut Facts), expected: Admission) {
    let mut facts = GOOD;
    change(&mut facts);
    assert_eq!(admit(&facts), expected, "{facts:?}");
}

/// Rules: C-12, C-14, C-23, C-25, C-111, Q8, S-11, N-02
#[test]
fn what_may_not_be_shared_is_a_private_copy() {
    let private = Admission::Private;
    check(|_| {}, Admission::Shared);
    check(|f| f.has_etag = false, Admission::Shared);
    check(
        |f| (f.has_etag, f.rules.require_etag) = (false, true),
        private(Reason::NoValidators),
    );
    check(|f| f.rules.require_etag = true, Admission::Shared);
    check(
        |f| (f.has_etag, f.has_last_modified) = (false, false),
        private(Reason::NoValidators),
    );
    check(|f| f.no_store = true, private(Reason::NoStore));
    check(|f| f.showed_credentials = true, private(Reason::Credentials));
    check(|f| f.has_key = false, private(Reason::Asked));
    check(|f| f.rules.private = true, private(Reason::Asked));
    check(|f| f.has_end = false, private(Reason::NoValidators));
    let strict = |f: &mut Facts| {
        (f.has_etag, f.has_last_modified, f.rules.strict_legacy) = (false, false, true);
    };
    check(strict, Admission::NoValidators);
}

/// Rules: C-23, Q8, S-11
#[test]
fn a_stated_sha256_names_the_content_for_everybody() {
    let stated = |f: &mut Facts| f.states_digest = true;
    check(stated, Admission::Shared);
    check(
        |f| (f.states_digest, f.no_store) = (true, true),
        Admission::Shared,
    );
    check(
        |f| (f.states_digest, f.showed_credentials) = (true, true),
        Admission::Shared,
    );
    check(
        |f| (f.states_digest, f.has_key) = (true, false),
        Admission::Shared,
    );
    check(
        |f| (f.states_digest, f.has_etag, f.has_last_modified) = (true, false, false),
        Admission::Shared,
    );
    check(
        |f| (f.states_digest, f.rules.private) = (true, true),
        Admission::Private(Reason::Asked),
    );
}
