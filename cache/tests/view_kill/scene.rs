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
use cache::model::view::ViewId;
use cache::view::{AddedTo, MappedOwner, Showing, View, ViewAddition, WantedWay};
use cache::{Cache, CacheError, Network, Settings, ViewItem, ViewRequest, archive};

/// What the view shows, and where it comes from.
pub(crate) const NAMES: [&str; 2] = ["a", "b"];

/// What is added to it, and where that comes from.
pub(crate) const ADDED: &str = "c";

/// Length of the file in each, in bytes.
pub(crate) const TEXT: usize = 9000;

pub(crate) struct Scene {
    folder: Folder,
}

enum Folder {
    Own(tempfile::TempDir),
    Given(PathBuf),
}

/// Whom mounts show as the owner.
const OWNER: Option<MappedOwner> = Some(MappedOwner { uid: 2000, gid: 2000 });

/// Takes away what is mounted in a folder that goes.
impl Drop for Scene {
    fn drop(&mut self) {
        let Folder::Own(_) = self.folder else { return };
        let cache = self.open();
        for view in cache.views().expect("views") {
            cache.view_release(&view.id.to_string()).expect("released");
        }
        drop(cache);
        let mounts = cache::sys::mount::own_table().expect("read");
        let left = mounts.iter().find(|line| line.place.starts_with(self.root()));
        assert!(left.is_none() || std::thread::panicking(), "{left:?}");
    }
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
        for name in [NAMES[0], NAMES[1], ADDED] {
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
                proxies: Ok(ProxySettings::default()),
                slots: Slots::default(),
            },
            archive: archive::Limits::STORE,
        };
        Cache::open(settings, Arc::new(Deaf)).expect("opened")
    }

    /// Makes a view of both sources, with a link to it.
    pub(crate) fn create(&self, cache: &Cache, name: &str) -> Result<View, CacheError> {
        self.create_by(cache, name, WantedWay::Links)
    }

    /// The same in another way.
    pub(crate) fn create_by(&self, cache: &Cache, name: &str, way: WantedWay) -> Result<View, CacheError> {
        let mut request = self.request(name);
        request.showing.way = way;
        if Self::has_mounts(cache) {
            request.showing.owner = OWNER;
        }
        cache.view_create(&request, &Cancel::new())
    }

    /// Whether views can be made of mounts here.
    pub(crate) fn has_mounts(cache: &Cache) -> bool {
        let ways = cache.ways(OWNER).expect("tried");
        ways.no_mounts.is_none() && ways.no_map.is_none()
    }

    /// Adds one name to a view.
    pub(crate) fn add(&self, cache: &Cache, view: ViewId) -> Result<AddedTo, CacheError> {
        let addition = ViewAddition {
            view,
            items: vec![self.item(ADDED)],
            within: None,
        };
        cache.view_add(&addition, &Cancel::new())
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
