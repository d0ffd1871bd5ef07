//! Values from all of a column's range: any bits, any characters, any day, with the edges always among them.
//!
//! `value` draws what an application would write; this draws what a column can hold.

use super::text::Alphabet;
use super::value::{date, with_fraction};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use physio_schema::model::{Column, ColumnType, LobSize, SpatialKind, Table};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Days from 0000-01-01 to 9999-12-31, counted from 1970.
const FIRST_DAY: i64 = -719_528;
const LAST_DAY: i64 = 2_932_896;
/// 2038-01-19 03:14:07, the last moment of a TIMESTAMP.
const LAST_TIMESTAMP: i64 = 0x7fff_ffff;
/// `838:59:59`, the longest TIME.
const LONGEST_TIME: i64 = 838 * 3600 + 3599;

/// Any value that the column can hold; NULL now and then where it may be.
pub(super) fn wild(
    table: &Table,
    column: &Column,
    is_json: bool,
    random: &mut fastrand::Rng,
) -> Option<String> {
    if column.nullable && random.u8(..) < 16 {
        return None;
    }
    let is_edge = random.u8(..) < 32;
    let alphabet = Alphabet::of(column.collation.as_deref().unwrap_or(&table.collation));
    Some(match &column.column_type {
        ColumnType::Integer { width, unsigned, .. } => integer(width.range(*unsigned), is_edge, random),
        ColumnType::Decimal { precision, scale, unsigned, .. } => {
            decimal(*precision, *scale, *unsigned, is_edge, random)
        }
        ColumnType::Float { digits, unsigned, .. } | ColumnType::Double { digits, unsigned, .. } => {
            let is_single = matches!(column.column_type, ColumnType::Float { .. });
            match digits {
                Some((precision, scale)) => decimal(*precision, *scale, *unsigned, is_edge, random),
                None => real(is_single, *unsigned, random),
            }
        }
        ColumnType::Bit { bits } => {
            let most = 1u64.checked_shl(u32::from(*bits)).map_or(u64::MAX, |n| n - 1);
            if is_edge { most } else { random.u64(0..=most) }.to_string()
        }
        ColumnType::Year { .. } if is_edge => "0000".to_owned(),
        ColumnType::Year { .. } => random.u16(1901..=2155).to_string(),
        ColumnType::Json => json(alphabet, random),
        ColumnType::Char { .. } | ColumnType::Varchar { .. } | ColumnType::Text { .. } if is_json => {
            json(alphabet, random)
        }
        // A CHAR loses its trailing spaces on every server.
        ColumnType::Char { length } => {
            characters(alphabet, *length as usize, is_edge, random).trim_end_matches(' ').to_owned()
        }
        ColumnType::Varchar { length } => characters(alphabet, *length as usize, is_edge, random),
        ColumnType::Text { size: LobSize::Tiny } => characters(alphabet, 60, is_edge, random),
        ColumnType::Text { .. } => characters(alphabet, 300, is_edge, random),
        ColumnType::Binary { length } => bytes(*length as usize, random),
        ColumnType::Varbinary { length } => {
            let length = *length as usize;
            bytes(if is_edge { length } else { random.usize(0..=length.min(60)) }, random)
        }
        ColumnType::Blob { .. } => bytes(random.usize(0..=200), random),
        // What MySQL keeps of a value that is not a member.
        ColumnType::Enum { .. } if is_edge => String::new(),
        ColumnType::Enum { members } => members[random.usize(..members.len())].clone(),
        ColumnType::Set { members } => {
            let chosen = members.iter().filter(|_| random.bool()).cloned();
            chosen.collect::<Vec<_>>().join(",")
        }
        ColumnType::Date => day(is_edge, random),
        ColumnType::DateTime { fraction } => {
            let day = day(is_edge, random);
            with_fraction(format!("{day} {}", clock(random.i64(..).rem_euclid(86_400))), *fraction, random)
        }
        ColumnType::Timestamp { fraction } => {
            let moment = if is_edge { LAST_TIMESTAMP } else { random.i64(1..=LAST_TIMESTAMP) };
            let text = format!("{} {}", date(moment / 86_400), clock(moment % 86_400));
            with_fraction(text, *fraction, random)
        }
        ColumnType::Time { fraction } => {
            // The longest has no fraction.
            let seconds = if is_edge { random.i64(0..60) } else { random.i64(0..LONGEST_TIME) };
            let text = with_fraction(clock(seconds), *fraction, random);
            let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'));
            if is_zero || random.bool() { text } else { format!("-{text}") }
        }
        ColumnType::Uuid => {
            let digits = format!("{:032x}", random.u128(..));
            [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
        }
        ColumnType::Inet4 => Ipv4Addr::from_bits(random.u32(..)).to_string(),
        ColumnType::Inet6 => Ipv6Addr::from_bits(random.u128(..)).to_string(),
        ColumnType::Spatial { kind } => STANDARD.encode(geometry(*kind, random)),
        ColumnType::Vector { dimensions } => {
            let floats = (0..*dimensions).flat_map(|_| random.f32().to_le_bytes());
            STANDARD.encode(floats.collect::<Vec<_>>())
        }
    })
}

/// Any number of bits is as likely as any other; 2^53 and its neighbours, which scripts get wrong, are edges.
fn integer((least, most): (i128, i128), is_edge: bool, random: &mut fastrand::Rng) -> String {
    const SAFE: i128 = 1 << 53;
    let number = if is_edge {
        [least, most, 0, 1, -1, SAFE - 1, SAFE, SAFE + 1, -SAFE - 1][random.usize(..9)]
    } else {
        let number = i128::from(random.u64(..) >> random.u32(0..64));
        if random.bool() { number } else { -number }
    };
    number.clamp(least, most).to_string()
}

fn decimal(precision: u8, scale: u8, unsigned: bool, is_edge: bool, random: &mut fastrand::Rng) -> String {
    let whole = usize::from(precision - scale);
    let n_before = if is_edge { whole } else { random.usize(0..=whole) };
    let mut digits = |n: usize| -> String {
        (0..n).map(|_| if is_edge { '9' } else { char::from(b'0' + random.u8(..10)) }).collect()
    };
    let (before, after) = (digits(n_before), digits(usize::from(scale)));
    let before = before.trim_start_matches('0');
    let number = format!(
        "{}{}{after}",
        if before.is_empty() { "0" } else { before },
        if scale == 0 { "" } else { "." }
    );
    let is_zero = number.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if unsigned || is_zero || random.bool() { number } else { format!("-{number}") }
}

/// Any finite number; the negative zero, which MySQL does not keep, as zero.
fn real(is_single: bool, unsigned: bool, random: &mut fastrand::Rng) -> String {
    let value = loop {
        let value = match is_single {
            true => f64::from(f32::from_bits(random.u32(..))),
            false => f64::from_bits(random.u64(..)),
        };
        if value.is_finite() {
            break if unsigned { value.abs() } else { value };
        }
    };
    if value == 0.0 { "0".to_owned() } else { format!("{value:e}") }
}

/// Any characters of the character set, the control characters, quotes and spaces at the end included.
fn characters(alphabet: Alphabet, most: usize, is_full: bool, random: &mut fastrand::Rng) -> String {
    let n = if is_full { most } else { random.usize(0..=most.min(40)) };
    (0..n).map(|_| character(alphabet, random)).collect()
}

fn character(alphabet: Alphabet, random: &mut fastrand::Rng) -> char {
    const AWKWARD: [char; 10] = ['\0', '\n', '\r', '\\', '\'', '"', ' ', '%', '\u{1a}', '`'];
    match random.u8(..8) {
        0 => AWKWARD[random.usize(..AWKWARD.len())],
        1..=3 => char::from(random.u8(0..0x80)),
        _ => match alphabet {
            Alphabet::Ascii => char::from(random.u8(0x20..0x7f)),
            Alphabet::Latin1 => char::from(random.u8(0xa0..=0xff)),
            Alphabet::Basic => random.char('\u{80}'..='\u{ffff}'),
            Alphabet::Full => random.char('\u{80}'..=char::MAX),
        },
    }
}

/// Every shape of JSON; its text is kept as it is written.
fn json(alphabet: Alphabet, random: &mut fastrand::Rng) -> String {
    let text = characters(alphabet, 20, false, random);
    let number = random.i64(..);
    match random.u8(..5) {
        0 => serde_json::json!(text).to_string(),
        1 => format!("[{number}, {}, null,true]", random.f64()),
        2 => serde_json::json!({"text": text, "number": number, "list": [[], {}]}).to_string(),
        3 => format!("{{ \"spaced\" :  {number} }}"),
        _ => "null".to_owned(),
    }
}

fn bytes(n: usize, random: &mut fastrand::Rng) -> String {
    STANDARD.encode((0..n).map(|_| random.u8(..)).collect::<Vec<_>>())
}

/// A day that exists, or one of the days that only MySQL has.
fn day(is_edge: bool, random: &mut fastrand::Rng) -> String {
    if !is_edge {
        return date(random.i64(FIRST_DAY..=LAST_DAY));
    }
    let (year, month) = (random.u16(0..=9999), random.u8(0..=12));
    match random.u8(..3) {
        0 => "0000-00-00".to_owned(),
        1 => format!("{year:04}-{month:02}-00"),
        _ => format!("{year:04}-00-{:02}", random.u8(0..=31)),
    }
}

fn clock(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// As MySQL stores it: the SRID, then the well-known binary form.
fn geometry(kind: SpatialKind, random: &mut fastrand::Rng) -> Vec<u8> {
    let n_points = match kind {
        SpatialKind::Geometry => random.u32(1..9),
        _ => 1,
    };
    let srid = if random.bool() { 0u32 } else { 4326 };
    let mut bytes = srid.to_le_bytes().to_vec();
    // Little-endian; a POINT, or a LINESTRING with the number of its points.
    bytes.push(1);
    bytes.extend(if n_points == 1 { 1u32 } else { 2 }.to_le_bytes());
    if n_points > 1 {
        bytes.extend(n_points.to_le_bytes());
    }
    for _ in 0..2 * n_points {
        bytes.extend((random.f64() * 360.0 - 180.0).to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_days_is_that_of_mysql() {
        assert_eq!(date(FIRST_DAY), "0000-01-01");
        assert_eq!(date(LAST_DAY), "9999-12-31");
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut random = fastrand::Rng::with_seed(1);
        let drawn: Vec<i128> =
            (0..2_000).map(|n| integer((-128, 127), n % 2 == 0, &mut random).parse().unwrap()).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-128), Some(&127)));
        for _ in 0..200 {
            let text = decimal(5, 2, false, random.bool(), &mut random);
            assert!(text.trim_start_matches('-').len() <= 6, "{text}");
        }
    }
}
