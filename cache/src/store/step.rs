//! The steps at which a test may make a store die, fail or wait: one table, so that tests can run over all (S-01, S-03).

use std::path::Path;

use crate::sys::{SysError, failpoint};

macro_rules! steps {
    ($($(#[$doc:meta])* $step:ident = $name:literal,)*) => {
        /// A moment between two changes on disk.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Step {
            $($(#[$doc])* $step,)*
        }

        impl Step {
            /// Every step.
            pub const ALL: &'static [Self] = &[$(Self::$step,)*];

            /// The name that a test sets.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$step => $name,)*
                }
            }
        }
    };
}

steps! {
    /// The format file is not yet written.
    OpenNew = "open.new",
    /// The format file has its name.
    OpenFormatted = "open.formatted",
    /// Dead owners' work is about to be looked for.
    OpenSweep = "open.sweep",
    /// Room for a staging is reserved, its directory is not made.
    StageReserved = "stage.reserved",
    /// Its directory is made.
    StageMade = "stage.made",
    /// A reservation is about to grow.
    ReserveBefore = "reserve.before",
    /// A reservation's slot is written, the sums are not.
    ReserveSlot = "reserve.slot",
    /// A reservation has grown.
    ReserveAfter = "reserve.after",
    /// The content is about to be synced.
    PublishSync = "publish.sync",
    /// It is synced and measured.
    PublishSynced = "publish.synced",
    /// The object's record is written, not synced.
    PublishRecord = "publish.record",
    /// Record and entry are synced.
    PublishReady = "publish.ready",
    /// The index is marked, nothing has moved.
    PublishBegun = "publish.begun",
    /// The object has its name; entry and lease have not.
    PublishObject = "publish.object",
    /// The entry has its name.
    PublishEntry = "publish.entry",
    /// The lease has its name.
    PublishLease = "publish.lease",
    /// The object's slot is written.
    PublishSlot = "publish.slot",
    /// The index says so; the names are not synced.
    PublishCommitted = "publish.committed",
    /// The names are synced, the caller does not know.
    PublishDone = "publish.done",
    /// A private copy is about to get its name.
    PrivateBegun = "private.begun",
    /// It has its name, the lease has not.
    PrivateMoved = "private.moved",
    /// The lease has its name.
    PrivateLease = "private.lease",
    /// The index says so.
    PrivateCommitted = "private.committed",
    /// A work in progress is about to be thrown away.
    DropBegun = "drop.begun",
    /// It is in the trash.
    DropMoved = "drop.moved",
    /// A lease's record is about to be written.
    LeaseWrite = "lease.write",
    /// It is written, under a name of no meaning.
    LeaseWritten = "lease.written",
    /// The index is marked.
    LeaseBegun = "lease.begun",
    /// The lease has its name.
    LeaseNamed = "lease.named",
    /// The object's slot counts it.
    LeaseSlot = "lease.slot",
    /// The index says so, the caller does not know.
    LeaseCommitted = "lease.committed",
    /// The index is marked, the lease is still its first holder's.
    HandOverBegun = "handover.begun",
    /// Its new record has its name.
    HandOverNamed = "handover.named",
    /// The index says so, the caller does not know.
    HandOverCommitted = "handover.committed",
    /// A lease is about to be dropped.
    ReleaseBegun = "release.begun",
    /// Its record is gone.
    ReleaseUnlinked = "release.unlinked",
    /// The object's slot does not count it any more.
    ReleaseSlot = "release.slot",
    /// The index says so, the caller does not know.
    ReleaseCommitted = "release.committed",
    /// An entry is about to get its name.
    EntryBegun = "entry.begun",
    /// It has its name.
    EntryNamed = "entry.named",
    /// The index says so; the name is not synced.
    EntryCommitted = "entry.committed",
    /// An entry is about to be removed.
    RetireBegun = "retire.begun",
    /// It is removed.
    RetireUnlinked = "retire.unlinked",
    /// An object is about to be removed.
    EvictBegun = "evict.begun",
    /// It is in the trash.
    EvictMoved = "evict.moved",
    /// Its entry is removed.
    EvictUnlinked = "evict.unlinked",
    /// Its slot is free.
    EvictSlot = "evict.slot",
    /// The index says so.
    EvictCommitted = "evict.committed",
    /// Room for declarations or statistics is about to be reserved.
    SideReserve = "side.reserve",
    /// It is reserved, nothing is written.
    SideReserved = "side.reserved",
    /// They are written, and not measured.
    SideWritten = "side.written",
    /// Lines are about to be added to the access log.
    StatsLog = "stats.log",
    /// The list of what was evicted is about to be changed.
    StatsGhosts = "stats.ghosts",
    /// The counters are about to be written.
    StatsCounters = "stats.counters",
    /// A pin is about to be set, or taken away.
    PinBegun = "pin.begun",
    /// The index says so; the name is not synced.
    PinCommitted = "pin.committed",
    /// A damaged object that somebody holds is about to be set aside.
    CondemnBegun = "condemn.begun",
    /// Its record is renamed, its entries are there.
    CondemnMarked = "condemn.marked",
    /// The index says so; the names are not synced.
    CondemnCommitted = "condemn.committed",
    /// A piece of trash is about to be deleted.
    TrashBefore = "trash.before",
    /// All but its directory is deleted.
    TrashEmptied = "trash.emptied",
    /// It is deleted, and still counts.
    TrashRemoved = "trash.removed",
    /// A view's work has its directory, nothing is fetched.
    ViewStaged = "view.staged",
    /// Everything is fetched and leased, nothing is shown.
    ViewLeased = "view.leased",
    /// A file is about to be linked into a view.
    ViewLink = "view.link",
    /// Mounts are about to be tried out.
    ViewTrial = "view.trial",
    /// The places for a view's mounts are made, nothing is mounted.
    ViewPlaces = "view.places",
    /// The directory of its mounts is a mount of its own.
    ViewIsolated = "view.isolated",
    /// One mount of a view is in its place.
    ViewMounted = "view.mounted",
    /// A view is filled, its list of itself is not written.
    ViewFilled = "view.filled",
    /// Its record is written.
    ViewRecord = "view.record",
    /// Its leases are written anew, as the view's.
    ViewReady = "view.ready",
    /// The index is marked, nothing has moved.
    ViewBegun = "view.begun",
    /// The view has its name, its leases are still the maker's.
    ViewMoved = "view.moved",
    /// A lease is the view's.
    ViewLease = "view.lease",
    /// The index says so.
    ViewCommitted = "view.committed",
    /// The link to the view is made.
    ViewLinked = "view.linked",
    /// The mounts of a view are about to be taken away.
    ViewReleaseMounts = "view.release.mounts",
    /// A view is about to be released.
    ViewReleaseBegun = "view.release.begun",
    /// Its directory is in the trash, its leases are there.
    ViewReleaseMoved = "view.release.moved",
    /// A lease of it is dropped.
    ViewReleaseLease = "view.release.lease",
    /// The index says so; the link to the view is there.
    ViewReleaseCommitted = "view.release.committed",
    /// What is added to a view is made, and not in it.
    ViewAddReady = "view.add.ready",
    /// The index is marked, nothing is added to the view.
    ViewAddBegun = "view.add.begun",
    /// One name more is in the view, its record does not have it.
    ViewAddNamed = "view.add.named",
    /// The view's record has it, its lease is still the maker's.
    ViewAddRecord = "view.add.record",
    /// The lease is the view's.
    ViewAddLease = "view.add.lease",
    /// All is added; what takes it back is still there.
    ViewAddMarked = "view.add.marked",
    /// The index is about to be rebuilt.
    RebuildBegun = "rebuild.begun",
    /// The next index is about to be written.
    RebuildWrite = "rebuild.write",
    /// The next index is written.
    RebuildWritten = "rebuild.written",
    /// It is the index.
    RebuildDone = "rebuild.done",
    /// The index is about to be replaced by a larger one.
    GrowBegun = "grow.begun",
    /// The larger one is written.
    GrowWritten = "grow.written",
    /// It is the index.
    GrowDone = "grow.done",
}

impl Step {
    /// Passes this step, on the way to do something to `path`.
    #[inline]
    pub(crate) fn pass(self, path: &Path) -> Result<(), SysError> {
        failpoint::pass(self.name(), path)
    }
}
