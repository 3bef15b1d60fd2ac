use std::io::Write;

use super::{WINDOW, Window};

#[test]
fn serves_any_range_and_stops_at_the_end() {
    let mut file = tempfile::tempfile().unwrap();
    let bytes: Vec<u8> = (0..251_u8).cycle().take(WINDOW * 2 + 10).collect();
    file.write_all(&bytes).unwrap();
    let mut window = Window::new(&file);
    assert_eq!(window.file_len().unwrap(), bytes.len() as u64);
    for (offset, wanted) in [
        (0, 10),
        (WINDOW - 5, 10),
        (5, WINDOW),
        (2 * WINDOW + 5, 100),
        (usize::MAX, 1),
    ] {
        let end = offset.saturating_add(wanted).min(bytes.len());
        let expected = bytes.get(offset.min(end)..end).unwrap();
        assert_eq!(window.at(offset as u64, wanted).unwrap(), expected, "at {offset}");
    }
    assert!(!window.some(WINDOW as u64 - 1, 100).unwrap().is_empty());
    assert!(window.some(bytes.len() as u64, 100).unwrap().is_empty());
}
