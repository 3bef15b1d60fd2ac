//! Any bytes as YAML, read as everything that the builder reads YAML for: I-7, I-9.
#![no_main]

use builder::model::config_yml::BuildpackRecord;
use builder::model::{launch_yml, procfile, release_yml};
use builder::yaml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match yaml::parse(bytes) {
        Ok(node) => {
            let _ = (node.as_text(), node.as_integer(), node.as_value().is_finite());
        }
        Err(error) => assert!(error.to_string().starts_with("yaml: ")),
    }
    let _ = (
        launch_yml::parse(bytes),
        procfile::parse(bytes),
        release_yml::parse(bytes),
    );
    BuildpackRecord::new(Vec::new()).merge(bytes);
});
