//! What a column holds when a local INSERT leaves it out.

use super::quote::quote_text;
use crate::codec::canonical_wire;
use crate::model::{Column, ColumnDefault, ColumnType};
use crate::plan::{ColumnPlan, Storage};

/// The SQLite expression of a column's default; `None` when it is NULL or only MySQL can compute it.
pub(super) fn emit_default(column: &ColumnPlan, model: &Column, utc_offset_minutes: i32) -> Option<String> {
    if column.generated || model.auto_increment {
        return None;
    }
    match &model.default {
        ColumnDefault::Null => None,
        // MySQL takes the first member when an INSERT leaves out an ENUM that may not be NULL.
        ColumnDefault::Missing => match &column.column_type {
            ColumnType::Enum { members } if !column.nullable => {
                members.first().map(|member| quote_text(member))
            }
            _ => None,
        },
        ColumnDefault::Literal(text) => emit_literal(column, text),
        ColumnDefault::Bytes(bytes) => Some(emit_bytes(column, bytes)),
        ColumnDefault::CurrentTimestamp(_) => emit_now(&column.column_type, utc_offset_minutes),
        ColumnDefault::Expression(expression) => {
            match expression.to_ascii_lowercase().trim_matches(['(', ')', ' ']) {
                "curdate" | "current_date" if column.column_type == ColumnType::Date => {
                    Some(format!("date('now', '{utc_offset_minutes:+} minutes')"))
                }
                _ => None,
            }
        }
    }
}

fn emit_literal(column: &ColumnPlan, text: &str) -> Option<String> {
    let canonical = canonical_wire(column, text);
    match column.storage {
        Storage::Integer => canonical.parse::<i64>().ok().map(|value| value.to_string()),
        Storage::Unsigned64 => match canonical.parse::<u64>().ok()? {
            value if i64::try_from(value).is_ok() => Some(value.to_string()),
            value => Some(quote_text(&value.to_string())),
        },
        Storage::Real => canonical.parse::<f64>().ok().map(|value| format!("{value:?}")),
        Storage::Text => Some(quote_text(&canonical)),
        Storage::Blob => Some(emit_blob(text.as_bytes())),
    }
}

fn emit_bytes(column: &ColumnPlan, bytes: &[u8]) -> String {
    match column.storage {
        Storage::Integer | Storage::Unsigned64 => {
            let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
            i64::try_from(value).map_or_else(|_| quote_text(&value.to_string()), |value| value.to_string())
        }
        Storage::Real | Storage::Text => quote_text(&String::from_utf8_lossy(bytes)),
        Storage::Blob => emit_blob(bytes),
    }
}

fn emit_blob(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("X'{digits}'")
}

/// The present time with the column's fractional digits; SQLite knows three, the rest are zeros.
fn emit_now(column_type: &ColumnType, utc_offset_minutes: i32) -> Option<String> {
    let (fraction, offset) = match column_type {
        ColumnType::Timestamp { fraction } => (*fraction, 0),
        ColumnType::DateTime { fraction } => (*fraction, utc_offset_minutes),
        _ => return None,
    };
    let modifier = if offset == 0 { String::new() } else { format!(", '{offset:+} minutes'") };
    Some(match fraction {
        0 => format!("strftime('%Y-%m-%d %H:%M:%S', 'now'{modifier})"),
        1..=3 => format!("substr(strftime('%Y-%m-%d %H:%M:%f', 'now'{modifier}), 1, {})", 20 + fraction),
        _ => {
            let zeros = "0".repeat(usize::from(fraction) - 3);
            format!("strftime('%Y-%m-%d %H:%M:%f', 'now'{modifier}) || '{zeros}'")
        }
    })
}
