//! The table of all flags (§2.1): what exists, how it is read, what it says about itself.

use super::outcome::ValueError;
use super::raw::Raw;
use super::{Compression, Placement, Progress, RunAs};
use super::{duration, number};
use std::ffi::OsStr;

/// What kind of value a flag has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// True or false; the value may be left out.
    Boolean,
    /// A 64-bit integer.
    Integer,
    /// A span of time.
    Duration,
}

/// One flag.
pub(super) struct Flag {
    /// Its name without dashes.
    pub(super) name: &'static str,
    /// The environment variable that stands in for it; none for the flags of the legacy.
    pub(super) variable: Option<&'static str>,
    /// What kind of value it has.
    pub(super) kind: Kind,
    /// The value when it is not given.
    pub(super) default: &'static str,
    /// What it is for, in one line.
    pub(super) about: &'static str,
    /// Reads a value and notes it.
    pub(super) set: fn(&mut Raw, &OsStr) -> Result<(), ValueError>,
}

/// Finds a flag by its exact name.
pub(super) fn by_name(name: &[u8]) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name.as_bytes() == name)
}

const fn legacy(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
    set: fn(&mut Raw, &OsStr) -> Result<(), ValueError>,
) -> Flag {
    Flag {
        name,
        variable: None,
        kind,
        default,
        about,
        set,
    }
}

/// Notes a text as it is.
macro_rules! text {
    ($field:ident) => {
        |raw, value| {
            value.clone_into(&mut raw.$field);
            Ok(())
        }
    };
}

/// Reads a value with a function and notes the result.
macro_rules! value {
    ($field:ident, $read:path) => {
        |raw, value| {
            raw.$field = $read(value)?;
            Ok(())
        }
    };
}

/// All flags, in alphabetical order.
pub(super) static FLAGS: &[Flag] = &[
    legacy(
        "buildArtifactsCacheDir",
        Kind::Text,
        "/tmp/cache",
        "directory with what earlier stagings of the app have cached",
        text!(build_artifacts_cache_dir),
    ),
    legacy(
        "buildDir",
        Kind::Text,
        "/tmp/app",
        "directory of the app to stage",
        text!(build_dir),
    ),
    legacy(
        "buildpackOrder",
        Kind::Text,
        "",
        "buildpacks to use, names or URLs, separated by commas",
        text!(buildpack_order),
    ),
    legacy(
        "buildpacksDir",
        Kind::Text,
        "/tmp/buildpacks",
        "directory in which the platform has placed buildpacks",
        text!(buildpacks_dir),
    ),
    legacy(
        "buildpacksDownloadDir",
        Kind::Text,
        "/tmp/buildpackdownloads",
        "directory for buildpacks that are given by URL",
        text!(buildpacks_download_dir),
    ),
    Flag {
        name: "cachedDownloadsDir",
        variable: Some("CELLCACHE_CACHED_DOWNLOADS_DIR"),
        kind: Kind::Text,
        default: cache::view::DESTINATION,
        about: "directory in which the cell shows buildpacks that it has cached; may be missing",
        set: text!(cached_downloads_dir),
    },
    Flag {
        name: "compression",
        variable: Some("CELLCACHE_COMPRESSION"),
        kind: Kind::Text,
        default: "members",
        about: "how archives are compressed: in gzip members made side by side, or as a single one",
        set: value!(compression, Compression::read),
    },
    legacy(
        "credhubConnectAttempts",
        Kind::Integer,
        "3",
        "how often to ask CredHub before giving up",
        value!(credhub_connect_attempts, number::integer),
    ),
    legacy(
        "credhubRetryDelay",
        Kind::Duration,
        "1s",
        "pause between two attempts to ask CredHub",
        value!(credhub_retry_delay, duration::read),
    ),
    Flag {
        name: "explain",
        variable: Some("CELLCACHE_EXPLAIN"),
        kind: Kind::Boolean,
        default: "false",
        about: "say on standard error which buildpack was taken from where, and why",
        set: value!(explain, number::boolean),
    },
    Flag {
        name: "extraCACerts",
        variable: Some("CELLCACHE_EXTRA_CA_CERTS"),
        kind: Kind::Text,
        default: "",
        about: "file or directory with certificates of authorities to trust besides the system's",
        set: text!(extra_ca_certs),
    },
    Flag {
        name: "offline",
        variable: Some("CELLCACHE_OFFLINE"),
        kind: Kind::Boolean,
        default: "false",
        about: "fail instead of downloading or cloning a buildpack",
        set: value!(offline, number::boolean),
    },
    legacy(
        "outputBuildArtifactsCache",
        Kind::Text,
        "/tmp/output-cache",
        "file for the archive of what this staging has cached",
        text!(output_build_artifacts_cache),
    ),
    legacy(
        "outputDroplet",
        Kind::Text,
        "/tmp/droplet",
        "file for the droplet",
        text!(output_droplet),
    ),
    legacy(
        "outputMetadata",
        Kind::Text,
        "/tmp/result.json",
        "file for the staging result",
        text!(output_metadata),
    ),
    Flag {
        name: "placement",
        variable: Some("CELLCACHE_PLACEMENT"),
        kind: Kind::Text,
        default: "auto",
        about: "how a cached buildpack gets to its scripts: auto, inplace, link, extract or copy",
        set: value!(placement, Placement::read),
    },
    Flag {
        name: "privateBuildpacks",
        variable: Some("CELLCACHE_PRIVATE_BUILDPACKS"),
        kind: Kind::Text,
        default: "",
        about: "cached buildpacks, names or URLs separated by commas, that are run from a writable copy",
        set: text!(private_buildpacks),
    },
    Flag {
        name: "progress",
        variable: Some("CELLCACHE_PROGRESS"),
        kind: Kind::Text,
        default: "none",
        about: "what to say about progress on standard error: none, or plain lines",
        set: value!(progress, Progress::read),
    },
    Flag {
        name: "reproducible",
        variable: Some("CELLCACHE_REPRODUCIBLE"),
        kind: Kind::Boolean,
        default: "false",
        about: "make the droplet depend on nothing but its contents",
        set: value!(reproducible, number::boolean),
    },
    Flag {
        name: "runAs",
        variable: Some("CELLCACHE_RUN_AS"),
        kind: Kind::Text,
        default: "",
        about: "user, by name or as UID:GID, that the scripts run as when the builder is started as root",
        set: value!(run_as, RunAs::read),
    },
    legacy(
        "skipCertVerify",
        Kind::Boolean,
        "false",
        "do not check the certificates of servers that buildpacks are downloaded from",
        value!(skip_cert_verify, number::boolean),
    ),
    legacy(
        "skipDetect",
        Kind::Boolean,
        "false",
        "use all buildpacks of the order instead of the first that detects the app",
        value!(skip_detect, number::boolean),
    ),
    Flag {
        name: "stagingReport",
        variable: Some("CELLCACHE_STAGING_REPORT"),
        kind: Kind::Text,
        default: "",
        about: "file for a report about this staging",
        set: text!(staging_report),
    },
];
