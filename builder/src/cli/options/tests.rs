use super::super::flags::{FLAGS, Kind};
use super::{Raw, check_given};

/// Rows: R2.3-08
#[test]
fn every_text_flag_of_the_legacy_is_required() {
    let missing = check_given(&Raw::default()).unwrap_err();
    let texts = FLAGS
        .iter()
        .filter(|flag| flag.variable.is_none() && flag.kind == Kind::Text);
    assert_eq!(missing.0, texts.map(|flag| flag.name).collect::<Vec<_>>());
}
