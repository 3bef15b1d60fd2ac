//! Reports that are read again.

use super::*;

fn report() -> Report {
    Report {
        v: Report::version(),
        app: "/home/u/shop".to_owned(),
        stack: "cflinuxfs4".to_owned(),
        buildpacks: vec![],
        container: "embedded".to_owned(),
        sharing: "P1".to_owned(),
        sharing_reason: None,
        droplet: File {
            bytes: 1,
            sha256: "00".to_owned(),
        },
        milliseconds: Times::default(),
    }
}

#[test]
fn what_is_written_is_read() {
    assert_eq!(Report::parse(&report().to_json()), Some(report()));
}

#[test]
fn another_application_stack_or_form_is_another() {
    let app = Path::new("/home/u/shop");
    assert!(report().is_of(app, "cflinuxfs4"));
    assert!(!report().is_of(Path::new("/home/u/shop2"), "cflinuxfs4"));
    assert!(!report().is_of(app, "cflinuxfs3"));
    let mut newer = report();
    newer.v += 1;
    assert_eq!(Report::parse(&newer.to_json()), None);
    assert_eq!(Report::parse(b"{"), None);
}
