//! A default as it is written to the default the column has.

use super::number::{to_float, to_scale};
use crate::dump::expression::{Canonical, canonical_expression};
use crate::dump::options::Server;
use crate::dump::spec::DefaultSpec;
use crate::model::{ColumnDefault, ColumnType};

/// What `spec` means for a column of that type; an error says why it cannot be.
pub(crate) fn resolve_default(
    spec: &DefaultSpec,
    column_type: &ColumnType,
    server: Server,
) -> Result<ColumnDefault, String> {
    let text = match spec {
        DefaultSpec::Null => return Ok(ColumnDefault::Null),
        DefaultSpec::Now(fraction) => return Ok(ColumnDefault::CurrentTimestamp(*fraction)),
        DefaultSpec::Expression(text) => {
            return match canonical_expression(text, server) {
                Canonical::Text(text) => Ok(ColumnDefault::Expression(text)),
                Canonical::Constant(constant) => resolve_default(&constant, column_type, server),
            };
        }
        DefaultSpec::Number(text) | DefaultSpec::Text(text) => text.clone(),
        DefaultSpec::Boolean(value) => u8::from(*value).to_string(),
        DefaultSpec::Bits(bits) => return Ok(resolve_bytes(bits_to_bytes(bits), column_type)),
        DefaultSpec::Bytes(bytes) => return Ok(resolve_bytes(bytes.clone(), column_type)),
    };
    let is_text = matches!(spec, DefaultSpec::Text(_));
    if is_unlimited(column_type) && !is_text && server.is_mariadb() {
        return Ok(ColumnDefault::Expression(plain_number(&text)));
    }
    let text = if is_text || column_type.is_numeric() { text } else { plain_number(&text) };
    match resolve_text(&text, is_text, column_type) {
        Some(default) => Ok(default),
        None => Err(format!("`{text}` is no value of {column_type}")),
    }
}

/// Defaults of these are expressions to MariaDB, which prints a number as one.
fn is_unlimited(column_type: &ColumnType) -> bool {
    matches!(column_type, ColumnType::Text { .. } | ColumnType::Blob { .. })
}

/// `007`, `.5` and `1.` as the server repeats them: `7`, `0.5`, `1`.
fn plain_number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !digits.is_empty();
    if !is_plain {
        return text.to_owned();
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn resolve_text(text: &str, is_text: bool, column_type: &ColumnType) -> Option<ColumnDefault> {
    let literal = match column_type {
        ColumnType::Integer { zerofill, display, .. } => {
            let digits = to_scale(text, 0)?;
            if *zerofill { format!("{digits:0>width$}", width = usize::from(*display)) } else { digits }
        }
        ColumnType::Decimal { precision, scale, zerofill, .. } => {
            let digits = to_scale(text, usize::from(*scale))?;
            let width = usize::from(*precision) + usize::from(*scale > 0);
            if *zerofill { format!("{digits:0>width$}") } else { digits }
        }
        ColumnType::Float { digits, zerofill, .. } | ColumnType::Double { digits, zerofill, .. } => {
            let is_single = matches!(column_type, ColumnType::Float { .. });
            let (number, width) = match digits {
                Some((width, scale)) => (to_scale(text, usize::from(*scale))?, usize::from(*width)),
                None => (to_float(text, is_single)?, if is_single { 12 } else { 22 }),
            };
            if *zerofill { format!("{number:0>width$}") } else { number }
        }
        ColumnType::Bit { .. } => {
            let bytes = if is_text {
                text.as_bytes().to_vec()
            } else {
                to_scale(text, 0)?.parse::<u64>().ok()?.to_be_bytes().to_vec()
            };
            return Some(resolve_bytes(bytes, column_type));
        }
        ColumnType::Year { display } => year(text, is_text, *display)?,
        ColumnType::Date | ColumnType::DateTime { .. } | ColumnType::Timestamp { .. } => {
            moment(text, column_type)
        }
        ColumnType::Time { fraction } => time(text, *fraction),
        ColumnType::Binary { length } => {
            let mut bytes = text.as_bytes().to_vec();
            let length = usize::try_from(*length).unwrap_or(bytes.len());
            if bytes.len() < length {
                bytes.resize(length, 0);
            }
            return Some(ColumnDefault::Bytes(bytes));
        }
        ColumnType::Enum { members } => member(text, members),
        ColumnType::Set { members } => {
            let chosen: Vec<&str> = text.split(',').collect();
            let is_chosen = |member: &&String| chosen.iter().any(|name| same_text(name, member));
            if text.is_empty() || chosen.iter().any(|name| !members.iter().any(|m| same_text(name, m))) {
                text.to_owned()
            } else {
                members.iter().filter(is_chosen).cloned().collect::<Vec<_>>().join(",")
            }
        }
        ColumnType::Char { .. } | ColumnType::Varchar { .. } if !is_text && text.contains(['e', 'E']) => {
            to_float(text, false)?
        }
        ColumnType::Char { .. } => text.trim_end_matches(' ').to_owned(),
        ColumnType::Varchar { .. }
        | ColumnType::Text { .. }
        | ColumnType::Varbinary { .. }
        | ColumnType::Blob { .. }
        | ColumnType::Json
        | ColumnType::Spatial { .. }
        | ColumnType::Uuid
        | ColumnType::Inet4
        | ColumnType::Inet6
        | ColumnType::Vector { .. } => text.to_owned(),
    };
    Some(ColumnDefault::Literal(literal))
}

/// Members are found as their collation compares them; most do not look at the case.
fn member(text: &str, members: &[String]) -> String {
    let exact = members.iter().find(|member| *member == text);
    let found = exact.or_else(|| members.iter().find(|member| same_text(text, member)));
    found.cloned().unwrap_or_else(|| text.to_owned())
}

fn same_text(left: &str, right: &str) -> bool {
    left.trim_end_matches(' ').to_lowercase() == right.to_lowercase()
}

fn year(text: &str, is_text: bool, display: u8) -> Option<String> {
    let number: u16 = to_scale(text, 0)?.parse().ok()?;
    let full = match number {
        0 if is_text && text.trim().len() < 4 => 2000,
        1..=69 => 2000 + number,
        70..=99 => 1900 + number,
        other => other,
    };
    Some(if display == 2 { format!("{:02}", full % 100) } else { format!("{full:04}") })
}

/// Dates and times in full: `0`, `2001-01-01`, `2001-01-01 10:00`.
fn moment(text: &str, column_type: &ColumnType) -> String {
    let text = text.trim();
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let (date, time) = match text.len() {
        12 | 14 if is_digits => text.split_at(text.len() - 6),
        _ => text.split_once([' ', 'T']).unwrap_or((text, "")),
    };
    let date = if date.bytes().all(|byte| byte == b'0') { "0000-00-00".to_owned() } else { date_of(date) };
    let fraction = match column_type {
        ColumnType::DateTime { fraction } | ColumnType::Timestamp { fraction } => *fraction,
        _ => return date,
    };
    format!("{date} {}", self::time(if time.is_empty() { "00:00:00" } else { time }, fraction))
}

/// `2001-1-1` and `20010101` to `2001-01-01`; anything else stays.
fn date_of(date: &str) -> String {
    let parts: Vec<&str> = date.split(['-', '/', '.', ':']).collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() == 3 && parts.iter().all(is_number) && parts[0].len() == 4 {
        return format!("{}-{:0>2}-{:0>2}", parts[0], parts[1], parts[2]);
    }
    if parts.len() == 1 && date.len() == 6 && is_number(&date) {
        let century = if date < "700000" { "20" } else { "19" };
        return format!("{century}{}-{}-{}", &date[..2], &date[2..4], &date[4..]);
    }
    if parts.len() == 1 && date.len() == 8 && is_number(&date) {
        return format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    }
    date.to_owned()
}

fn time(text: &str, fraction: u8) -> String {
    let text = text.trim();
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |rest| ("-", rest));
    let is_plain = whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') && !whole.is_empty();
    if !is_plain {
        return text.to_owned();
    }
    let clock = if whole.contains(':') {
        let mut parts: Vec<String> = whole.split(':').map(|part| format!("{part:0>2}")).collect();
        parts.resize(3, "00".to_owned());
        parts.join(":")
    } else {
        let padded = format!("{whole:0>6}");
        let (hours, rest) = padded.split_at(padded.len() - 4);
        format!("{hours}:{}:{}", &rest[..2], &rest[2..])
    };
    if fraction == 0 {
        return format!("{sign}{clock}");
    }
    let mut digits = digits.to_owned();
    digits.truncate(usize::from(fraction));
    format!("{sign}{clock}.{digits:0<width$}", width = usize::from(fraction))
}

fn bits_to_bytes(bits: &str) -> Vec<u8> {
    let value = bits.bytes().take(64).fold(0_u64, |value, bit| value << 1 | u64::from(bit == b'1'));
    let bytes = value.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    bytes[first..].to_vec()
}

/// Bytes mean a number for numbers, text for text, and themselves for the rest.
fn resolve_bytes(bytes: Vec<u8>, column_type: &ColumnType) -> ColumnDefault {
    let as_number = || bytes.iter().take(8).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    match column_type {
        ColumnType::Integer { .. }
        | ColumnType::Decimal { .. }
        | ColumnType::Float { .. }
        | ColumnType::Double { .. }
        | ColumnType::Year { .. } => {
            let number = as_number().to_string();
            resolve_text(&number, false, column_type).unwrap_or(ColumnDefault::Literal(number))
        }
        ColumnType::Bit { .. } => {
            let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
            ColumnDefault::Bytes(bytes[first..].to_vec())
        }
        ColumnType::Binary { length } => {
            let mut bytes = bytes;
            let length = usize::try_from(*length).unwrap_or(bytes.len());
            if bytes.len() < length {
                bytes.resize(length, 0);
            }
            ColumnDefault::Bytes(bytes)
        }
        ColumnType::Varbinary { .. } | ColumnType::Blob { .. } => ColumnDefault::Bytes(bytes),
        _ => match String::from_utf8(bytes) {
            Ok(text) => resolve_text(&text, true, column_type).unwrap_or(ColumnDefault::Literal(text)),
            Err(error) => ColumnDefault::Bytes(error.into_bytes()),
        },
    }
}
