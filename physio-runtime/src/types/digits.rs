//! Reading fixed runs of decimal digits, as MySQL prints them in dates and times.

/// The text before the next `separator`, which is taken away with it.
pub(super) fn until<'a>(text: &mut &'a str, separator: char) -> Option<&'a str> {
    let (head, tail) = text.split_once(separator)?;
    *text = tail;
    Some(head)
}

/// A number of exactly `width` ASCII digits that is not above `highest`.
pub(super) fn number(text: &str, width: usize, highest: u32) -> Option<u32> {
    if text.len() != width || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|&number| number <= highest)
}

/// `SS` or `SS.ffffff`: seconds, microseconds and the number of fractional digits (0 to 6).
pub(super) fn seconds(text: &str) -> Option<(u8, u32, u8)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let second = number(whole, 2, 59)? as u8;
    let Some(fraction) = fraction else { return Some((second, 0, 0)) };
    let places = u8::try_from(fraction.len()).ok().filter(|places| (1..=6).contains(places))?;
    let value = number(fraction, usize::from(places), u32::MAX)?;
    Some((second, value * 10_u32.pow(6 - u32::from(places)), places))
}

/// Prints the fraction with its stored number of digits; nothing when there is none.
pub(super) fn write_fraction(
    f: &mut std::fmt::Formatter<'_>,
    microsecond: u32,
    places: u8,
) -> std::fmt::Result {
    if places == 0 {
        return Ok(());
    }
    let value = microsecond / 10_u32.pow(6 - u32::from(places));
    write!(f, ".{value:0width$}", width = usize::from(places))
}
