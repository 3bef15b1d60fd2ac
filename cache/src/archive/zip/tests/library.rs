//! A second opinion: archives made by a library that is used by many, in all its moods.

use std::io::{Cursor, Write};

use ::zip::CompressionMethod::{Deflated, Stored};
use ::zip::write::{SimpleFileOptions, ZipWriter};

use super::scene::Scene;
use crate::archive::Policy;

/// both policies take them, and both see what was put in.
#[test]
fn archives_of_a_common_library_are_taken() {
    let mut content = Vec::new();
    for number in 0..50_000_u32 {
        content.extend(number.to_le_bytes());
    }
    for method in [Stored, Deflated] {
        for large in [false, true] {
            let options = SimpleFileOptions::default()
                .compression_method(method)
                .large_file(large);
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            writer
                .add_directory("bin", options.unix_permissions(0o755))
                .unwrap();
            writer
                .start_file("bin/compile", options.unix_permissions(0o755))
                .unwrap();
            writer.write_all(&content).unwrap();
            writer
                .start_file("é/data", options.unix_permissions(0o644))
                .unwrap();
            writer.write_all(b"data").unwrap();
            writer.add_symlink("link", "bin/compile", options).unwrap();
            writer.set_comment("comment").unwrap();
            let bytes = writer.finish().unwrap().into_inner();
            for policy in [Policy::builder(0o022), Policy::store()] {
                let scene = Scene::new();
                let extracted = scene.extract(&bytes, &policy).unwrap();
                assert_eq!(
                    (extracted.entries, extracted.bytes),
                    (4, content.len() as u64 + 4)
                );
                let tree = scene.tree();
                assert_eq!(tree["bin"], "d 0755");
                assert!(tree["bin/compile"].starts_with("f 0755"));
                assert_eq!(tree["\\xc3\\xa9/data"], "f 0644 data");
                assert_eq!(tree["link"], "-> bin/compile");
                let read = std::fs::read(scene.destination().join("bin/compile")).unwrap();
                assert!(read == content);
            }
        }
    }
}

/// and those that it writes as a stream, with descriptors.
#[test]
fn streamed_archives_of_a_common_library_are_taken() {
    let options = SimpleFileOptions::default().compression_method(Deflated);
    let mut writer = ZipWriter::new_stream(Vec::new());
    for name in ["a", "b/c"] {
        writer.start_file(name, options).unwrap();
        writer.write_all(name.as_bytes()).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    for policy in [Policy::builder(0o022), Policy::store()] {
        let scene = Scene::new();
        scene.extract(&bytes, &policy).unwrap();
        assert_eq!(scene.tree()["b/c"], "f 0644 b/c");
    }
}
