//! MySQL's DATETIME and TIMESTAMP.

use super::digits::{number, seconds, until, write_fraction};
use super::time::cut;
use super::{Date, SpellingError, stored_as_text};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// A DATETIME as MySQL holds it: a wall clock without a zone, zero and partial dates included.
///
/// The number of fractional digits is kept as stored, but does not take part in comparisons.
///
/// ```
/// use physio_runtime::types::DateTime;
///
/// let visit: DateTime = "2024-03-05 09:30:00.250".parse()?;
/// assert_eq!(visit.to_civil().map(|civil| civil.to_string()), Some("2024-03-05T09:30:00.25".into()));
/// assert_eq!(visit.to_string(), "2024-03-05 09:30:00.250");
/// assert!("0000-00-00 00:00:00".parse::<DateTime>()?.to_civil().is_none());
/// # Ok::<(), physio_runtime::types::SpellingError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DateTime {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
    places: u8,
}

impl DateTime {
    /// A date with a time of day, printed with `places` fractional digits; `None` when a part is out of
    /// range (23, 59, 59, 999,999, 6) or the microseconds have more digits than `places` shows.
    pub const fn new(
        date: Date,
        hour: u8,
        minute: u8,
        second: u8,
        microsecond: u32,
        places: u8,
    ) -> Option<Self> {
        if hour > 23 || minute > 59 || second > 59 || microsecond > 999_999 || places > 6 {
            return None;
        }
        if !microsecond.is_multiple_of(10_u32.pow(6 - places as u32)) {
            return None;
        }
        Some(Self { date, hour, minute, second, microsecond, places })
    }

    /// The date part.
    pub const fn date(self) -> Date {
        self.date
    }

    /// 0 to 23.
    pub const fn hour(self) -> u8 {
        self.hour
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

    /// The wall clock in the calendar; `None` for zero, partial and impossible dates.
    pub fn to_civil(self) -> Option<jiff::civil::DateTime> {
        let nanosecond = i32::try_from(self.microsecond).ok()? * 1000;
        let time =
            jiff::civil::Time::new(self.hour as i8, self.minute as i8, self.second as i8, nanosecond).ok()?;
        Some(self.date.to_civil()?.to_datetime(time))
    }

    /// A wall clock, printed with `places` fractional digits (more than 6 count as 6); what is finer is
    /// cut off. `None` before year 0.
    pub fn from_civil(civil: jiff::civil::DateTime, places: u8) -> Option<Self> {
        let places = places.min(6);
        let microsecond = cut(civil.subsec_nanosecond().unsigned_abs() / 1000, places);
        Self::new(
            Date::from_civil(civil.date())?,
            civil.hour().unsigned_abs(),
            civil.minute().unsigned_abs(),
            civil.second().unsigned_abs(),
            microsecond,
            places,
        )
    }

    fn parse(mut text: &str) -> Option<Self> {
        let date = Date::parse(until(&mut text, ' ')?)?;
        let hour = number(until(&mut text, ':')?, 2, 23)?;
        let minute = number(until(&mut text, ':')?, 2, 59)?;
        let (second, microsecond, places) = seconds(text)?;
        Self::new(date, hour as u8, minute as u8, second, microsecond, places)
    }

    fn parts(self) -> (Date, u8, u8, u8, u32) {
        (self.date, self.hour, self.minute, self.second, self.microsecond)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02}:{:02}:{:02}", self.date, self.hour, self.minute, self.second)?;
        write_fraction(f, self.microsecond, self.places)
    }
}

impl FromStr for DateTime {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        Self::parse(text).ok_or(SpellingError::new("a DATETIME (YYYY-MM-DD HH:MM:SS[.ffffff])"))
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for DateTime {}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl Hash for DateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

stored_as_text!(DateTime, "a DATETIME (YYYY-MM-DD HH:MM:SS[.ffffff])");

/// A TIMESTAMP: an instant, spelt in UTC on the wire and in the cache.
///
/// ```
/// use physio_runtime::types::Timestamp;
///
/// let paid: Timestamp = "1970-01-02 00:00:00".parse()?;
/// assert_eq!(paid.to_instant().map(|instant| instant.as_second()), Some(86_400));
/// assert_eq!(Timestamp::from_instant("1970-01-02T00:00:00Z".parse().expect("valid"), 0), Some(paid));
/// # Ok::<(), physio_runtime::types::SpellingError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime);

impl Timestamp {
    /// Takes a wall clock of UTC.
    pub const fn from_utc(utc: DateTime) -> Self {
        Self(utc)
    }

    /// The wall clock in UTC.
    pub const fn utc(self) -> DateTime {
        self.0
    }

    /// The instant; `None` for MySQL's zero timestamp.
    pub fn to_instant(self) -> Option<jiff::Timestamp> {
        jiff::tz::TimeZone::UTC.to_timestamp(self.0.to_civil()?).ok()
    }

    /// An instant, printed with `places` fractional digits (more than 6 count as 6); what is finer is cut
    /// off. `None` before year 0.
    pub fn from_instant(instant: jiff::Timestamp, places: u8) -> Option<Self> {
        DateTime::from_civil(jiff::tz::TimeZone::UTC.to_datetime(instant), places).map(Self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        DateTime::parse(text)
            .map(Self)
            .ok_or(SpellingError::new("a TIMESTAMP in UTC (YYYY-MM-DD HH:MM:SS[.ffffff])"))
    }
}

stored_as_text!(Timestamp, "a TIMESTAMP in UTC (YYYY-MM-DD HH:MM:SS[.ffffff])");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_datetime() -> impl Strategy<Value = DateTime> {
        let date = (0u16..=9999, 0u8..=12, 0u8..=31);
        (date, 0u8..=23, 0u8..=59, 0u8..=59, 0u32..=999_999, 0u8..=6).prop_map(
            |((year, month, day), hour, minute, second, microsecond, places)| {
                let date = Date::new(year, month, day).unwrap();
                DateTime::new(date, hour, minute, second, cut(microsecond, places), places).unwrap()
            },
        )
    }

    #[test]
    fn refuses_what_mysql_does_not_print() {
        for text in ["", "2024-01-01", "2024-01-01T10:00:00", "2024-01-01 24:00:00", "2024-01-01 10:00:00Z"] {
            assert!(text.parse::<DateTime>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn fractional_digits_are_kept_but_do_not_count() {
        let (short, long) = ("2024-01-01 10:00:00", "2024-01-01 10:00:00.000");
        let (a, b): (DateTime, DateTime) = (short.parse().unwrap(), long.parse().unwrap());
        assert_eq!(a, b);
        assert_eq!((a.to_string().as_str(), b.to_string().as_str()), (short, long));
    }

    #[test]
    fn the_zero_timestamp_is_no_instant() {
        assert_eq!("0000-00-00 00:00:00".parse::<Timestamp>().unwrap().to_instant(), None);
    }

    proptest! {
        #[test]
        fn text_round_trips_to_the_letter(moment in any_datetime()) {
            let text = moment.to_string();
            let again: DateTime = text.parse().unwrap();
            prop_assert_eq!(again, moment);
            prop_assert_eq!(again.to_string(), text.clone());
            prop_assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }

        #[test]
        fn civil_round_trips_where_it_exists(moment in any_datetime()) {
            if let Some(civil) = moment.to_civil() {
                prop_assert_eq!(DateTime::from_civil(civil, 6), Some(moment));
            }
        }

        #[test]
        fn instants_round_trip(second in -2_000_000_000i64..4_000_000_000, micro in 0i32..1_000_000) {
            let instant = jiff::Timestamp::new(second, micro * 1000).unwrap();
            let stored = Timestamp::from_instant(instant, 6).unwrap();
            prop_assert_eq!(stored.to_instant(), Some(instant));
        }
    }
}
