//! What the store takes on the disk.

use serde::Serialize;

use super::super::text::count::count;
use super::super::text::table::{self, Align};
use crate::model::size::Size;
use crate::model::usage::{FreeSpace, Limits, Share, Usage};

/// Usage for programs; every figure in bytes or a count.
#[derive(Serialize)]
pub(in crate::cli) struct Json {
    quota: u64,
    scratch_quota: u64,
    used: u64,
    #[serde(flatten)]
    usage: Usage,
    free: FreeSpace,
    min_free_bytes: u64,
    min_free_inodes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    recounted: Option<Usage>,
}

/// What a store takes, what it may take, and what the disk has left.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Room {
    pub(in crate::cli) limits: Limits,
    pub(in crate::cli) usage: Usage,
    pub(in crate::cli) free: FreeSpace,
    /// The same, counted on the disk.
    pub(in crate::cli) recounted: Option<Usage>,
}

impl Room {
    /// What stands in the way of more, in a line (design §8).
    pub(in crate::cli) fn shortage(&self) -> String {
        let disk = format!("{} free on the disk", Size(self.free.bytes));
        let quota = format!(
            "{} of the quota of {} used",
            Size(self.usage.used()),
            Size(self.limits.quota)
        );
        let leased = format!(
            "{} leased by {}",
            Size(self.usage.leased.bytes),
            count(self.usage.leases, "lease")
        );
        let scratch = format!(
            "{} of {} for private copies and views used",
            Size(self.usage.scratch),
            Size(self.limits.scratch_quota)
        );
        format!("{disk}; {quota}; {leased}; {scratch}")
    }

    /// Whether the disk has less left than the quota promises.
    pub(in crate::cli) const fn disk_is_short(&self) -> bool {
        let left = self.limits.quota.saturating_sub(self.usage.used());
        self.free.bytes.saturating_sub(self.limits.min_free_bytes) < left
    }

    /// Usage for programs.
    pub(in crate::cli) const fn json(&self) -> Json {
        Json {
            quota: self.limits.quota,
            scratch_quota: self.limits.scratch_quota,
            used: self.usage.used(),
            usage: self.usage,
            free: self.free,
            min_free_bytes: self.limits.min_free_bytes,
            min_free_inodes: self.limits.min_free_inodes,
            recounted: self.recounted,
        }
    }

    /// Usage for people.
    pub(in crate::cli) fn lines(&self) -> Vec<String> {
        let usage = &self.usage;
        let rows = [
            row("quota", self.limits.quota, None, ""),
            row(
                "used",
                self.usage.used(),
                None,
                &percent(self.usage.used(), self.limits.quota),
            ),
            shared("  objects", usage.objects, ""),
            shared("    leased", usage.leased, "cannot be evicted"),
            shared(
                "    replaced",
                usage.replaced,
                "older versions that are still leased",
            ),
            shared("  staging", usage.staging, "being unpacked"),
            shared("  trash", usage.trash, "being deleted"),
            row("  metadata", usage.metadata, None, "records and statistics"),
            row("reclaimable", usage.reclaimable, None, "could be evicted"),
            row(
                "scratch",
                self.usage.scratch,
                None,
                &percent(self.usage.scratch, self.limits.scratch_quota),
            ),
            shared("  private copies", usage.private, ""),
            shared("  views", usage.views, "directories and copies"),
            row("free on disk", self.free.bytes, None, &floor(&self.limits)),
        ];
        let columns = [
            ("", Align::Left),
            ("SIZE", Align::Right),
            ("COUNT", Align::Right),
            ("", Align::Left),
        ];
        let mut lines = table::lines(columns, &rows);
        lines.push(format!(
            "{}, {}",
            count(usage.entries, "key"),
            count(usage.leases, "lease")
        ));
        lines.extend(self.recounted.map(|counted| agreement(usage, &counted)));
        if usage.set_aside > 0 {
            lines.push(format!(
                "{} damaged or foreign set aside",
                count(usage.set_aside, "file")
            ));
        }
        lines
    }
}

/// Whether the books agree with the disk.
fn agreement(books: &Usage, disk: &Usage) -> String {
    if books == disk {
        "recounted: the disk agrees".to_owned()
    } else {
        format!(
            "recounted: the disk holds {} bytes where the books say {}; others may be at work",
            disk.total, books.total
        )
    }
}

fn row(name: &str, bytes: u64, count: Option<u64>, remark: &str) -> [String; 4] {
    let count = count.map(|count| count.to_string()).unwrap_or_default();
    [name.to_owned(), Size(bytes).to_string(), count, remark.to_owned()]
}

fn shared(name: &str, share: Share, remark: &str) -> [String; 4] {
    row(name, share.bytes, Some(share.count), remark)
}

fn percent(part: u64, whole: u64) -> String {
    let scaled = (u128::from(part) * 100).checked_div(u128::from(whole));
    scaled.map_or_else(String::new, |percent| format!("{percent}% of {}", Size(whole)))
}

fn floor(limits: &Limits) -> String {
    match limits.min_free_bytes {
        0 => String::new(),
        bytes => format!("floor {}", Size(bytes)),
    }
}

#[cfg(test)]
mod tests;
