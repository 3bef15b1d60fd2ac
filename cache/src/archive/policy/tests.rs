use super::{Kind, Member, Plan, Policy, Refusal};
use crate::archive::MemberName;

fn member(name: &str, kind: Kind, permissions: u32) -> Member {
    Member {
        name: MemberName::new(name.into()),
        kind,
        permissions,
    }
}

#[track_caller]
fn check(member: Member, builder: Result<Plan, Refusal>, store: Result<Plan, Refusal>) {
    assert_eq!(Policy::builder(0o027).judge(&member), builder, "builder");
    assert_eq!(Policy::store().judge(&member), store, "store");
}

#[test]
fn plans_by_kind_and_mode() {
    check(
        member("a", Kind::File, 0o666),
        Ok(Plan::File(0o640)),
        Ok(Plan::File(0o644)),
    );
    check(
        member("a", Kind::File, 0o6711),
        Ok(Plan::File(0o6710)),
        Ok(Plan::File(0o755)),
    );
    check(
        member("a", Kind::Directory, 0o7777),
        Ok(Plan::Directory(0o1750)),
        Ok(Plan::Directory(0o755)),
    );
    check(
        member("a", Kind::Symlink, 0o777),
        Ok(Plan::Symlink),
        Ok(Plan::Symlink),
    );
    check(
        member("a", Kind::Special, 0o644),
        Ok(Plan::File(0o640)),
        Err(Refusal::Special),
    );
}

///
#[test]
fn plans_by_name() {
    let file = |name: &str| member(name, Kind::File, 0o644);
    let plain = (Ok(Plan::File(0o640)), Ok(Plan::File(0o644)));
    check(file("/a//b/.c..d"), plain.0, plain.1);
    check(file("a/../b"), plain.0, Err(Refusal::Climbs));
    check(file("a\0"), Err(Refusal::Nul), Err(Refusal::Nul));
    check(file("./"), Err(Refusal::NoName), Err(Refusal::NoName));
    check(file(&"d/".repeat(300)), plain.0, Err(Refusal::Depth));
    check(
        file(&"d/".repeat(9000)),
        Err(Refusal::Depth),
        Err(Refusal::Length),
    );
    check(
        file(&"d".repeat(40_000)),
        Err(Refusal::Length),
        Err(Refusal::Length),
    );
}

///
#[test]
fn links_by_their_text() {
    let check = |text: &[u8], builder, store| {
        assert_eq!(Policy::builder(0).judge_link(text), builder);
        assert_eq!(Policy::store().judge_link(text), store);
    };
    check(b"../x", Ok(()), Ok(()));
    check(b"/x", Ok(()), Err(Refusal::LinkLeaves));
    check(b"", Err(Refusal::LinkLength), Err(Refusal::LinkLength));
    check(&[b'x'; 4096], Err(Refusal::LinkLength), Err(Refusal::LinkLength));
    check(b"a\0", Err(Refusal::Nul), Err(Refusal::Nul));
}

///
#[test]
fn set_id_bits_go_when_asked_and_always_in_the_store() {
    let file = member("a", Kind::File, 0o7755);
    assert_eq!(
        Policy::builder(0).drop_set_id(true).judge(&file),
        Ok(Plan::File(0o1755))
    );
    assert_eq!(
        Policy::store().drop_set_id(false).judge(&file),
        Ok(Plan::File(0o755))
    );
}
