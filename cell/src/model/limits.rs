//! Sizes and times as they are typed.

use std::str::FromStr;
use std::time::Duration;

/// An amount of memory: `512M`, `2G`, `1.5GiB`, or bytes. As the platform, powers of 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory {
    /// In bytes.
    pub bytes: u64,
}

/// Room on a disk: as [`Memory`], and nothing is an amount too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Room {
    /// In bytes.
    pub bytes: u64,
}

/// A time: `90s`, `15m`, `1h30m`, or seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub Duration);

/// A text that is no amount of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMemory {
    /// Not a number with a unit.
    #[error("Expected an amount of memory such as 512M or 2G")]
    Malformed,
    /// Less than a builder can start with.
    #[error("At least 16M are needed")]
    TooLittle,
}

/// A text that is no room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Expected a size such as 256M or 2G")]
pub struct InvalidRoom;

/// A text that is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Expected a time such as 90s, 15m or 1h30m")]
pub struct InvalidLimit;

/// The least that a container can be started with, in bytes.
const LEAST: u64 = 16 << 20;

impl FromStr for Memory {
    type Err = InvalidMemory;

    fn from_str(text: &str) -> Result<Self, InvalidMemory> {
        let bytes = size(text).ok_or(InvalidMemory::Malformed)?;
        if bytes < LEAST {
            return Err(InvalidMemory::TooLittle);
        }
        Ok(Self { bytes })
    }
}

impl FromStr for Room {
    type Err = InvalidRoom;

    fn from_str(text: &str) -> Result<Self, InvalidRoom> {
        size(text).map(|bytes| Self { bytes }).ok_or(InvalidRoom)
    }
}

impl Memory {
    /// As the platform writes it in `MEMORY_LIMIT`.
    #[must_use]
    pub fn megabytes(&self) -> String {
        format!("{}m", self.bytes >> 20)
    }
}

impl FromStr for Limit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        if let Ok(seconds) = text.parse() {
            return positive(Duration::from_secs(seconds));
        }
        let mut rest = text;
        let mut total = Duration::ZERO;
        while !rest.is_empty() {
            let unit_at = rest
                .find(|letter: char| !letter.is_ascii_digit())
                .ok_or(InvalidLimit)?;
            let (number, after) = rest.split_at(unit_at);
            let mut letters = after.chars();
            let seconds = match letters.next() {
                Some('s') => 1,
                Some('m') => 60,
                Some('h') => 3600,
                _ => return Err(InvalidLimit),
            };
            let number: u64 = number.parse().map_err(|_| InvalidLimit)?;
            let part = number.checked_mul(seconds).ok_or(InvalidLimit)?;
            total = total.checked_add(Duration::from_secs(part)).ok_or(InvalidLimit)?;
            rest = letters.as_str();
        }
        positive(total)
    }
}

/// A number with a unit, or of bytes.
fn size(text: &str) -> Option<u64> {
    let unit_at = text.find(|letter: char| letter.is_ascii_alphabetic());
    let (number, unit) = text.split_at(unit_at.unwrap_or(text.len()));
    let shift = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return None,
    };
    scaled(number, 1 << shift)
}

fn positive(time: Duration) -> Result<Limit, InvalidLimit> {
    if time.is_zero() {
        return Err(InvalidLimit);
    }
    Ok(Limit(time))
}

/// `1.5` times a unit, in whole bytes; digits beyond the third behind the point do not count.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(part) || number.ends_with('.') {
        return None;
    }
    let thousandths: String = part.chars().chain("000".chars()).take(3).collect();
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let part = thousandths.parse::<u64>().ok()?.checked_mul(unit)? / 1000;
    whole.checked_add(part)
}

#[cfg(test)]
mod tests;
