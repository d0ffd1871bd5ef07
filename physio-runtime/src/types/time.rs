//! MySQL's TIME.

use super::digits::{number, seconds, until, write_fraction};
use super::{SpellingError, stored_as_text};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// A TIME as MySQL holds it: a time of day or a span, from `-838:59:59` to `838:59:59`.
///
/// The number of fractional digits is kept as stored, but does not take part in comparisons:
///
/// ```
/// use physio_runtime::types::Time;
///
/// let span: Time = "-100:00:00.50".parse()?;
/// assert_eq!(span.to_string(), "-100:00:00.50");
/// assert_eq!(span, "-100:00:00.500000".parse()?);
/// assert_eq!(span.to_civil(), None);
/// # Ok::<(), physio_runtime::types::SpellingError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Time {
    negative: bool,
    hours: u16,
    minute: u8,
    second: u8,
    microsecond: u32,
    places: u8,
}

impl Time {
    /// A time of its parts, printed with `places` fractional digits; `None` when a part is out of range
    /// (838 hours, 59, 59, 999,999, 6) or the microseconds have more digits than `places` shows.
    pub const fn new(
        negative: bool,
        hours: u16,
        minute: u8,
        second: u8,
        microsecond: u32,
        places: u8,
    ) -> Option<Self> {
        if hours > 838 || minute > 59 || second > 59 || microsecond > 999_999 || places > 6 {
            return None;
        }
        if !microsecond.is_multiple_of(10_u32.pow(6 - places as u32)) {
            return None;
        }
        Some(Self { negative, hours, minute, second, microsecond, places })
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.total_microseconds() < 0
    }

    /// Hours without the sign, 0 to 838.
    pub const fn hours(self) -> u16 {
        self.hours
    }

    /// 0 to 59.
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// 0 to 59.
    pub const fn second(self) -> u8 {
        self.second
    }

    /// 0 to 999,999.
    pub const fn microsecond(self) -> u32 {
        self.microsecond
    }

    /// The whole span in microseconds, with its sign.
    pub const fn total_microseconds(self) -> i64 {
        let seconds = (self.hours as i64 * 60 + self.minute as i64) * 60 + self.second as i64;
        let total = seconds * 1_000_000 + self.microsecond as i64;
        if self.negative { -total } else { total }
    }

    /// The time of day; `None` when it is negative or beyond 23:59:59.999999.
    pub fn to_civil(self) -> Option<jiff::civil::Time> {
        if self.is_negative() {
            return None;
        }
        let hour = i8::try_from(self.hours).ok()?;
        let nanosecond = i32::try_from(self.microsecond).ok()? * 1000;
        jiff::civil::Time::new(hour, self.minute as i8, self.second as i8, nanosecond).ok()
    }

    /// A time of day, printed with `places` fractional digits (more than 6 count as 6); what is finer is
    /// cut off.
    pub fn from_civil(time: jiff::civil::Time, places: u8) -> Self {
        let places = places.min(6);
        Self {
            negative: false,
            hours: time.hour().unsigned_abs().into(),
            minute: time.minute().unsigned_abs(),
            second: time.second().unsigned_abs(),
            microsecond: cut(time.subsec_nanosecond().unsigned_abs() / 1000, places),
            places,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let hours = until(&mut rest, ':')?;
        let hours = number(hours, hours.len().clamp(2, 3), 838)?;
        let minute = number(until(&mut rest, ':')?, 2, 59)?;
        let (second, microsecond, places) = seconds(rest)?;
        Self::new(negative, hours as u16, minute as u8, second, microsecond, places)
    }
}

/// Sets the digits behind `places` to zero.
pub(super) fn cut(microsecond: u32, places: u8) -> u32 {
    let unit = 10_u32.pow(6 - u32::from(places));
    microsecond - microsecond % unit
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        write!(f, "{sign}{:02}:{:02}:{:02}", self.hours, self.minute, self.second)?;
        write_fraction(f, self.microsecond, self.places)
    }
}

impl FromStr for Time {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        Self::parse(text).ok_or(SpellingError::new("a TIME ([-]HH:MM:SS[.ffffff])"))
    }
}

impl PartialEq for Time {
    fn eq(&self, other: &Self) -> bool {
        self.total_microseconds() == other.total_microseconds()
    }
}

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.total_microseconds().cmp(&other.total_microseconds())
    }
}

impl Hash for Time {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.total_microseconds().hash(state);
    }
}

stored_as_text!(Time, "a TIME ([-]HH:MM:SS[.ffffff])");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_time() -> impl Strategy<Value = Time> {
        (any::<bool>(), 0u16..=838, 0u8..=59, 0u8..=59, 0u32..=999_999, 0u8..=6).prop_map(
            |(negative, hours, minute, second, microsecond, places)| {
                Time::new(negative, hours, minute, second, cut(microsecond, places), places).unwrap()
            },
        )
    }

    #[test]
    fn refuses_what_mysql_does_not_print() {
        for text in
            ["", "1:00:00", "839:00:00", "0838:00:00", "10:60:00", "10:00", "10:00:00.", "10:00:00.1234567"]
        {
            assert!(text.parse::<Time>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn a_time_of_day_becomes_civil_and_a_span_does_not() {
        let day: Time = "09:30:00".parse().unwrap();
        assert_eq!(day.to_civil(), Some(jiff::civil::time(9, 30, 0, 0)));
        assert_eq!("24:00:00".parse::<Time>().unwrap().to_civil(), None);
        assert_eq!("-00:00:01".parse::<Time>().unwrap().to_civil(), None);
    }

    proptest! {
        #[test]
        fn text_round_trips_to_the_letter(time in any_time()) {
            let text = time.to_string();
            let again: Time = text.parse().unwrap();
            prop_assert_eq!(again, time);
            prop_assert_eq!(again.to_string(), text);
        }

        #[test]
        fn order_is_that_of_the_span(a in any_time(), b in any_time()) {
            prop_assert_eq!(a.cmp(&b), a.total_microseconds().cmp(&b.total_microseconds()));
            prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        }
    }
}
