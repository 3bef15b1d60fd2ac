//! A path that says itself how it is to be answered, for benches and for walks by hand.
//!
//! Every segment of the form `NAME=VALUE` is a mode, the others are the file's path below a folder, or any name for
//! what is made up: `/delay=50/tgz=100x1000/etag=v1/pack.tgz`.
//!
//! | mode | meaning |
//! | --- | --- |
//! | `size=N`, `seed=N` | a body of N made-up bytes |
//! | `tar=FxB`, `tgz=FxB`, `zip=FxB` | an archive of F files of B bytes each |
//! | `etag=TEXT` | a strong tag, `none` for none, `{n}` in it for the number of the request; `v1` by default |
//! | `weak=TEXT` | a weak tag |
//! | `modified=none` or a time with `_` for blanks | `Last-Modified` |
//! | `cache-control=TEXT` | `Cache-Control` |
//! | `conditions=no` | 200 whatever was asked |
//! | `ranges=no` | no ranges |
//! | `length=no` | no `Content-Length` |
//! | `delay=MS` | a wait before the answer |
//! | `rate=BYTES` | so many bytes per second |
//! | `cut=N`, `reset=N`, `stall=N` | the first answer ends, or stops, after N bytes of body |
//! | `status=A,B,...` | the n-th answer is the n-th status; 200 and a missing one are the body |
//! | `retry-after=TEXT` | with each such status |
//! | `to=TEXT` | a redirect, with `,` for `/` |
//! | `auth=USER:PASSWORD` | basic authentication |

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::asset::{Asset, Body};
use super::reply::{Reply, Step};
use super::request::Request;
use crate::zips::Entry;

/// What is behind paths with modes.
#[derive(Clone, Default)]
pub struct Modes {
    /// Where plain paths lead.
    pub folder: Option<PathBuf>,
    /// Archives that were made already, by their mode.
    made: Arc<Mutex<HashMap<String, Arc<[u8]>>>>,
}

impl Modes {
    /// Modes over the files of `folder`.
    #[must_use]
    pub fn over(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            made: Arc::default(),
        }
    }

    /// The answer to the `count`-th request of this target, counted from 0.
    pub(super) fn answer(&self, prefix: &str, request: &Request, count: usize) -> Reply {
        let path = request.target.split('?').next().unwrap_or_default();
        let path = path.strip_prefix(prefix).unwrap_or(path);
        let (modes, plain): (Vec<&str>, Vec<&str>) = path
            .split('/')
            .filter(|part| !part.is_empty())
            .partition(|part| part.contains('='));
        let modes: HashMap<&str, &str> = modes.iter().filter_map(|mode| mode.split_once('=')).collect();
        let bad = |words: String| Reply::with_body(400, &[], words.as_bytes());
        if let Some(to) = modes.get("to") {
            return Reply::redirect(&to.replace(',', "/"));
        }
        match status(&modes, count) {
            Ok(200) => {}
            Ok(status) => {
                let line = modes
                    .get("retry-after")
                    .map(|value| format!("Retry-After: {value}"));
                let lines: Vec<&str> = line.iter().map(String::as_str).collect();
                return Reply::with_body(status, &lines, b"");
            }
            Err(words) => return bad(words),
        }
        let body = match self.body(&modes, &plain) {
            Ok(Some(body)) => body,
            Ok(None) => return Reply::status(404),
            Err(words) => return bad(words),
        };
        match asset(&modes, body, count) {
            Ok(asset) => Reply::Asset(asset),
            Err(words) => bad(words),
        }
    }

    fn body(&self, modes: &HashMap<&str, &str>, plain: &[&str]) -> Result<Option<Body>, String> {
        if let Some(length) = number(modes, "size")? {
            let seed = number(modes, "seed")?.unwrap_or(0);
            return Ok(Some(Body::Made { seed, length }));
        }
        for kind in ["tar", "tgz", "zip"] {
            if let Some(shape) = modes.get(kind) {
                let (files, bytes) = shape.split_once('x').ok_or("FILESxBYTES expected")?;
                let parse = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number"));
                return Ok(Some(Body::Bytes(self.archive(
                    kind,
                    parse(files)?,
                    parse(bytes)?,
                ))));
            }
        }
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        if plain.contains(&"..") {
            return Err("no way up".to_owned());
        }
        let file = plain.iter().fold(folder.clone(), |path, part| path.join(part));
        Ok(std::fs::read(file).ok().map(Body::from))
    }

    fn archive(&self, kind: &str, files: usize, bytes: usize) -> Arc<[u8]> {
        let name = format!("{kind}={files}x{bytes}");
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            made.entry(name)
                .or_insert_with(|| archive(kind, files, bytes).into()),
        )
    }
}

/// A deterministic archive: `dNNN/fNNNNNN`, a hundred files per folder.
#[must_use]
pub fn archive(kind: &str, files: usize, bytes: usize) -> Vec<u8> {
    let names = (0..files).map(|number| format!("d{:03}/f{number:06}", number / 100));
    let content = |number: usize| {
        let body = Body::Made {
            seed: number as u64,
            length: bytes as u64,
        };
        body.slice(0, bytes as u64)
    };
    if kind == "zip" {
        let entries: Vec<_> = names
            .enumerate()
            .map(|(number, name)| Entry::file(name, content(number)))
            .collect();
        return crate::zips::zip(&entries);
    }
    let mut builder = tar::Builder::new(Vec::new());
    for (number, name) in names.enumerate() {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes as u64);
        header.set_mode(0o644);
        header.set_mtime(1_600_000_000);
        builder
            .append_data(&mut header, name, &content(number)[..])
            .expect("a member");
    }
    let tar = builder.into_inner().expect("an archive");
    if kind == "tar" {
        return tar;
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&tar).expect("packed");
    encoder.finish().expect("packed")
}

fn number(modes: &HashMap<&str, &str>, name: &str) -> Result<Option<u64>, String> {
    let Some(text) = modes.get(name) else {
        return Ok(None);
    };
    let parsed = text.parse();
    parsed
        .map(Some)
        .map_err(|_| format!("`{name}={text}` is no number"))
}

fn status(modes: &HashMap<&str, &str>, count: usize) -> Result<u16, String> {
    let Some(list) = modes.get("status") else {
        return Ok(200);
    };
    let text = list.split(',').nth(count).unwrap_or("200");
    text.parse().map_err(|_| format!("`{text}` is no status"))
}

fn asset(modes: &HashMap<&str, &str>, body: Body, count: usize) -> Result<Asset, String> {
    let is_off = |name: &str| modes.get(name) == Some(&"no");
    let etag = match (modes.get("etag"), modes.get("weak")) {
        (Some(&"none"), _) => None,
        (_, Some(tag)) => Some(format!("W/\"{tag}\"")),
        (Some(tag), None) => Some(format!("\"{tag}\"")),
        (None, None) => Some("\"v1\"".to_owned()),
    };
    let rate = number(modes, "rate")?;
    let endings = [
        ("cut", Step::Abrupt),
        ("reset", Step::Reset),
        ("stall", Step::Stall),
    ];
    let mut broken = None;
    for (name, how) in endings {
        // Only the first answer is bad, so that a second try shows that it was.
        if let Some(at) = number(modes, name)?.filter(|_| count == 0) {
            broken = Some((at, how));
        }
    }
    Ok(Asset {
        body,
        etag,
        last_modified: modes
            .get("modified")
            .filter(|time| **time != "none")
            .map(|time| time.replace('_', " ")),
        headers: modes
            .get("cache-control")
            .iter()
            .map(|value| format!("Cache-Control: {value}"))
            .collect(),
        has_ranges: !is_off("ranges"),
        answers_conditions: !is_off("conditions"),
        has_length: !is_off("length"),
        authorization: modes.get("auth").map(|pair| crate::origin::basic(pair)),
        delay: Duration::from_millis(number(modes, "delay")?.unwrap_or(0)),
        pace: rate.map(|rate| {
            let piece = usize::try_from(rate / 20).unwrap_or(usize::MAX).max(1);
            (piece, Duration::from_millis(50))
        }),
        broken,
    })
}
