//! A store in memory where there is some, and two directories that are sources.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cache::ingest::download::transport::ProxySettings;
use cache::ingest::download::{Cancel, Policy, Slots};
use cache::ingest::tls::Trust;
use cache::model::event::Deaf;
use cache::model::key::Key;
use cache::model::lease::{Holder, Label, LeaseTerms};
use cache::model::object::Form;
use cache::model::request::{Request, Rules, Source};
use cache::model::usage::Limits;
use cache::view::{Showing, View, WantedWay};
use cache::{Cache, CacheError, Network, Settings, ViewItem, ViewRequest, archive};

/// What the view shows, and where it comes from.
pub(crate) const NAMES: [&str; 2] = ["a", "b"];

/// Length of the file in each, in bytes.
pub(crate) const TEXT: usize = 9000;

pub(crate) struct Scene {
    folder: Folder,
}

enum Folder {
    Own(tempfile::TempDir),
    Given(PathBuf),
}

impl Scene {
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::tempdir_in(parent).expect("a folder");
        for name in NAMES {
            let source = folder.path().join(name);
            std::fs::create_dir_all(source.join("bin/deep")).expect("folders");
            std::fs::write(source.join("bin/detect"), text(name)).expect("a file");
            std::fs::hard_link(source.join("bin/detect"), source.join("bin/same")).expect("a name");
            std::os::unix::fs::symlink("../detect", source.join("bin/deep/link")).expect("a link");
        }
        Self {
            folder: Folder::Own(folder),
        }
    }

    /// One that another process has made.
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            folder: Folder::Given(root.to_owned()),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        match &self.folder {
            Folder::Own(folder) => folder.path(),
            Folder::Given(path) => path,
        }
    }

    pub(crate) fn open(&self) -> Cache {
        let settings = Settings {
            root: self.root().join("store"),
            limits: Limits {
                quota: 64 << 20,
                scratch_quota: 16 << 20,
                slack: 64 << 10,
                min_free_bytes: 0,
                min_free_inodes: 0,
                overcommit: false,
            },
            network: Network {
                policy: Policy::cache(),
                trust: Trust::anyone(),
                identity: None,
                proxies: ProxySettings::default(),
                slots: Slots::default(),
            },
            archive: archive::Limits::STORE,
        };
        Cache::open(settings, Arc::new(Deaf)).expect("opened")
    }

    /// Makes a view of both sources, with a link to it.
    pub(crate) fn create(&self, cache: &Cache, name: &str) -> Result<View, CacheError> {
        cache.view_create(&self.request(name), &Cancel::new())
    }

    pub(crate) fn request(&self, name: &str) -> ViewRequest {
        ViewRequest {
            name: name.to_owned(),
            items: NAMES.iter().map(|name| self.item(name)).collect(),
            terms: terms(),
            destination: "/cached-downloads".into(),
            link: Some(self.root().join(format!("link-{name}"))),
            showing: Showing {
                way: WantedWay::Links,
                ..Showing::default()
            },
        }
    }

    fn item(&self, name: &str) -> ViewItem {
        ViewItem {
            name: name.to_owned(),
            request: Request {
                key: Key::new(name),
                source: Source::Path(self.root().join(name)),
                checksum: None,
                form: Form::Tree,
                rules: Rules::default(),
                group: None,
                terms: terms(),
            },
            optional: false,
            placement: None,
        }
    }
}

/// The content of the file of a source.
pub(crate) fn text(name: &str) -> String {
    name.repeat(TEXT)
}

pub(crate) fn inode(path: &Path) -> u64 {
    std::fs::symlink_metadata(path).expect("it is there").ino()
}

fn terms() -> LeaseTerms {
    LeaseTerms {
        holder: Holder::External,
        label: Label::new("somebody"),
        expires: None,
    }
}
