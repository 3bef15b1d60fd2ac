use std::io::{self, Read};

use super::{Source, Stream, take};
use crate::archive::{ArchiveError, Unsupervised};

/// Yields one byte at a time, and is interrupted before each.
struct Drops(Vec<u8>, bool);

impl Read for Drops {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match (self.0.pop(), out.first_mut()) {
            (Some(byte), Some(slot)) => {
                *slot = byte;
                Ok(1)
            }
            _ => Ok(0),
        }
    }
}

#[test]
fn what_was_looked_at_is_still_there() {
    let mut drops = Drops((0..100).rev().collect(), false);
    let mut source = Source::new(&mut drops, &Unsupervised);
    assert_eq!(source.peek(3).unwrap(), [0, 1, 2]);
    source.consume(2);
    assert_eq!(source.peek(3).unwrap(), [2, 3, 4]);
    let mut out = [0; 50];
    assert_eq!(take(&mut source, &mut out).unwrap(), 50);
    assert_eq!((out[0], out[49], source.position()), (2, 51, 52));
    assert_eq!(source.peek(1000).unwrap().len(), 48);
    source.consume(48);
    assert!(source.fill().unwrap().is_empty());
}

/// The reader's own error stays the source of ours.
#[test]
fn the_readers_error_is_kept() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(104))
        }
    }
    let mut broken = Broken;
    let error = Source::new(&mut broken, &Unsupervised).fill().unwrap_err();
    match error {
        ArchiveError::Input(error) => assert_eq!(error.raw_os_error(), Some(104)),
        other => panic!("{other}"),
    }
}
