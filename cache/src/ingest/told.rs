//! Tells the observer how far a body has come.

use std::io::{self, Read};

use crate::model::event::{Event, Observer};

/// Bytes between two tellings.
const STEP: u64 = 256 << 10;

/// A reader that tells what passes through it.
pub(crate) struct Told<'a, R> {
    inner: R,
    observer: &'a dyn Observer,
    total: Option<u64>,
    bytes: u64,
    next: u64,
}

impl<'a, R: Read> Told<'a, R> {
    /// Tells of `inner`, which should be `total` bytes long.
    pub(crate) fn new(inner: R, observer: &'a dyn Observer, total: Option<u64>) -> Self {
        Self {
            inner,
            observer,
            total,
            bytes: 0,
            next: 0,
        }
    }
}

impl<R: Read> Read for Told<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.bytes = self.bytes.saturating_add(length as u64);
        if self.bytes >= self.next || length == 0 {
            self.next = self.bytes.saturating_add(STEP);
            self.observer.event(&Event::BodyProgress {
                bytes: self.bytes,
                total: self.total,
            });
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
