//! Numbers as text.

use std::borrow::Cow;

/// The shortest decimal text that reads back to the same double, as MySQL prints it: with an exponent only when
/// the number is very large or very small, no `+` in it, and no negative zero.
pub(super) fn real_text(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = nearest_even(value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (places, digits) = (places_of(mantissa), mantissa.bytes().filter(u8::is_ascii_digit).count());
    match exponent.parse::<i32>() {
        // MySQL's limit is 15 places on either side; one digit after 16 others still fits its field.
        Ok(exponent) if (-15..=14).contains(&exponent) || (exponent == 15 && digits == 17) => {
            let places = i32::try_from(places).unwrap_or(0) - exponent;
            format!("{value:.*}", usize::try_from(places).unwrap_or(0))
        }
        Ok(_) | Err(_) => scientific,
    }
}

/// The shortest digits; where two texts of that length are equally near, MySQL takes the one whose last digit is even.
fn nearest_even(value: f64) -> String {
    let shortest = format!("{value:e}");
    let places = places_of(shortest.split_once('e').map_or("", |(mantissa, _)| mantissa));
    let rounded = format!("{value:.places$e}");
    if rounded.parse() == Ok(value) { rounded } else { shortest }
}

fn places_of(mantissa: &str) -> usize {
    mantissa.split_once('.').map_or(0, |(_, places)| places.len())
}

/// An integer's text without leading zeros or a plus sign; `None` when it is not an integer's text.
pub(super) fn integer_text(text: &str) -> Option<Cow<'_, str>> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(Cow::Borrowed("0"));
    }
    if significant.len() == text.len() || (negative && significant.len() + 1 == text.len()) {
        return Some(Cow::Borrowed(text));
    }
    Some(if negative { Cow::Owned(format!("-{significant}")) } else { Cow::Borrowed(significant) })
}

/// A DECIMAL's text with exactly `scale` places; `None` when it is no decimal number or has more places.
pub(super) fn decimal_text(text: &str, scale: u8) -> Option<Cow<'_, str>> {
    let (negative, digits) = split_sign(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let scale = usize::from(scale);
    let kept = fraction.trim_end_matches('0');
    if kept.len() > scale {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let is_zero = whole.is_empty() && kept.is_empty();
    let mut canonical = String::with_capacity(text.len() + scale + 2);
    if negative && !is_zero {
        canonical.push('-');
    }
    canonical.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        canonical.push('.');
        canonical.push_str(kept);
        canonical.extend(std::iter::repeat_n('0', scale - kept.len()));
    }
    Some(if canonical == text { Cow::Borrowed(text) } else { Cow::Owned(canonical) })
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}
