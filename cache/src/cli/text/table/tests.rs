//! Plain tables.

use super::*;

#[test]
fn columns_are_as_wide_as_their_widest_cell() {
    let rows = [
        ["a".to_owned(), "1".to_owned(), "x".to_owned()],
        ["größer".to_owned(), "1000".to_owned(), "yy".to_owned()],
    ];
    let columns = [("KEY", Align::Left), ("N", Align::Right), ("END", Align::Left)];
    let expected = ["KEY        N  END", "a          1  x", "größer  1000  yy"];
    assert_eq!(lines(columns, &rows), expected);
    assert_eq!(lines(columns, &[]), ["KEY  N  END"]);
}
