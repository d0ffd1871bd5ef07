//! Which values of a type MySQL would refuse, as SQLite conditions.
//!
//! A condition is true when the value is refused, and NULL or false otherwise.

use super::quote::quote_text;
use crate::model::{ColumnType, LobSize};
use crate::plan::{ColumnPlan, Storage};

/// Condition and message per thing that can be wrong with a value; `value` is its SQL.
pub(super) fn emit_value_checks(column: &ColumnPlan, value: &str) -> Vec<(String, String)> {
    if column.storage == Storage::Unsigned64 {
        let most = match &column.column_type {
            ColumnType::Bit { bits: 64 } | ColumnType::Integer { .. } => u64::MAX,
            _ => u64::MAX >> 1,
        };
        return vec![(not_unsigned(value), format!("must be an integer from 0 to {most}"))];
    }
    match &column.column_type {
        ColumnType::Integer { width, unsigned, .. } => {
            let (least, most) = width.range(*unsigned);
            if *width == crate::model::IntegerWidth::Big && !unsigned {
                return Vec::new();
            }
            let most = most.min(i64::MAX.into());
            vec![(
                format!("{value} NOT BETWEEN {least} AND {most}"),
                format!("must be from {least} to {most}"),
            )]
        }
        ColumnType::Bit { bits } => {
            let most = (1_u64 << bits) - 1;
            vec![(format!("{value} NOT BETWEEN 0 AND {most}"), format!("must be from 0 to {most}"))]
        }
        ColumnType::Year { .. } => vec![(
            format!("{value} <> 0 AND {value} NOT BETWEEN 1901 AND 2155"),
            "must be 0 or a year from 1901 to 2155".to_owned(),
        )],
        ColumnType::Decimal { precision, scale, unsigned, .. } => {
            let whole = precision.saturating_sub(*scale);
            let kind = if *unsigned { "positive decimal number" } else { "decimal number" };
            let message =
                format!("must be a {kind} with at most {whole} digits before and {scale} after the point");
            vec![(not_decimal(value, whole, *scale, *unsigned), message)]
        }
        ColumnType::Float { unsigned, .. } => vec![not_real(value, "3.4028234663852886e38", *unsigned)],
        // Infinity is the only REAL that a DOUBLE cannot hold.
        ColumnType::Double { unsigned, .. } => vec![not_real(value, "1.7976931348623157e308", *unsigned)],
        ColumnType::Char { length } | ColumnType::Varchar { length } => {
            vec![(format!("length({value}) > {length}"), format!("must have at most {length} characters"))]
        }
        ColumnType::Text { size } => {
            vec![too_many_bytes(&format!("CAST({value} AS BLOB)"), lob_bytes(*size))]
        }
        ColumnType::Blob { size } => vec![too_many_bytes(value, lob_bytes(*size))],
        ColumnType::Binary { length } | ColumnType::Varbinary { length } => {
            vec![too_many_bytes(value, u64::from(*length))]
        }
        ColumnType::Enum { members } => {
            let list: Vec<String> = members.iter().map(|member| quote_text(member)).collect();
            let condition = format!("{value} COLLATE BINARY NOT IN ({})", list.join(", "));
            vec![(condition, format!("must be one of {}", shown(members)))]
        }
        ColumnType::Set { members } => {
            let message =
                format!("must be members of {} with commas between them, each once", shown(members));
            vec![(not_a_set(value, members), message)]
        }
        ColumnType::Json => vec![(format!("NOT json_valid({value})"), "must be valid JSON".to_owned())],
        ColumnType::Date => {
            let message = "must be a date written YYYY-MM-DD".to_owned();
            vec![(format!("{value} NOT GLOB '{DATE}' OR {}", not_a_day(value)), message)]
        }
        ColumnType::DateTime { fraction } | ColumnType::Timestamp { fraction } => {
            let message = format!("must be written YYYY-MM-DD HH:MM:SS{}", places(*fraction));
            vec![(not_a_datetime(value, *fraction), message)]
        }
        ColumnType::Time { fraction } => {
            let message =
                format!("must be a time from -838:59:59 to 838:59:59 written HH:MM:SS{}", places(*fraction));
            vec![(not_a_time(value, *fraction), message)]
        }
        ColumnType::Uuid => vec![(
            format!(
                "length({value}) <> 36 OR replace({value}, '-', '') GLOB '*[^0-9a-fA-F]*' \
                 OR length(replace({value}, '-', '')) <> 32"
            ),
            "must be a UUID of 32 hex digits in five groups".to_owned(),
        )],
        ColumnType::Vector { dimensions } => {
            let bytes = u64::from(*dimensions) * 4;
            vec![(format!("length({value}) <> {bytes}"), format!("must have {bytes} bytes"))]
        }
        ColumnType::Spatial { .. } | ColumnType::Inet4 | ColumnType::Inet6 => Vec::new(),
    }
}

const DATE: &str = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]";
const CLOCK: &str = "[0-5][0-9]";

fn shown(members: &[String]) -> String {
    let list = members.iter().map(|member| quote_text(member)).collect::<Vec<_>>().join(", ");
    if list.chars().count() <= 200 {
        list
    } else {
        format!("{}, …", list.chars().take(200).collect::<String>())
    }
}

fn places(fraction: u8) -> String {
    if fraction == 0 { String::new() } else { format!(" with at most {fraction} fractional digits") }
}

fn lob_bytes(size: LobSize) -> u64 {
    match size {
        LobSize::Tiny => 255,
        LobSize::Normal => 65_535,
        LobSize::Medium => 16_777_215,
        LobSize::Long => 4_294_967_295,
    }
}

fn too_many_bytes(value: &str, bytes: u64) -> (String, String) {
    (format!("length({value}) > {bytes}"), format!("must have at most {bytes} bytes"))
}

/// INTEGER up to 2^63-1, decimal text above; a REAL that is a whole number is taken and turned into INTEGER.
fn not_unsigned(value: &str) -> String {
    format!(
        "CASE typeof({value}) WHEN 'integer' THEN {value} < 0 \
         WHEN 'real' THEN {value} NOT BETWEEN 0 AND 9007199254740991 OR {value} <> CAST({value} AS INTEGER) \
         WHEN 'text' THEN {value} GLOB '*[^0-9]*' OR length({value}) NOT IN (19, 20) \
         OR (length({value}) = 19 AND {value} <= '9223372036854775807') \
         OR (length({value}) = 20 AND {value} NOT BETWEEN '10000000000000000000' AND '18446744073709551615') \
         WHEN 'blob' THEN 1 END"
    )
}

fn not_real(value: &str, most: &str, unsigned: bool) -> (String, String) {
    let least = if unsigned { "0".to_owned() } else { format!("-{most}") };
    let message = if unsigned { "must be a finite number, not below 0" } else { "must be a finite number" };
    (format!("{value} NOT BETWEEN {least} AND {most}"), message.to_owned())
}

fn not_decimal(value: &str, whole: u8, scale: u8, unsigned: bool) -> String {
    let sign = if unsigned { format!("{value} GLOB '*-*' OR ") } else { format!("{value} GLOB '?*-*' OR ") };
    format!(
        "{sign}{value} GLOB '*[^-0-9.]*' OR {value} GLOB '*.*.*' OR {value} NOT GLOB '*[0-9]*' \
         OR length(ltrim(substr({value}, 1, instr({value} || '.', '.') - 1), '-0')) > {whole} \
         OR length(rtrim(substr({value}, instr({value} || '.', '.') + 1), '0')) > {scale}"
    )
}

/// Taking every member away once must leave nothing.
fn not_a_set(value: &str, members: &[String]) -> String {
    let mut rest = format!("',' || {value} || ','");
    for member in members {
        rest = format!("replace({rest}, {}, ',')", quote_text(&format!(",{member},")));
    }
    format!("{value} <> '' AND ({rest}) <> ','")
}

/// True for 31 February; zero days and months are left to the server's mode.
fn not_a_day(value: &str) -> String {
    let date = format!("substr({value}, 1, 10)");
    format!(
        "(substr({value}, 6, 2) <> '00' AND substr({value}, 9, 2) <> '00' AND date({date}) IS NOT {date}) \
         OR substr({value}, 6, 2) > '12' OR substr({value}, 9, 2) > '31'"
    )
}

fn not_a_datetime(value: &str, fraction: u8) -> String {
    let clock = format!("[0-2][0-9]:{CLOCK}");
    let mut shapes = vec![
        format!("{value} GLOB '{DATE}'"),
        format!("{value} GLOB '{DATE} {clock}'"),
        format!("{value} GLOB '{DATE} {clock}:{CLOCK}'"),
    ];
    if fraction > 0 {
        shapes.push(format!(
            "({value} GLOB '{DATE} {clock}:{CLOCK}.[0-9]*' AND substr({value}, 21) NOT GLOB '*[^0-9]*' \
             AND length({value}) <= {})",
            20 + fraction
        ));
    }
    format!("NOT ({}) OR substr({value}, 12, 2) > '23' OR {}", shapes.join(" OR "), not_a_day(value))
}

fn not_a_time(value: &str, fraction: u8) -> String {
    let hours = format!("substr(ltrim({value}, '-'), 1, instr(ltrim({value}, '-'), ':') - 1)");
    let rest = format!("substr({value}, instr({value}, ':'))");
    let mut shapes = vec![format!("{rest} GLOB ':{CLOCK}'"), format!("{rest} GLOB ':{CLOCK}:{CLOCK}'")];
    if fraction > 0 {
        shapes.push(format!(
            "({rest} GLOB ':{CLOCK}:{CLOCK}.[0-9]*' AND substr({rest}, 8) NOT GLOB '*[^0-9]*' AND length({rest}) <= {})",
            7 + fraction
        ));
    }
    format!(
        "{value} GLOB '?*-*' OR instr({value}, ':') = 0 OR {hours} GLOB '*[^0-9]*' \
         OR length({hours}) NOT BETWEEN 1 AND 3 OR CAST({hours} AS INTEGER) > 838 OR NOT ({})",
        shapes.join(" OR ")
    )
}
