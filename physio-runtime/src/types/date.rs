//! MySQL's DATE.

use super::digits::{number, until};
use super::{SpellingError, stored_as_text};
use std::fmt;
use std::str::FromStr;

/// A DATE as MySQL holds it: also `0000-00-00`, and dates of which the month or the day is not known.
///
/// ```
/// use physio_runtime::types::Date;
///
/// let known: Date = "2024-02-29".parse()?;
/// assert_eq!(known.to_civil().map(|date| date.to_string()), Some("2024-02-29".into()));
///
/// let partial: Date = "2024-00-15".parse()?;
/// assert_eq!(partial.to_string(), "2024-00-15");
/// assert_eq!(partial.to_civil(), None);
/// # Ok::<(), physio_runtime::types::SpellingError>(())
/// ```
///
/// Ordered as MySQL orders it: zero dates come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// `0000-00-00`, which MySQL uses for "no date" in columns that are NOT NULL.
    pub const ZERO: Self = Self { year: 0, month: 0, day: 0 };

    /// A date of its parts; `None` above year 9999, month 12 or day 31.
    ///
    /// Days that a month does not have (`2024-02-31`) are taken: a server that runs with
    /// `ALLOW_INVALID_DATES` stores them.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if year > 9999 || month > 12 || day > 31 {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// 0 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12; 0 when it is not known.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31; 0 when it is not known.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Whether it is `0000-00-00`.
    pub const fn is_zero(self) -> bool {
        self.year == 0 && self.month == 0 && self.day == 0
    }

    /// The day in the calendar; `None` for zero, partial and impossible dates.
    pub fn to_civil(self) -> Option<jiff::civil::Date> {
        let year = i16::try_from(self.year).ok()?;
        jiff::civil::Date::new(year, i8::try_from(self.month).ok()?, i8::try_from(self.day).ok()?).ok()
    }

    /// The day of a calendar; `None` before year 0, which MySQL cannot hold.
    pub fn from_civil(date: jiff::civil::Date) -> Option<Self> {
        let year = u16::try_from(date.year()).ok()?;
        Self::new(year, u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?)
    }

    pub(super) fn parse(mut text: &str) -> Option<Self> {
        let year = number(until(&mut text, '-')?, 4, 9999)?;
        let month = number(until(&mut text, '-')?, 2, 12)?;
        let day = number(text, 2, 31)?;
        Self::new(year as u16, month as u8, day as u8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        Self::parse(text).ok_or(SpellingError::new("a DATE (YYYY-MM-DD)"))
    }
}

stored_as_text!(Date, "a DATE (YYYY-MM-DD)");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_mysql_does_not_print() {
        for text in ["", "2024-1-05", "2024-13-01", "2024-01-32", "24-01-01", "2024-01-01 ", "+024-01-01"] {
            assert!(text.parse::<Date>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn an_error_does_not_repeat_the_text() {
        let error = "1999/secret".parse::<Date>().unwrap_err().to_string();
        assert_eq!(error, "the text is not a DATE (YYYY-MM-DD)");
    }

    #[test]
    fn a_day_that_the_calendar_lacks_is_kept() {
        let date: Date = "2023-02-31".parse().unwrap();
        assert_eq!((date.to_string().as_str(), date.to_civil()), ("2023-02-31", None));
    }

    proptest! {
        #[test]
        fn text_round_trips(year in 0u16..=9999, month in 0u8..=12, day in 0u8..=31) {
            let date = Date::new(year, month, day).unwrap();
            prop_assert_eq!(date.to_string().parse::<Date>(), Ok(date));
        }

        #[test]
        fn order_is_that_of_the_text(a in (0u16..=9999, 0u8..=12, 0u8..=31), b in (0u16..=9999, 0u8..=12, 0u8..=31)) {
            let (a, b) = (Date::new(a.0, a.1, a.2).unwrap(), Date::new(b.0, b.1, b.2).unwrap());
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn civil_round_trips(year in 0u16..=9999, month in 1u8..=12, day in 1u8..=28) {
            let date = Date::new(year, month, day).unwrap();
            prop_assert_eq!(date.to_civil().and_then(Date::from_civil), Some(date));
        }
    }
}
