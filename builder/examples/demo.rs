//! Stages `fixtures/apps/hello` with two small buildpacks, and shows what came out.
//!
//! `cargo run --release --example demo`; everything happens in a temporary folder that is removed at the end.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example talks to a person and makes its own world"
)]

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use builder::model::key::BuildpackKey;
use sha2::{Digest, Sha256};

const ORDER: [&str; 2] = ["demo-runtime", "demo-site"];

fn main() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let at = |name: &str| home.path().join(name);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    copy_flat(&fixtures.join("apps/hello"), &at("app"))?;
    fs::create_dir(at("buildpacks"))?;
    for name in ORDER {
        let folder = at("buildpacks").join(BuildpackKey::new(name).hash_name());
        symlink(fixtures.join("buildpacks").join(name), folder)?;
    }
    let flags = [
        ("-buildpackOrder", PathBuf::from(ORDER.join(","))),
        ("-buildDir", at("app")),
        ("-buildpacksDir", at("buildpacks")),
        ("-buildArtifactsCacheDir", at("cache")),
        ("-outputDroplet", at("droplet.tgz")),
        ("-outputMetadata", at("result.json")),
        ("-outputBuildArtifactsCache", at("cache.tgz")),
    ];
    println!(
        "$ builder -skipDetect -progress=plain -buildpackOrder={} ...\n",
        ORDER.join(",")
    );
    let mut args = vec!["-skipDetect".into(), "-progress=plain".into()];
    args.extend(flags.into_iter().map(|(flag, value)| {
        let mut word = std::ffi::OsString::from(flag);
        word.push("=");
        word.push(value);
        word
    }));
    let started = Instant::now();
    let code = builder::run(args);
    println!("\nexit status {} after {:.0?}", code as u8, started.elapsed());
    show(&at("droplet.tgz"), &at("result.json"))
}

/// Copies a folder that holds only files.
fn copy_flat(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn show(droplet: &Path, result: &Path) -> io::Result<()> {
    let mut packed = Vec::new();
    fs::File::open(droplet)?.read_to_end(&mut packed)?;
    println!(
        "\ndroplet: {} bytes, sha256 {}",
        packed.len(),
        hex::encode(Sha256::digest(&packed))
    );
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(packed.as_slice()));
    for member in archive.entries()? {
        let member = member?;
        let header = member.header();
        println!(
            "  {:o} {:>6}  {}",
            header.mode()?,
            header.size()?,
            member.path()?.display()
        );
    }
    println!("\nresult.json: {}", fs::read_to_string(result)?);
    println!("Next: `target/release/builder -help`, and README.md for a staging of your own.");
    Ok(())
}
