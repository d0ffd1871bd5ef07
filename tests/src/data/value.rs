//! One value of one column.

use super::text::{self, Alphabet};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use physio_schema::model::{Column, ColumnType, LobSize, Table};

/// The random numbers of one cell.
pub(super) fn random(seed: u64, table: &str, column: &str, number: u64) -> fastrand::Rng {
    // FNV-1a over the place keeps neighbouring cells unrelated.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed;
    for byte in table.bytes().chain([0]).chain(column.bytes()).chain(number.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    fastrand::Rng::with_seed(hash)
}

/// How many different values [`sequential`] or [`member`] can give; `None`: enough for anything.
pub(super) fn capacity(column: &Column) -> Option<u64> {
    match &column.column_type {
        ColumnType::Integer { width, unsigned, .. } => u64::try_from(width.range(*unsigned).1).ok(),
        ColumnType::Enum { members } => Some(members.len() as u64),
        ColumnType::Set { members } => Some(members.len() as u64),
        ColumnType::Bit { bits } => 1u64.checked_shl(u32::from(*bits)),
        ColumnType::Year { .. } => Some(255),
        ColumnType::Char { length } | ColumnType::Varchar { length } => {
            36u64.checked_pow((*length).min(12)).filter(|_| *length < 12)
        }
        ColumnType::Binary { length } | ColumnType::Varbinary { length } => {
            256u64.checked_pow((*length).min(7)).filter(|_| *length < 7)
        }
        ColumnType::Date => Some(30_000),
        ColumnType::Decimal { precision, scale, .. } => {
            10u64.checked_pow(u32::from(precision - scale)).map(|n| n - 1)
        }
        ColumnType::Time { .. } => Some(800 * 3600),
        _ => None,
    }
}

/// The n-th of a row of different values.
pub(super) fn sequential(column: &Column, n: u64) -> String {
    match &column.column_type {
        ColumnType::Integer { .. } | ColumnType::Bit { .. } => (n + 1).to_string(),
        ColumnType::Decimal { scale, .. } => with_scale(&(n + 1).to_string(), *scale),
        ColumnType::Float { .. } | ColumnType::Double { .. } => (n + 1).to_string(),
        ColumnType::Char { length } | ColumnType::Varchar { length } => base36(n, *length),
        ColumnType::Binary { length } => {
            let mut bytes = n.to_be_bytes().to_vec();
            let length = *length as usize;
            if length < 8 {
                bytes.drain(..8 - length);
            }
            bytes.resize(length, 0);
            STANDARD.encode(bytes)
        }
        ColumnType::Varbinary { .. } | ColumnType::Blob { .. } => {
            let bytes = n.to_be_bytes();
            let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(7);
            STANDARD.encode(&bytes[first..])
        }
        ColumnType::Date => date(n as i64),
        ColumnType::DateTime { fraction } | ColumnType::Timestamp { fraction } => {
            format!(
                "{} {}{}",
                date((n / 86_400 % 20_000 + 8_000) as i64),
                clock(n % 86_400),
                zeros(*fraction)
            )
        }
        ColumnType::Time { fraction } => format!("{}{}", clock(n), zeros(*fraction)),
        ColumnType::Uuid => format!("00000000-0000-4000-8000-{n:012x}"),
        ColumnType::Inet4 => format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255),
        ColumnType::Inet6 => format!("fd00::{:x}", n % 65_535 + 1),
        ColumnType::Enum { .. } | ColumnType::Set { .. } | ColumnType::Year { .. } => member(column, n),
        ColumnType::Text { .. } | ColumnType::Json => format!("\"{n}\""),
        ColumnType::Spatial { .. } | ColumnType::Vector { .. } => n.to_string(),
    }
}

/// The n-th value of a small type, around and around.
pub(super) fn member(column: &Column, n: u64) -> String {
    match &column.column_type {
        ColumnType::Enum { members } | ColumnType::Set { members } => {
            members.get(n as usize % members.len().max(1)).cloned().unwrap_or_default()
        }
        ColumnType::Year { .. } => (1901 + n % 255).to_string(),
        _ => sequential(column, n % capacity(column).unwrap_or(u64::MAX)),
    }
}

/// Any value that the column takes: mostly ordinary, now and then the edge of its range.
pub(super) fn free(
    table: &Table,
    column: &Column,
    is_json: bool,
    number: u64,
    random: &mut fastrand::Rng,
) -> Option<String> {
    if column.nullable && random.u8(..) < 50 {
        return None;
    }
    let is_edge = random.u8(..) < 12;
    let alphabet = Alphabet::of(column.collation.as_deref().unwrap_or(&table.collation));
    Some(match &column.column_type {
        ColumnType::Integer { width, unsigned, .. } => {
            let (least, most) = width.range(*unsigned);
            match is_edge {
                true => [least, most, 0, 1][random.usize(..4)].to_string(),
                false => random.i64(least.max(0) as i64..=most.min(90_000) as i64).to_string(),
            }
        }
        ColumnType::Decimal { precision, scale, unsigned, .. } => {
            decimal(*precision, *scale, *unsigned, is_edge, random)
        }
        ColumnType::Float { unsigned, digits, .. } | ColumnType::Double { unsigned, digits, .. } => {
            let is_float = matches!(column.column_type, ColumnType::Float { .. });
            let value = if is_edge && digits.is_none() {
                [0.0, 0.1, 1.0e-7, 16_777_216.0, 1.5e30][random.usize(..5)]
            } else {
                f64::from(random.u32(..90_000)) / 8.0
            };
            let value = if is_float { f64::from(value as f32) } else { value };
            let value = if *unsigned || random.bool() { value } else { -value };
            // A negative zero is stored as 0.
            if value == 0.0 { "0".into() } else { value.to_string() }
        }
        ColumnType::Bit { bits } => {
            let most = 1u64.checked_shl(u32::from(*bits)).map_or(u64::MAX, |n| n - 1);
            if is_edge { most } else { random.u64(0..=most) }.to_string()
        }
        ColumnType::Year { .. } => {
            if is_edge {
                "0000".into()
            } else {
                random.u16(1901..2155).to_string()
            }
        }
        ColumnType::Char { .. } | ColumnType::Varchar { .. } | ColumnType::Text { .. } | ColumnType::Json
            if is_json =>
        {
            json(alphabet, number, random)
        }
        ColumnType::Json => json(alphabet, number, random),
        ColumnType::Char { length } | ColumnType::Varchar { length } => {
            text::phrase(alphabet, u64::from(*length), random)
        }
        ColumnType::Text { size } => {
            text::phrase(alphabet, if *size == LobSize::Tiny { 60 } else { 4_000 }, random)
        }
        ColumnType::Binary { length } => STANDARD.encode(bytes(*length as usize, random)),
        ColumnType::Varbinary { length } => {
            let most = (*length as usize).min(40);
            let length = random.usize(0..=most);
            STANDARD.encode(bytes(length, random))
        }
        ColumnType::Blob { .. } => {
            let length = random.usize(0..80);
            STANDARD.encode(bytes(length, random))
        }
        ColumnType::Enum { members } => match is_edge {
            // What MySQL keeps of a value that is not a member.
            true => String::new(),
            false => members[random.usize(..members.len())].clone(),
        },
        ColumnType::Set { members } => {
            let chosen = members.iter().filter(|_| random.bool()).cloned();
            chosen.collect::<Vec<_>>().join(",")
        }
        ColumnType::Date => {
            if is_edge {
                "0000-00-00".into()
            } else {
                date(random.i64(9_000..24_000))
            }
        }
        ColumnType::DateTime { fraction } => match is_edge {
            true => format!("0000-00-00 00:00:00{}", zeros(*fraction)),
            false => moment(*fraction, random),
        },
        ColumnType::Timestamp { fraction } => moment(*fraction, random),
        ColumnType::Time { fraction } => {
            let (sign, seconds) = if is_edge { ("-", 838 * 3600 + 3599) } else { ("", random.u64(..86_400)) };
            format!("{sign}{}{}", clock(seconds), zeros(*fraction))
        }
        ColumnType::Uuid | ColumnType::Inet4 | ColumnType::Inet6 => sequential(column, random.u64(..60_000)),
        // The bytes of POINT(1 2) as MySQL stores it: the SRID, then the well-known binary form.
        ColumnType::Spatial { .. } => STANDARD
            .encode([&[0u8, 0, 0, 0, 1, 1, 0, 0, 0][..], &1f64.to_le_bytes(), &2f64.to_le_bytes()].concat()),
        ColumnType::Vector { dimensions } => {
            let floats = (0..*dimensions).flat_map(|_| random.f32().to_le_bytes());
            STANDARD.encode(floats.collect::<Vec<_>>())
        }
    })
}

fn decimal(precision: u8, scale: u8, unsigned: bool, is_edge: bool, random: &mut fastrand::Rng) -> String {
    let whole = usize::from(precision - scale);
    let mut digits = |n: usize| -> String {
        (0..n).map(|_| if is_edge { '9' } else { char::from(b'0' + random.u8(..10)) }).collect()
    };
    let before = digits(if is_edge { whole } else { whole.min(5) });
    let after = digits(usize::from(scale));
    let before = before.trim_start_matches('0');
    let before = if before.is_empty() { "0" } else { before };
    let number = if scale == 0 { before.to_owned() } else { format!("{before}.{after}") };
    let is_zero = number.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if unsigned || is_zero || random.u8(..) < 200 { number } else { format!("-{number}") }
}

fn with_scale(whole: &str, scale: u8) -> String {
    if scale == 0 { whole.to_owned() } else { format!("{whole}.{}", "0".repeat(usize::from(scale))) }
}

fn json(alphabet: Alphabet, number: u64, random: &mut fastrand::Rng) -> String {
    let note = text::phrase(alphabet, 40, random);
    serde_json::json!({"n": number, "note": note, "tags": ["a", null]}).to_string()
}

fn bytes(n: usize, random: &mut fastrand::Rng) -> Vec<u8> {
    (0..n).map(|_| random.u8(..)).collect()
}

fn base36(mut n: u64, length: u32) -> String {
    let mut digits = Vec::new();
    while n > 0 || digits.is_empty() {
        digits.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(n % 36) as usize]));
        n /= 36;
    }
    let width = (length as usize).min(8);
    let padding = "0".repeat(width.saturating_sub(digits.len()));
    padding.chars().chain(digits.into_iter().rev()).collect()
}

/// The day of that number after 1970-01-01 (civil from days, by Howard Hinnant's algorithm).
pub(super) fn date(day: i64) -> String {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (month, first) = (if mp < 10 { mp + 3 } else { mp - 9 }, doy - (153 * mp + 2) / 5 + 1);
    format!("{:04}-{month:02}-{first:02}", yoe + era * 400 + i64::from(month <= 2))
}

fn clock(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn moment(fraction: u8, random: &mut fastrand::Rng) -> String {
    let day = date(random.i64(9_000..22_000));
    with_fraction(format!("{day} {}", clock(random.u64(..86_400))), fraction, random)
}

/// Appends that many random digits of a second.
pub(super) fn with_fraction(mut text: String, fraction: u8, random: &mut fastrand::Rng) -> String {
    if fraction > 0 {
        text.push('.');
        text.extend((0..fraction).map(|_| char::from(b'0' + random.u8(..10))));
    }
    text
}

fn zeros(fraction: u8) -> String {
    if fraction == 0 { String::new() } else { format!(".{}", "0".repeat(usize::from(fraction))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_454), "2026-01-01");
    }

    #[test]
    fn a_cell_is_the_same_every_time_and_differs_from_its_neighbours() {
        let draw = |number| random(1, "payments", "amount", number).u64(..);
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }
}
