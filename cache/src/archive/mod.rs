//! Archives: safe extraction with two policies, and trees as archives.
//!
//! For the store, [`unpack()`] reads a zip, tar or tgz in one pass from a stream and [`unpack_zip_file`] a zip on disk in
//! several threads; [`import_tree`] takes a local directory by the same rules. All three put a tree together entry by
//! entry beneath one directory held by handle, write its [`manifest`], and ask a [`Supervisor`] for room. For the
//! builder, [`extract_zip`] does what the legacy did, as far as that is safe. [`write_tar`] is the way back.
//!
//! A reader yields members; the [`Policy`] turns each into a plan or a refusal, without touching anything. Whatever the
//! archive says:
//!
//! - nothing outside the destination is created, changed or followed (I-1);
//! - bytes, entries, depth and memory stop at the policy's [`Limits`], counted from what comes out, never from what
//!   headers say (I-7);
//! - no special file comes to be, no owner or attribute of the archive is applied.

mod assembly;
mod error;
mod export;
mod fill;
mod gzip;
mod import;
mod limits;
pub mod manifest;
mod member;
mod policy;
mod sniff;
mod source;
mod supervisor;
mod survey;
mod tar;
mod unpack;
mod writer;
mod zip;

pub use error::{ArchiveError, Damage, Fault, Foreign, GzipFault, Refusal, TarFault};
pub use export::write_tar;
pub use import::{Imported, digest_tree, import_tree};
pub use limits::{Limit, Limits};
pub use member::{Kind, Member, MemberName};
pub use policy::{Plan, Policy};
pub use supervisor::{Supervisor, Unsupervised};
pub use unpack::{ArchiveKind, Unpacked, unpack};
pub use zip::{extract_zip, unpack_zip_file};

/// What an extraction brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Members read, of every kind.
    pub entries: u64,
    /// Bytes of file content written.
    pub bytes: u64,
}
