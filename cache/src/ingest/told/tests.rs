use std::io;
use std::sync::Mutex;

use super::Told;
use crate::model::event::{Event, Observer};

#[derive(Default)]
struct Notes(Mutex<Vec<u64>>);

impl Observer for Notes {
    fn event(&self, event: &Event<'_>) {
        if let Event::BodyProgress { bytes, .. } = event {
            self.0.lock().expect("notes").push(*bytes);
        }
    }
}

/// Rules: C-120
#[test]
fn progress_is_told_in_steps_and_at_the_end() {
    let notes = Notes::default();
    let content = vec![7; 1 << 20];
    let mut told = Told::new(&content[..], &notes, Some(1 << 20));
    io::copy(&mut told, &mut io::sink()).expect("a copy");
    let notes = notes.0.into_inner().expect("notes");
    assert!(notes.len() >= 4 && notes.len() <= 8, "{notes:?}");
    assert_eq!(notes.last(), Some(&(1 << 20)));
    assert!(notes.is_sorted());
}
