use super::render;
use crate::model::config_yml::{BuildpackConfig, BuildpackRecord};
use crate::model::process::{Process, ProcessList};

/// Rows: R13-01, R13-02
#[test]
fn the_file_is_one_line_of_json() {
    let mut list = ProcessList::default();
    list.merge(vec![Process::new(b"web".to_vec(), b"run <x>".to_vec())]);
    let commands = list.split();
    let mut buildpack = BuildpackRecord::new(b"key".to_vec());
    buildpack.name = b"N\x7f".to_vec();
    assert_eq!(
        render(&buildpack, &commands),
        b"{\"detected_buildpack\":\"N\\u007f\",\"start_command\":\"run \\u003cx\\u003e\"}\n"
    );
    buildpack.config = Some(BuildpackConfig {
        entrypoint_prefix: b"pre".to_vec(),
    });
    assert_eq!(
        render(&buildpack, &ProcessList::default().split()),
        b"{\"detected_buildpack\":\"N\\u007f\",\"start_command\":\"\",\"config\":{\"entrypoint_prefix\":\"pre\"}}\n"
    );
}
