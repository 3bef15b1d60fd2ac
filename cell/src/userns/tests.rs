use super::*;

fn map(ranges: &[(u32, u32, u32)]) -> IdMap {
    let ranges = ranges.iter().map(|&(inside, outside, count)| IdRange {
        inside,
        outside,
        count,
    });
    IdMap(ranges.collect())
}

fn facts(uid: u32, uids: &str, sub: &[(u32, u32)]) -> Facts {
    let sub: Vec<_> = sub
        .iter()
        .map(|&(first, count)| Subordinate { first, count })
        .collect();
    Facts {
        uid,
        gid: uid,
        is_admin: uid == 0,
        uids: IdMap::parse(uids),
        gids: IdMap::parse(uids),
        subuids: sub.clone(),
        subgids: sub,
    }
}

const ALL: &str = "         0          0 4294967295\n";

fn check(isolation: Isolation, facts: &Facts, expected: Result<Identity, Impossible>) {
    assert_eq!(identity(isolation, facts), expected, "{facts:?}");
}

#[test]
fn root_maps_as_the_platform_does() {
    let ids = map(&[(0, 4_294_967_294, 1), (1, 1, 4_294_967_293)]);
    let expected = Identity::Mapped {
        uids: ids.clone(),
        gids: ids,
    };
    assert_eq!(expected.owner(2000, 2000), Some((2000, 2000)));
    assert_eq!(expected.owner(0, 0), Some((4_294_967_294, 4_294_967_294)));
    check(Isolation::UserNamespace, &facts(0, ALL, &[]), Ok(expected));
}

#[test]
fn root_in_a_container_uses_what_it_has() {
    let ids = map(&[(0, 65536, 1), (1, 1, 65535)]);
    let expected = Identity::Mapped {
        uids: ids.clone(),
        gids: ids,
    };
    check(
        Isolation::UserNamespace,
        &facts(0, "0 1000 1\n1 100000 65536\n", &[]),
        Ok(expected),
    );
    check(
        Isolation::UserNamespace,
        &facts(0, "0 1000 1\n", &[]),
        Err(Impossible::TooFewIds),
    );
    check(
        Isolation::UserNamespace,
        &facts(0, "0 1000 1000\n", &[]),
        Err(Impossible::TooFewIds),
    );
}

#[test]
fn privileged_needs_root() {
    check(Isolation::Privileged, &facts(0, ALL, &[]), Ok(Identity::Host));
    check(
        Isolation::Privileged,
        &facts(1000, ALL, &[(100_000, 65536)]),
        Err(Impossible::NeedsRoot),
    );
}

#[test]
fn an_ordinary_user_is_vcap() {
    let single = Identity::Single { uid: 1000, gid: 1000 };
    check(
        Isolation::UserNamespace,
        &facts(1000, ALL, &[]),
        Ok(single.clone()),
    );
    // Too few subordinate ids to reach beyond vcap are no help.
    check(
        Isolation::UserNamespace,
        &facts(1000, ALL, &[(5000, 2000)]),
        Ok(single),
    );
    let ids = map(&[(0, 100_000, 2000), (2000, 1000, 1), (2001, 102_000, 63536)]);
    let spread = Identity::Subordinate {
        uids: ids.clone(),
        gids: ids,
    };
    assert_eq!(spread.owner(2000, 2000), Some((1000, 1000)));
    check(
        Isolation::UserNamespace,
        &facts(1000, ALL, &[(100_000, 65536)]),
        Ok(spread),
    );
}

#[test]
fn maps_are_read_and_written() {
    let text = "0 4294967294 1\n1 1 4294967293\n";
    assert_eq!(IdMap::parse(text).text(), text);
    assert_eq!(IdMap::parse("nonsense\n1 2\n0 0 99999999999\n"), IdMap(vec![]));
    assert_eq!(map(&[(5, 4_294_967_290, 10)]).outside(12), None);
}

#[test]
fn subordinate_ids_are_found_by_name_and_number() {
    let text = "ann:100000:65536\n1001:200000:10\nbob:x:1\n";
    let expected = |first, count| vec![Subordinate { first, count }];
    assert_eq!(subordinates(text, "ann", 1000), expected(100_000, 65536));
    assert_eq!(subordinates(text, "carl", 1001), expected(200_000, 10));
    assert_eq!(subordinates(text, "bob", 1002), vec![]);
}
