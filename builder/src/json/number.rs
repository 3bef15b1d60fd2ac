//! Numbers with a fraction or beyond 64 bits.

/// The shortest decimal that reads back as the same number; with an exponent from 1e21 up and below 1e-6.
pub(super) fn shortest(float: f64) -> String {
    if !float.is_finite() {
        return "null".to_owned();
    }
    let magnitude = float.abs();
    if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}
