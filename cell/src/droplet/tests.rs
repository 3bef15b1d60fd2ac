//! Start commands of droplets.

use super::*;

fn check(text: &str, expected: Result<&str, &str>) {
    let got = read(text.as_bytes()).map_err(|fault| fault.to_string());
    assert_eq!(got.as_deref().map_err(String::as_str), expected, "{text}");
}

#[test]
fn json_and_yaml_name_the_command() {
    check(
        r#"{"detected_buildpack":"x","start_command":"./serve \"a\""}"#,
        Ok("./serve \"a\""),
    );
    check(
        "detected_buildpack: x\nstart_command: bundle exec rackup\n",
        Ok("bundle exec rackup"),
    );
}

#[test]
fn without_a_command_nothing_can_be_started() {
    let nothing = Err("it names no start command, and none was given");
    check(r#"{"start_command":""}"#, nothing);
    check("{}", nothing);
    check("- a", Err("its staging_info.yml cannot be read"));
    check("{", Err("its staging_info.yml cannot be read"));
}
