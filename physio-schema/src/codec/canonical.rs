//! The text that MySQL would print after storing a value.

use super::number::{decimal_text, integer_text, real_text};
use super::temporal::{datetime_text, time_text};
use crate::model::ColumnType;
use crate::plan::ColumnPlan;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Brings wire text to MySQL's own spelling, so that equal values have equal text.
///
/// Text that MySQL printed comes back unchanged, and so does text that does not have the shape of its type.
pub fn canonical_wire<'a>(column: &ColumnPlan, wire: &'a str) -> Cow<'a, str> {
    let changed = match &column.column_type {
        ColumnType::Integer { .. } | ColumnType::Bit { .. } => integer_text(wire),
        ColumnType::Year { .. } => year_text(wire),
        ColumnType::Decimal { scale, .. } => decimal_text(wire, *scale),
        ColumnType::Float { .. } => wire.parse::<f32>().ok().map(|value| real_text(value.into()).into()),
        ColumnType::Double { .. } => wire.parse::<f64>().ok().map(|value| real_text(value).into()),
        ColumnType::Char { .. } => Some(Cow::Borrowed(wire.trim_end_matches(' '))),
        ColumnType::Binary { length } => padded_binary(wire, *length),
        ColumnType::Set { members } => set_text(wire, members),
        ColumnType::DateTime { fraction } | ColumnType::Timestamp { fraction } => {
            datetime_text(wire, *fraction)
        }
        ColumnType::Time { fraction } => time_text(wire, *fraction),
        ColumnType::Uuid => {
            wire.bytes().any(|b| b.is_ascii_uppercase()).then(|| wire.to_ascii_lowercase().into())
        }
        ColumnType::Varchar { .. }
        | ColumnType::Text { .. }
        | ColumnType::Varbinary { .. }
        | ColumnType::Blob { .. }
        | ColumnType::Enum { .. }
        | ColumnType::Json
        | ColumnType::Date
        | ColumnType::Spatial { .. }
        | ColumnType::Inet4
        | ColumnType::Inet6
        | ColumnType::Vector { .. } => None,
    };
    changed.unwrap_or(Cow::Borrowed(wire))
}

/// Four digits, as MySQL prints the year 0 too.
fn year_text(wire: &str) -> Option<Cow<'_, str>> {
    let year: u16 = wire.parse().ok()?;
    let text = format!("{year:04}");
    Some(if text == wire { Cow::Borrowed(wire) } else { Cow::Owned(text) })
}

/// MySQL fills BINARY(n) with NUL bytes.
fn padded_binary(wire: &str, length: u32) -> Option<Cow<'_, str>> {
    let mut bytes = STANDARD.decode(wire).ok()?;
    let length = usize::try_from(length).ok()?;
    if bytes.len() >= length {
        return None;
    }
    bytes.resize(length, 0);
    Some(Cow::Owned(STANDARD.encode(bytes)))
}

/// MySQL prints the members in the order of the definition, each once.
fn set_text<'a>(wire: &'a str, members: &[String]) -> Option<Cow<'a, str>> {
    let chosen: Vec<&str> = wire.split(',').filter(|part| !part.is_empty()).collect();
    if !chosen.iter().all(|part| members.iter().any(|member| member == part)) {
        return None;
    }
    let ordered: Vec<&str> =
        members.iter().map(String::as_str).filter(|member| chosen.contains(member)).collect();
    let text = ordered.join(",");
    Some(if text == wire { Cow::Borrowed(wire) } else { Cow::Owned(text) })
}
