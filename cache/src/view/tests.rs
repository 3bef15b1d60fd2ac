#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the system from outside the fence"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::{DESTINATION, MANIFEST_NAME, Showing, View, ViewItem, ViewRequest, WantedWay, Way};
use crate::archive;
use crate::cache::Cache;
use crate::error::{CacheError, ErrorKind};
use crate::ingest::download::transport::ProxySettings;
use crate::ingest::download::{Cancel, Policy, Slots};
use crate::ingest::tls::Trust;
use crate::model::event::Deaf;
use crate::model::key::Key;
use crate::model::lease::{Holder, Label, LeaseTerms};
use crate::model::object::Form;
use crate::model::request::{Request, Rules, Source};
use crate::model::usage::Limits;
use crate::settings::{Network, Settings};
use crate::store::{Evicted, StoreError};
use crate::sys::mount;

mod lives;
mod makes;
mod refuses;
mod slots;

/// A store, and directories that are sources.
struct Scene {
    unmount: Unmount,
    folder: TempDir,
    cache: Cache,
}

/// Takes away what a failed test leaves mounted in its folder, before that goes.
struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        for line in mount::own_table().unwrap_or_default() {
            if line.place.starts_with(&self.0) {
                let _ = mount::detach(&line.place);
            }
        }
    }
}

impl Scene {
    fn new() -> Self {
        Self::with(LIMITS)
    }

    fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = settings(folder.path().join("store"), limits);
        let cache = Cache::open(settings, Arc::new(Deaf)).expect("opened");
        Self {
            unmount: Unmount(folder.path().to_owned()),
            folder,
            cache,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A directory of one program with two names, a link, and a text.
    fn source(&self, name: &str, text: &str) -> PathBuf {
        let source = self.path(name);
        fs::create_dir_all(source.join("bin/deep")).expect("folders");
        fs::write(source.join("bin/detect"), text).expect("a file");
        fs::set_permissions(source.join("bin/detect"), fs::Permissions::from_mode(0o755)).expect("a mode");
        let _ = fs::remove_file(source.join("bin/deep/same"));
        fs::hard_link(source.join("bin/detect"), source.join("bin/deep/same")).expect("a further name");
        let _ = std::os::unix::fs::symlink("bin/detect", source.join("link"));
        fs::write(source.join("text"), text).expect("a file");
        source
    }

    fn item(&self, name: &str) -> ViewItem {
        let path = self.path(name);
        ViewItem {
            name: name.to_owned(),
            request: Request {
                key: Key::new(format!("key of {name}")),
                source: Source::Path(path),
                checksum: None,
                form: Form::Tree,
                rules: Rules::default(),
                group: None,
                terms: terms("ignored"),
            },
            optional: false,
            placement: None,
        }
    }

    fn request(&self, names: &[&str]) -> ViewRequest {
        ViewRequest {
            name: "box".to_owned(),
            items: names.iter().map(|name| self.item(name)).collect(),
            terms: terms("for box"),
            destination: DESTINATION.into(),
            link: None,
            showing: LINKS,
        }
    }

    fn create(&self, names: &[&str]) -> View {
        let request = self.request(names);
        self.cache.view_create(&request, &Cancel::new()).expect("a view")
    }

    fn refuse(&self, request: &ViewRequest) -> CacheError {
        self.cache
            .view_create(request, &Cancel::new())
            .expect_err("refused")
    }

    fn leases(&self) -> usize {
        self.cache.leases().expect("leases").len()
    }

    /// What must be true whenever nobody is at work.
    #[track_caller]
    fn check_at_rest(&self) {
        self.cache.inner.store.settle();
        self.cache.inner.stats.flush();
        let usage = self.cache.usage().expect("usage");
        assert_eq!(usage, self.cache.recount().expect("recount"));
        assert_eq!(usage.staging.count, 0, "work is left");
    }

    /// That nothing of a view is left.
    #[track_caller]
    fn check_no_view(&self) {
        self.check_at_rest();
        assert_eq!(self.leases(), 0, "leases are left");
        assert_eq!(self.cache.views().expect("views").len(), 0, "a view is left");
        let left: Vec<_> = fs::read_dir(self.path("store/views"))
            .map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect())
            .unwrap_or_default();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// The way that needs no right to mount.
const LINKS: Showing = Showing {
    way: WantedWay::Links,
    owner: None,
    privileged: false,
};

const LIMITS: Limits = Limits {
    quota: 64 << 20,
    scratch_quota: 16 << 20,
    slack: 64 << 10,
    min_free_bytes: 0,
    min_free_inodes: 0,
    overcommit: false,
};

fn settings(root: PathBuf, limits: Limits) -> Settings {
    Settings {
        root,
        limits,
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

fn terms(label: &str) -> LeaseTerms {
    LeaseTerms {
        holder: Holder::External,
        label: Label::new(label),
        expires: None,
    }
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).expect("it is there").ino()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a text")
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}
