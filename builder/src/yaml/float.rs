//! Numbers with a fraction or an exponent.

/// Reads `1`, `1.`, `1.5`, `.5`, each with sign and exponent; `None` for a number too large.
pub(super) fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned
        .split_once(['e', 'E'])
        .map_or((unsigned, None), |(left, right)| (left, Some(right)));
    let (whole, fraction) = mantissa
        .split_once('.')
        .map_or((mantissa, None), |(left, right)| (left, Some(right)));
    let digits = |text: &str| !text.is_empty() && is_digits(text);
    let mantissa_fits = if whole.is_empty() {
        fraction.is_some_and(digits)
    } else {
        digits(whole) && fraction.is_none_or(is_digits)
    };
    let exponent_fits = exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    let value = text.parse::<f64>().ok()?;
    (mantissa_fits && exponent_fits && value.is_finite()).then_some(value)
}

/// Reads the same, with underscores between digits.
pub(super) fn with_underscores(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let is_digit = |place: Option<usize>| {
        place
            .and_then(|place| bytes.get(place))
            .is_some_and(u8::is_ascii_digit)
    };
    let mut underscores = text.match_indices('_').map(|(place, _)| place);
    let separate = underscores.all(|place| is_digit(place.checked_sub(1)) && is_digit(place.checked_add(1)));
    if separate {
        parse(&text.replace('_', ""))
    } else {
        None
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
