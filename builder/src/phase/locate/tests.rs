use super::refuse_collisions;
use crate::model::key::BuildpackKey;

/// Checks which directory name two keys share.
#[track_caller]
fn check(keys: &[&[u8]], expected: Option<&str>) {
    let keys: Vec<_> = keys.iter().map(|key| BuildpackKey::new(*key)).collect();
    let refused = refuse_collisions(&keys).err().map(|reason| reason.to_string());
    let name = refused
        .as_deref()
        .and_then(|words| words.rsplit_once("share the directory name "));
    assert_eq!(name.map(|(_, name)| name), expected, "{refused:?}");
}

/// The first published pair of texts with one MD5: equal but for the highest bit of six bytes.
const MD5_PAIR: &str = "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89\
                        55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b\
                        d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0\
                        e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70";

/// Rows: S-09
#[test]
fn two_keys_may_not_share_a_name() {
    check(
        &[b"p5yrlivm0mbs9cs7", b"x", b"m0k3ulaouwtgn7ev"],
        Some("b69af680e3e1f8ad"),
    );
    let one = hex::decode(MD5_PAIR).unwrap();
    let mut other = one.clone();
    for at in [19, 45, 59, 83, 109, 123] {
        other[at] ^= 0x80;
    }
    check(&[&one, &other], Some("79054025255fb1a26e4bc422aef54eb4"));
}

#[test]
fn the_same_key_may_stand_twice() {
    check(&[b"a", b"b", b"a"], None);
}
