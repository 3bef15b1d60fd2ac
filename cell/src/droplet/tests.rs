//! Start commands of droplets.

use super::*;

fn check(text: &str, expected: Result<Option<&str>, &str>) {
    let got = read(text.as_bytes()).map_err(|fault| fault.to_string());
    let got = got.as_ref().map(Option::as_deref).map_err(String::as_str);
    assert_eq!(got, expected, "{text}");
}

#[test]
fn json_and_yaml_name_the_command() {
    check(
        r#"{"detected_buildpack":"x","start_command":"./serve \"a\""}"#,
        Ok(Some("./serve \"a\"")),
    );
    check(
        "detected_buildpack: x\nstart_command: bundle exec rackup\n",
        Ok(Some("bundle exec rackup")),
    );
}

#[test]
fn without_a_command_nothing_can_be_started() {
    check(r#"{"start_command":""}"#, Ok(None));
    check("{}", Ok(None));
    check("- a", Err("its staging_info.yml cannot be read"));
    check("{", Err("its staging_info.yml cannot be read"));
}

#[test]
fn who_is_to_stop_does_not_read_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("droplet.tgz");
    let packed = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(packed);
    archive.append_dir("app", folder.path()).unwrap();
    let packed = archive.into_inner().unwrap().finish().unwrap();
    disk::write_whole(&path, &packed).unwrap();
    let stop = Cancel::new();
    assert!(look(&path, &stop).is_ok());
    stop.cancel();
    assert!(matches!(look(&path, &stop), Err(DropletFault::NotWhole)));
}
