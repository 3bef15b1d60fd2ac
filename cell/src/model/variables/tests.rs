//! The environment of a staging and of an application.

use super::*;

const FACTS: Facts<'static> = Facts {
    app: "shop",
    stack: "cflinuxfs4",
    memory: Memory { bytes: 512 << 20 },
    language: "C.UTF-8",
    is_reproducible: false,
    home: "/home/vcap",
    temporary: "/tmp",
};

fn get<'v>(variables: &'v [(String, String)], name: &str) -> &'v str {
    let mut found = variables.iter().filter(|(known, _)| known == name);
    let value = found.next().map_or("", |(_, value)| value);
    assert_eq!(found.next(), None, "{name} twice");
    value
}

#[test]
fn what_is_typed_wins() {
    let typed = [Variable::parse("CF_STACK=other", |_| None).unwrap()];
    let variables = staging(&FACTS, &typed);
    assert_eq!(get(&variables, "CF_STACK"), "other");
    assert_eq!(get(&variables, "HOME"), "/home/vcap");
    assert_eq!(get(&variables, "MEMORY_LIMIT"), "512m");
}

#[test]
fn a_reproducible_droplet_has_one_time() {
    let facts = Facts {
        is_reproducible: true,
        ..FACTS
    };
    assert_eq!(get(&staging(&facts, &[]), "SOURCE_DATE_EPOCH"), "0");
    assert_eq!(get(&staging(&FACTS, &[]), "SOURCE_DATE_EPOCH"), "");
    let typed = [Variable::parse("SOURCE_DATE_EPOCH=9", |_| None).unwrap()];
    assert_eq!(get(&staging(&facts, &typed), "SOURCE_DATE_EPOCH"), "9");
}

#[test]
fn a_started_application_knows_its_port() {
    let variables = running(&FACTS, "/home/vcap", 8080, &[]);
    assert_eq!(get(&variables, "PORT"), "8080");
    assert_eq!(get(&variables, "DEPS_DIR"), "/home/vcap/deps");
    let told: serde_json::Value = serde_json::from_str(get(&variables, "VCAP_APPLICATION")).unwrap();
    assert_eq!(told["application_name"], "shop");
    assert_eq!(told["limits"]["mem"], 512);
    assert_eq!(told["port"], 8080);
}

#[test]
fn variables_are_read() {
    let look_up = |name: &str| (name == "SET").then(|| "here".to_owned());
    let check = |text: &str, expected: Result<(&str, &str), InvalidVariable>| {
        let got = Variable::parse(text, look_up);
        let got = got
            .as_ref()
            .map(|v| (v.name.as_str(), v.value.as_str()))
            .map_err(|e| *e);
        assert_eq!(got, expected, "{text}");
    };
    check("A=b=c", Ok(("A", "b=c")));
    check("A=", Ok(("A", "")));
    check("SET", Ok(("SET", "here")));
    check("A", Err(InvalidVariable::Unset));
    check("=b", Err(InvalidVariable::Nameless));
    check("A=\0", Err(InvalidVariable::Zero));
}
