//! Dates and times as MySQL prints them.

use std::borrow::Cow;

/// `YYYY-MM-DD HH:MM:SS` with `fraction` digits; fills in what was left out. `None` for any other shape.
pub(super) fn datetime_text(text: &str, fraction: u8) -> Option<Cow<'_, str>> {
    let (date, time) = match text.len() {
        10 => (text, ""),
        _ => (text.get(..10)?, text.get(11..)?),
    };
    if !has_shape(date, "0000-00-00") || (text.len() > 10 && text.as_bytes()[10] != b' ') {
        return None;
    }
    let time = match time.len() {
        0 => Cow::Borrowed("00:00:00"),
        5 => Cow::Owned(format!("{time}:00")),
        _ => Cow::Borrowed(time),
    };
    let (seconds, places) = time.split_once('.').unwrap_or((&time, ""));
    if !has_shape(seconds, "00:00:00") {
        return None;
    }
    Some(keep(text, format!("{date} {seconds}{}", places_text(places, fraction)?)))
}

/// `[-]HH:MM:SS` with `fraction` digits; hours have at least two digits. `None` for any other shape.
pub(super) fn time_text(text: &str, fraction: u8) -> Option<Cow<'_, str>> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (clock, places) = rest.split_once('.').unwrap_or((rest, ""));
    let (hours, rest) = clock.split_once(':')?;
    let rest = if has_shape(rest, "00") { format!("{rest}:00") } else { rest.to_owned() };
    let hours = if hours.len() == 3 { hours.strip_prefix('0').unwrap_or(hours) } else { hours };
    if !matches!(hours.len(), 1..=3)
        || !hours.bytes().all(|b| b.is_ascii_digit())
        || !has_shape(&rest, "00:00")
    {
        return None;
    }
    Some(keep(text, format!("{sign}{hours:0>2}:{rest}{}", places_text(places, fraction)?)))
}

/// The fractional digits with their point, padded; `None` when there are more than the column has.
fn places_text(places: &str, fraction: u8) -> Option<String> {
    let kept = places.trim_end_matches('0');
    let fraction = usize::from(fraction);
    if kept.len() > fraction || !kept.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(if fraction == 0 { String::new() } else { format!(".{kept:0<fraction$}") })
}

fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
}

fn keep(text: &str, canonical: String) -> Cow<'_, str> {
    if canonical == text { Cow::Borrowed(text) } else { Cow::Owned(canonical) }
}
