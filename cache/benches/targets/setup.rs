//! An origin, and stores that are fresh.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cache::ingest::download::transport::ProxySettings;
use cache::ingest::download::{Cancel, Policy, Slots};
use cache::ingest::remote_url::RemoteUrl;
use cache::ingest::tls::Trust;
use cache::model::checksum::Checksum;
use cache::model::event::Deaf;
use cache::model::key::Key;
use cache::model::lease::{Holder, Label, LeaseTerms};
use cache::model::object::{Form, ObjectId};
use cache::model::request::{Request, Rules, Source};
use cache::model::usage::Limits;
use cache::{Cache, Fetched, Network, Settings, archive};
use tempfile::TempDir;

/// More than any figure needs.
pub(crate) const PLENTY: u64 = 16 << 30;

/// The origin's process, and where stores are put.
pub(crate) struct Bench {
    process: Child,
    /// Address of the origin, without a slash at its end.
    pub(crate) origin: String,
    below: PathBuf,
}

/// A cache over a store of its own, deleted with it.
pub(crate) struct Fresh {
    pub(crate) cache: Cache,
    pub(crate) folder: TempDir,
}

impl Bench {
    /// Starts the origin.
    pub(crate) fn start(below: &Path) -> Self {
        let mut process = itself()
            .arg("origin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the origin");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("its address");
        Self {
            process,
            origin: line.trim().to_owned(),
            below: below.to_owned(),
        }
    }

    /// Makes a directory for a store.
    pub(crate) fn folder(&self) -> TempDir {
        let mut builder = tempfile::Builder::new();
        builder.prefix("targets-");
        builder.tempdir_in(&self.below).expect("a directory")
    }

    /// Opens a new store with this quota.
    pub(crate) fn store(&self, quota: u64) -> Fresh {
        self.store_within(quota, PLENTY)
    }

    /// Opens a new store with these quotas.
    pub(crate) fn store_within(&self, quota: u64, scratch_quota: u64) -> Fresh {
        let folder = self.folder();
        let cache = Cache::open(settings(folder.path(), quota, scratch_quota), Arc::new(Deaf));
        Fresh {
            cache: cache.expect("a store"),
            folder,
        }
    }

    /// A request for `path` of the origin, as a directory, by a key that is its path.
    pub(crate) fn request(&self, path: &str) -> Request {
        request(&self.origin, path)
    }

    /// How often the origin was asked for `path`.
    pub(crate) fn asked(&self, path: &str) -> u64 {
        self.tell(&format!("/asked{path}"))
    }

    /// CPU that the origin has used.
    pub(crate) fn origin_cpu(&self) -> Duration {
        Duration::from_micros(self.tell("/cpu"))
    }

    /// Has the origin make what it sends for `path`, so that this is not measured.
    pub(crate) fn prepare(&self, path: &str) {
        self.get(path, &mut std::io::sink());
    }

    fn tell(&self, path: &str) -> u64 {
        let mut answer = Vec::new();
        self.get(path, &mut answer);
        let answer = String::from_utf8(answer).expect("text");
        let number = answer.rsplit("\r\n").next().expect("a body");
        number.parse().expect("a number")
    }

    fn get(&self, path: &str, into: &mut dyn Write) {
        let address = self.origin.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the origin");
        let question = format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        stream.write_all(question.as_bytes()).expect("asked");
        std::io::copy(&mut stream, into).expect("an answer");
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // It ends with its input; both fail only when it is gone already.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

impl Fresh {
    /// Answers a request that nobody cancels.
    pub(crate) fn fetch(&self, request: &Request) -> Fetched {
        self.cache.fetch(request, &Cancel::new()).expect("fetched")
    }

    pub(crate) fn release(&self, fetched: &Fetched) {
        self.cache.release(fetched.lease).expect("released");
    }

    /// Answers a request, and gives back what was handed out; yields what it was.
    pub(crate) fn pass(&self, request: &Request) -> ObjectId {
        let fetched = self.fetch(request);
        self.release(&fetched);
        fetched.object
    }
}

/// This program, to be run again.
pub(crate) fn itself() -> Command {
    Command::new(std::env::current_exe().expect("a program"))
}

/// Opens a store with plenty of room.
pub(crate) fn open(root: &Path) -> Cache {
    Cache::open(settings(root, PLENTY, PLENTY), Arc::new(Deaf)).expect("a store")
}

/// What the program has by default, but for the quotas and the floors.
fn settings(root: &Path, quota: u64, scratch_quota: u64) -> Settings {
    Settings {
        root: root.to_owned(),
        limits: Limits {
            quota,
            scratch_quota,
            slack: 16 << 20,
            min_free_bytes: 0,
            min_free_inodes: 0,
            overcommit: false,
        },
        network: Network {
            policy: Policy::cache(),
            trust: Trust::anyone(),
            identity: None,
            proxies: Ok(ProxySettings::default()),
            slots: Slots::default(),
        },
        archive: archive::Limits::STORE,
    }
}

/// A request for `path` of `origin`, as a directory, by a key that is its path.
pub(crate) fn request(origin: &str, path: &str) -> Request {
    let url = RemoteUrl::parse(&format!("{origin}{path}")).expect("an address");
    Request {
        key: Key::new(path),
        source: Source::Url(url),
        checksum: None,
        form: Form::Tree,
        rules: Rules::default(),
        group: None,
        terms: LeaseTerms {
            holder: Holder::External,
            label: Label::new("bench"),
            expires: None,
        },
    }
}

/// The same request, with the sha256 of what it brought stated.
pub(crate) fn stating(request: &Request, object: &ObjectId) -> Request {
    Request {
        checksum: Some(Checksum::sha256(*object.digest())),
        ..request.clone()
    }
}
