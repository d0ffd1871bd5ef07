//! A fixed offset from UTC, spelt as MySQL spells it.

use serde::Deserialize;
use std::fmt;

/// Minutes east of UTC, `+05:30` in text.
///
/// Named zones are refused: their offset moves with the season, and a device, a server and a row must agree
/// on one without a database of zones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct UtcOffset {
    minutes: i32,
}

impl UtcOffset {
    /// Minutes east of UTC.
    pub fn minutes(self) -> i32 {
        self.minutes
    }
}

impl TryFrom<String> for UtcOffset {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_minutes(&text).map(|minutes| Self { minutes }).ok_or_else(|| {
            format!("`{text}` is not an offset from UTC such as `+05:30`, `-03:00` or `+00:00`")
        })
    }
}

/// MySQL takes -13:59 to +14:00.
fn parse_minutes(text: &str) -> Option<i32> {
    if matches!(text, "UTC" | "Z") {
        return Some(0);
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = sign * (hours * 60 + minutes);
    (minutes < 60 && (-839..=840).contains(&total)).then_some(total)
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", self.minutes.abs() / 60, self.minutes.abs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_read_back_as_they_were_written() {
        for (text, minutes) in [("+05:30", 330), ("-03:30", -210), ("+00:00", 0), ("+14:00", 840)] {
            let offset = UtcOffset::try_from(text.to_owned()).unwrap();
            assert_eq!(offset.minutes(), minutes);
            assert_eq!(offset.to_string(), text);
        }
        assert_eq!(UtcOffset::try_from("UTC".to_owned()).unwrap().minutes(), 0);
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["Asia/Kolkata", "5:30", "+5:30", "+05:60", "+14:01", "-14:00", "", "+é0:00", "+05:3"] {
            assert!(UtcOffset::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
