//! The index's file: fixed-size places, read and written one page or one place at a time.
//!
//! Nothing here is the truth: records, leases and living work are, and the index is rebuilt from them. Open
//! addressing: an object lies in the page that its digest names, or in one behind it if that was full.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::error::StoreError;
use super::header::{DIRTY_OFFSET, HEADER_BYTES, Header, PAGE};
use super::layout;
use super::slot::{Place, RESERVATION_BYTES, Reservation, SLOT_BYTES, Slot};
use crate::model::object::ObjectId;
use crate::sys::SysError;
use crate::sys::anchor::Anchor;

/// Objects in one page.
const PER_PAGE: u64 = (PAGE / SLOT_BYTES) as u64;

/// An open index.
#[derive(Debug)]
pub(super) struct IndexFile {
    file: File,
    path: PathBuf,
}

/// Where an object is, or could be put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Search {
    /// Its place and what it says.
    pub(super) found: Option<(u64, Slot)>,
    /// The first place that is not taken, and whether it was.
    pub(super) vacant: Option<(u64, bool)>,
}

/// What the file says of itself when a lock is taken.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per lock, on the stack, and taken apart at once"
)]
pub(super) enum State {
    /// It is the index of this store, as of the last change.
    Current(Header),
    /// Another file is the index now.
    Superseded,
    /// It cannot be read as an index.
    Unreadable,
}

impl IndexFile {
    /// Opens the index; nothing when there is none.
    pub(super) fn open(anchor: &Anchor, writable: bool) -> Result<Option<Self>, SysError> {
        let opened = if writable {
            anchor.open_to_write(layout::INDEX)
        } else {
            anchor.open_to_read(layout::INDEX)
        };
        match opened {
            Ok(file) => Ok(Some(Self {
                file,
                path: anchor.path(layout::INDEX),
            })),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a new index of these objects and reservations beside the current one.
    pub(super) fn write_next(
        anchor: &Anchor,
        header: &mut Header,
        slots: &[Slot],
        reservations: &[Reservation],
    ) -> Result<Self, SysError> {
        header.buried = 0;
        header.objects = slots.len() as u64;
        header.pages = pages_for(slots.len());
        header.reservation_pages = reservation_pages_for(reservations.len());
        let image = image(header, slots, reservations);
        anchor.unlink(layout::NEXT_INDEX)?;
        match anchor.write_new(layout::NEXT_INDEX, &image) {
            Ok(file) => Ok(Self {
                file,
                path: anchor.path(layout::INDEX),
            }),
            Err(error) => {
                // Half of one would only take room.
                let _ = anchor.unlink(layout::NEXT_INDEX);
                Err(error)
            }
        }
    }

    /// Writes a new index of these objects and reservations into this file, marked dirty; yields whether it is as long
    /// as that takes. `header` has the pages that the file had, none if that is not known.
    pub(super) fn overwrite(
        &self,
        anchor: &Anchor,
        header: &mut Header,
        slots: &[Slot],
        reservations: &[Reservation],
    ) -> Result<bool, SysError> {
        header.is_dirty = true;
        header.buried = 0;
        header.objects = slots.len() as u64;
        if header.pages == 0
            || header.pages < pages_for(slots.len()) / 2
            || reservation_places(header) < reservations.len() as u64
        {
            header.pages = pages_for(slots.len());
            header.reservation_pages = reservation_pages_for(reservations.len());
        }
        if anchor.facts_of(&self.file, layout::INDEX)?.bytes != header.file_bytes() {
            return Ok(false);
        }
        self.write(&image(header, slots, reservations), 0)?;
        Ok(true)
    }

    /// Reads the header, and whether this file is still the index.
    pub(super) fn state(&self, anchor: &Anchor) -> Result<State, SysError> {
        let facts = anchor.facts_of(&self.file, layout::INDEX)?;
        if facts.links == 0 {
            return Ok(State::Superseded);
        }
        let mut bytes = [0; HEADER_BYTES];
        if facts.bytes < PAGE as u64 {
            return Ok(State::Unreadable);
        }
        self.read(&mut bytes, 0)?;
        Ok(match Header::decode(&bytes) {
            Some(header) if header.file_bytes() == facts.bytes => State::Current(header),
            _ => State::Unreadable,
        })
    }

    /// Notes that a change is under way.
    pub(super) fn mark_dirty(&self) -> Result<(), SysError> {
        self.write(&1_u32.to_le_bytes(), DIRTY_OFFSET)
    }

    /// Writes the header.
    pub(super) fn write_header(&self, header: &Header) -> Result<(), SysError> {
        self.write(&header.encode(), 0)
    }

    /// Looks for an object.
    pub(super) fn search(&self, header: &Header, id: &ObjectId) -> Result<Search, SysError> {
        let pages = u64::from(header.pages);
        let first = home_page(id, pages);
        let mut vacant = None;
        let mut page = [0; PAGE];
        for step in 0..pages {
            let number = (first + step) % pages;
            self.read(&mut page, header.objects_offset() + number * PAGE as u64)?;
            let (places, _) = page.as_chunks::<SLOT_BYTES>();
            for (place, bytes) in (number * PER_PAGE..).zip(places) {
                if Place::is_another(bytes, id) {
                    continue;
                }
                match Place::decode(bytes) {
                    Place::Taken(slot) if slot.id == *id => {
                        return Ok(Search {
                            found: Some((place, slot)),
                            vacant,
                        });
                    }
                    Place::Taken(_) => {}
                    Place::Buried => vacant = vacant.or(Some((place, true))),
                    Place::Free => {
                        let vacant = vacant.or(Some((place, false)));
                        return Ok(Search { found: None, vacant });
                    }
                }
            }
        }
        Ok(Search { found: None, vacant })
    }

    /// Writes one place.
    pub(super) fn put(&self, header: &Header, place: u64, content: Place) -> Result<(), SysError> {
        self.write(
            &content.encode(),
            header.objects_offset() + place * SLOT_BYTES as u64,
        )
    }

    /// Reads every object. Without the store's lock each is one that was there at some moment of the reading.
    pub(super) fn scan(&self, header: &Header) -> Result<Vec<Slot>, SysError> {
        const AT_ONCE: usize = 64;
        let mut slots = Vec::new();
        let mut bytes = vec![0; PAGE * AT_ONCE];
        let mut offset = header.objects_offset();
        while offset < header.file_bytes() {
            let rest = usize::try_from(header.file_bytes() - offset).unwrap_or(usize::MAX);
            let wanted = rest.min(bytes.len());
            self.read(&mut bytes[..wanted], offset)?;
            let (places, _) = bytes[..wanted].as_chunks::<SLOT_BYTES>();
            slots.extend(places.iter().filter_map(|bytes| match Place::decode(bytes) {
                Place::Taken(slot) => Some(slot),
                Place::Free | Place::Buried => None,
            }));
            offset += wanted as u64;
        }
        Ok(slots)
    }

    /// Reads every reservation, by its place.
    pub(super) fn reservations(&self, header: &Header) -> Result<BTreeMap<u64, Reservation>, SysError> {
        let length = usize::try_from(header.objects_offset()).unwrap_or(PAGE) - HEADER_BYTES;
        let mut bytes = vec![0; length];
        self.read(&mut bytes, HEADER_BYTES as u64)?;
        let (places, _) = bytes.as_chunks::<RESERVATION_BYTES>();
        Ok((0..)
            .zip(places)
            .filter_map(|(place, bytes)| Some((place, Reservation::decode(bytes)?)))
            .collect())
    }

    /// Writes one reservation, or frees its place.
    pub(super) fn put_reservation(
        &self,
        place: u64,
        reservation: Option<&Reservation>,
    ) -> Result<(), SysError> {
        let bytes = reservation.map_or([0; RESERVATION_BYTES], Reservation::encode);
        self.write(&bytes, HEADER_BYTES as u64 + place * RESERVATION_BYTES as u64)
    }

    /// Another handle of the same file, for reading without the store's lock.
    pub(super) fn reader(&self) -> Result<Self, StoreError> {
        let file = self
            .file
            .try_clone()
            .map_err(|error| SysError::new("dup", &self.path, error))?;
        Ok(Self {
            file,
            path: self.path.clone(),
        })
    }

    fn read(&self, bytes: &mut [u8], offset: u64) -> Result<(), SysError> {
        self.file
            .read_exact_at(bytes, offset)
            .map_err(|error| SysError::new("read", &self.path, error))
    }

    fn write(&self, bytes: &[u8], offset: u64) -> Result<(), SysError> {
        self.file
            .write_all_at(bytes, offset)
            .map_err(|error| SysError::new("write", &self.path, error))
    }
}

/// How many reservations fit.
pub(super) fn reservation_places(header: &Header) -> u64 {
    (header.objects_offset() - HEADER_BYTES as u64) / RESERVATION_BYTES as u64
}

/// Tells whether one more object would make searches long.
pub(super) fn is_crowded(header: &Header) -> bool {
    let places = u64::from(header.pages) * PER_PAGE;
    (header.objects + header.buried + 1) * 4 > places * 3
}

fn home_page(id: &ObjectId, pages: u64) -> u64 {
    let first = id.digest().as_bytes().first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(first) % pages.max(1)
}

/// At most half full when new.
fn pages_for(objects: usize) -> u32 {
    let pages = (objects as u64 + 1).saturating_mul(2).div_ceil(PER_PAGE);
    u32::try_from(pages).unwrap_or(1 << 20).next_power_of_two()
}

/// Room for a few more than there are.
fn reservation_pages_for(reservations: usize) -> u32 {
    let bytes = (reservations + 32) * RESERVATION_BYTES + HEADER_BYTES;
    u32::try_from(bytes.div_ceil(PAGE) - 1).unwrap_or(1024)
}

/// The bytes of a whole index.
fn image(header: &Header, slots: &[Slot], reservations: &[Reservation]) -> Vec<u8> {
    let mut image = vec![0; usize::try_from(header.file_bytes()).unwrap_or(0)];
    let objects = usize::try_from(header.objects_offset()).unwrap_or(0);
    image[..HEADER_BYTES].copy_from_slice(&header.encode());
    let (behind_header, _) = image[HEADER_BYTES..objects].as_chunks_mut::<RESERVATION_BYTES>();
    for (place, reservation) in behind_header.iter_mut().zip(reservations) {
        *place = reservation.encode();
    }
    let (places, _) = image[objects..].as_chunks_mut::<SLOT_BYTES>();
    for slot in slots {
        let home = home_page(&slot.id, u64::from(header.pages)) * PER_PAGE;
        let start = usize::try_from(home).unwrap_or(0);
        let (before, from) = places.split_at_mut(start);
        let free = from.iter_mut().chain(before).find(|place| place[0] == 0);
        if let Some(place) = free {
            *place = Place::Taken(*slot).encode();
        }
    }
    image
}

#[cfg(test)]
mod tests;
