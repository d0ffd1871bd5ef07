//! The text of a row key, as triggers write it into the inbox.

use super::quoted;
use crate::model::{Column, ColumnType};

/// The SQL of one row's key text: a single column as text, several as a JSON array of texts.
///
/// `row` is `NEW`, `OLD` or an alias. The result is utf8mb4 whatever the writer's connection uses.
pub(super) fn emit_key_text(row: &str, key: &[&Column]) -> String {
    emit_key_text_of(key, |column| format!("{row}.{}", quoted(column)))
}

/// The same, of the values that `value_of` gives for each column.
pub(super) fn emit_key_text_of(key: &[&Column], value_of: impl Fn(&str) -> String) -> String {
    match key {
        [column] => emit_part(&value_of(&column.name), column),
        columns => {
            let parts: Vec<String> =
                columns.iter().map(|column| emit_part(&value_of(&column.name), column)).collect();
            format!("CONVERT(JSON_ARRAY({}) USING utf8mb4)", parts.join(", "))
        }
    }
}

fn emit_part(value: &str, column: &Column) -> String {
    match &column.column_type {
        ColumnType::Binary { .. }
        | ColumnType::Varbinary { .. }
        | ColumnType::Blob { .. }
        | ColumnType::Spatial { .. }
        | ColumnType::Vector { .. } => format!("HEX({value})"),
        ColumnType::Bit { .. } => text(&format!("CAST({value} + 0 AS CHAR)")),
        ColumnType::Float { .. } | ColumnType::Double { .. } => text(&format!("CAST({value} + 0e0 AS CHAR)")),
        // A trigger sees a TIMESTAMP in the zone of whoever writes.
        ColumnType::Timestamp { .. } => {
            text(&format!("CAST(CONVERT_TZ({value}, @@session.time_zone, '+00:00') AS CHAR)"))
        }
        ColumnType::Integer { unsigned, zerofill: true, .. } => {
            text(&format!("CAST(CAST({value} AS {}) AS CHAR)", if *unsigned { "UNSIGNED" } else { "SIGNED" }))
        }
        ColumnType::Integer { .. }
        | ColumnType::Decimal { .. }
        | ColumnType::Year { .. }
        | ColumnType::Date
        | ColumnType::DateTime { .. }
        | ColumnType::Time { .. }
        | ColumnType::Uuid
        | ColumnType::Inet4
        | ColumnType::Inet6
        | ColumnType::Json => text(&format!("CAST({value} AS CHAR)")),
        ColumnType::Char { .. }
        | ColumnType::Varchar { .. }
        | ColumnType::Text { .. }
        | ColumnType::Enum { .. }
        | ColumnType::Set { .. } => text(value),
    }
}

fn text(expression: &str) -> String {
    format!("CONVERT({expression} USING utf8mb4)")
}
