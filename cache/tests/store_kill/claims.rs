//! What workers were told by the store, as they printed it at once.

use std::collections::{BTreeMap, BTreeSet};

use cache::model::lease_record::LeaseId;

/// What must be true, whatever became of the workers.
#[derive(Debug, Default, Clone)]
pub(crate) struct Claims {
    /// Objects whose publication was acknowledged and that nobody began to remove.
    pub(crate) objects: BTreeSet<u64>,
    /// Leases that were acknowledged and that nobody began to release, and what they are of.
    pub(crate) leases: BTreeMap<LeaseId, u64>,
    /// Leases that may or may not be there.
    pub(crate) doubtful: BTreeSet<LeaseId>,
}

impl Claims {
    pub(crate) fn read(output: &[u8]) -> Self {
        let text = String::from_utf8_lossy(output);
        let mut claims = Self::default();
        let mut doubtful: BTreeSet<u64> = BTreeSet::new();
        // A line that was cut by the kill was never said.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["stored", number] => {
                    claims.objects.insert(number.parse().expect("a number"));
                }
                ["removing", number] => {
                    doubtful.insert(number.parse().expect("a number"));
                }
                ["held", lease, number] => {
                    let lease = lease.parse().expect("a lease");
                    claims.leases.insert(lease, number.parse().expect("a number"));
                }
                ["releasing", lease] => {
                    let lease = lease.parse().expect("a lease");
                    claims.leases.remove(&lease);
                    claims.doubtful.insert(lease);
                }
                _ => panic!("unknown line {line}"),
            }
        }
        claims.objects.retain(|number| !doubtful.contains(number));
        claims
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.objects.extend(&other.objects);
        self.leases.extend(&other.leases);
        self.doubtful.extend(&other.doubtful);
    }

    /// Under a small quota, what nobody holds may be gone.
    pub(crate) fn forget_unheld(&mut self) {
        self.objects.clear();
    }
}
