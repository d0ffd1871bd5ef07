//! Whether a wire value fits its column: what MySQL's strict mode would say, as a unit code.

use crate::model::{ColumnType, LobSize};

/// Refuses a wire text that a column of this type cannot hold, with a code of [`crate::wire_codes::UNIT_CODES`].
///
/// # Errors
///
/// `bad_value`, `out_of_range` or `too_long`.
///
/// ```
/// use physio_schema::codec::check_wire;
/// use physio_schema::model::ColumnType;
/// let name = ColumnType::Varchar { length: 3 };
/// assert_eq!(check_wire(&name, "Ana"), Ok(()));
/// assert_eq!(check_wire(&name, "Anna"), Err("too_long"));
/// ```
pub fn check_wire(column_type: &ColumnType, text: &str) -> Result<(), &'static str> {
    match column_type {
        ColumnType::Integer { width, unsigned, .. } => check_integer(text, width.range(*unsigned)),
        ColumnType::Bit { bits } => check_integer(text, (0, (1_i128 << *bits) - 1)),
        ColumnType::Year { .. } => {
            let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let year: u32 = text.parse().ok().filter(|_| is_digits).ok_or("bad_value")?;
            within(year == 0 || (1901..=2155).contains(&year) && text.len() == 4)
        }
        ColumnType::Decimal { precision, scale, unsigned, .. } => {
            check_decimal(text, usize::from(*precision), usize::from(*scale), *unsigned)
        }
        ColumnType::Float { unsigned, .. } => check_real(text, f64::from(f32::MAX), *unsigned),
        ColumnType::Double { unsigned, .. } => check_real(text, f64::MAX, *unsigned),
        ColumnType::Char { length } | ColumnType::Varchar { length } => {
            not_longer(text.trim_end_matches(' ').chars().count(), u64::from(*length))
        }
        ColumnType::Text { size } => not_longer(text.len(), lob_bytes(*size)),
        ColumnType::Binary { length } | ColumnType::Varbinary { length } => {
            check_bytes(text, u64::from(*length))
        }
        ColumnType::Blob { size } => check_bytes(text, lob_bytes(*size)),
        ColumnType::Spatial { .. } | ColumnType::Vector { .. } => check_bytes(text, u64::from(u32::MAX)),
        ColumnType::Enum { members } => fits(members.iter().any(|member| member == text)),
        ColumnType::Set { members } => {
            fits(text.is_empty() || text.split(',').all(|part| members.iter().any(|member| member == part)))
        }
        ColumnType::Json => fits(serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()),
        ColumnType::Date => fits(is_date(text)),
        ColumnType::DateTime { fraction } | ColumnType::Timestamp { fraction } => {
            let (date, time) = text.split_once(' ').ok_or("bad_value")?;
            let (hours, clock) = clock_parts(time, *fraction).ok_or("bad_value")?;
            fits(is_date(date) && hours.len() == 2 && hours <= "23" && clock)
        }
        ColumnType::Time { fraction } => {
            let unsigned = text.strip_prefix('-').unwrap_or(text);
            let (hours, clock) = clock_parts(unsigned, *fraction).ok_or("bad_value")?;
            fits(clock)?;
            let is_above = unsigned.trim_start_matches('0').starts_with("838:59:59.")
                && unsigned
                    .split_once('.')
                    .is_some_and(|(_, digits)| digits.bytes().any(|digit| digit != b'0'));
            within(hours.parse::<u16>().is_ok_and(|hours| hours <= 838) && !is_above)
        }
        ColumnType::Uuid => {
            let digits: String = text.chars().filter(|char| *char != '-').collect();
            fits(digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        }
        ColumnType::Inet4 => fits(text.parse::<std::net::Ipv4Addr>().is_ok()),
        ColumnType::Inet6 => fits(text.parse::<std::net::IpAddr>().is_ok()),
    }
}

fn fits(fits: bool) -> Result<(), &'static str> {
    if fits { Ok(()) } else { Err("bad_value") }
}

fn within(is_in_range: bool) -> Result<(), &'static str> {
    if is_in_range { Ok(()) } else { Err("out_of_range") }
}

fn not_longer(length: usize, most: u64) -> Result<(), &'static str> {
    if length as u64 <= most { Ok(()) } else { Err("too_long") }
}

fn lob_bytes(size: LobSize) -> u64 {
    match size {
        LobSize::Tiny => 255,
        LobSize::Normal => 65_535,
        LobSize::Medium => 16_777_215,
        LobSize::Long => u64::from(u32::MAX),
    }
}

fn check_integer(text: &str, (least, most): (i128, i128)) -> Result<(), &'static str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    fits(!digits.is_empty() && digits.len() <= 64 && digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    within(text.parse::<i128>().is_ok_and(|number| (least..=most).contains(&number)))
}

fn check_decimal(text: &str, precision: usize, scale: usize, unsigned: bool) -> Result<(), &'static str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    fits(!digits.is_empty() && !fraction.is_empty() && all_digits(whole) && all_digits(fraction))?;
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let is_zero = whole.is_empty() && fraction.is_empty();
    // MySQL would round surplus places without a word; the bridge does not let it.
    within(fraction.len() <= scale && whole.len() <= precision - scale)?;
    within(!unsigned || is_zero || !text.starts_with('-'))
}

fn check_real(text: &str, most: f64, unsigned: bool) -> Result<(), &'static str> {
    let number: f64 = text.parse().map_err(|_| "bad_value")?;
    let has_only_number_signs = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    fits(has_only_number_signs && !text.starts_with('+'))?;
    within(number.abs() <= most && !(unsigned && number < 0.0))
}

fn check_bytes(text: &str, most: u64) -> Result<(), &'static str> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| "bad_value")?;
    not_longer(bytes.len(), most)
}

/// Zero dates and zero parts are values like any other.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_shape = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(i, byte)| if matches!(i, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() });
    if !has_shape {
        return false;
    }
    let part = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap_or(u32::MAX);
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let most = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 31,
    };
    month <= 12 && day <= most
}

/// The hours, and whether minutes and seconds are good; `None` when it is no clock time at all.
fn clock_parts(text: &str, fraction: u8) -> Option<(&str, bool)> {
    let (clock, digits) = text.split_once('.').map_or((text, None), |(clock, digits)| (clock, Some(digits)));
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_shaped = parts.next().is_none() && (1..=3).contains(&hours.len()) && is_number(hours);
    let is_sixtieth = |part: &str| part.len() == 2 && is_number(part) && part <= "59";
    let has_places = digits.is_none_or(|digits| {
        (1..=6).contains(&digits.len())
            && is_number(digits)
            && digits.trim_end_matches('0').len() <= usize::from(fraction)
    });
    is_shaped.then_some((hours, is_sixtieth(minutes) && is_sixtieth(seconds) && has_places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_may_be_zero_but_not_impossible() {
        for good in ["0000-00-00", "2024-00-15", "2024-02-29", "2000-02-29"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["2023-02-29", "1900-02-29", "2024-13-01", "2024-1-1", "24-01-01", "2024-04-31"] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn decimals_keep_to_their_places() {
        assert_eq!(check_decimal("-99.99", 4, 2, false), Ok(()));
        assert_eq!(check_decimal("007.50", 3, 2, false), Ok(()));
        assert_eq!(check_decimal("1.005", 4, 2, false), Err("out_of_range"));
        assert_eq!(check_decimal("-0.00", 4, 2, true), Ok(()));
        assert_eq!(check_decimal("-1", 4, 2, true), Err("out_of_range"));
        for bad in ["", "-", "1e3", "1.", "0x1", "1,5"] {
            assert_eq!(check_decimal(bad, 4, 2, false), Err("bad_value"), "{bad}");
        }
    }

    #[test]
    fn reals_are_finite_plain_numbers() {
        assert_eq!(check_real("-1.5e-7", f64::MAX, false), Ok(()));
        assert_eq!(check_real("1e39", f64::from(f32::MAX), false), Err("out_of_range"));
        for bad in ["inf", "NaN", "+1", "", "1 "] {
            assert_eq!(check_real(bad, f64::MAX, false), Err("bad_value"), "{bad}");
        }
    }

    #[test]
    fn times_reach_838_hours() {
        assert_eq!(clock_parts("838:59:59", 0), Some(("838", true)));
        assert_eq!(clock_parts("10:60:00", 0), Some(("10", false)));
        assert_eq!(clock_parts("10:00:00.125", 2), Some(("10", false)));
        assert_eq!(clock_parts("10:00", 0), None);
    }
}
