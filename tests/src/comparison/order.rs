//! One order of keys for both databases: numbers by value, everything else byte by byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use physio_schema::plan::{ColumnPlan, Storage, TablePlan};
use physio_schema::sqlite::quote_identifier;
use std::cmp::Ordering;

/// `ORDER BY` of MySQL. An index serves integer keys; others are sorted by the server.
pub(super) fn mysql_order(table: &TablePlan) -> String {
    let part = |column: &ColumnPlan| {
        let name = format!("`{}`", column.name);
        match column.storage {
            Storage::Integer | Storage::Unsigned64 => name,
            Storage::Real => format!("{name} + 0e0"),
            Storage::Blob => format!("CAST({name} AS BINARY)"),
            // Bytes of the text as the wire has it, whatever collation and character set the column has.
            Storage::Text => format!("CAST(CONVERT({name} USING utf8mb4) AS BINARY)"),
        }
    };
    table.key_columns().map(part).collect::<Vec<_>>().join(", ")
}

/// `ORDER BY` of SQLite.
pub(super) fn sqlite_order(table: &TablePlan) -> String {
    let part = |column: &ColumnPlan| {
        let name = quote_identifier(&column.name);
        match column.storage {
            Storage::Integer | Storage::Real | Storage::Blob => name,
            // Above the signed range they are texts of digits, after all integers.
            Storage::Unsigned64 => {
                format!("CASE typeof({name}) WHEN 'text' THEN length({name}) ELSE 0 END, {name}")
            }
            Storage::Text => format!("{name} COLLATE BINARY"),
        }
    };
    table.key_columns().map(part).collect::<Vec<_>>().join(", ")
}

/// Compares two keys as both databases order them.
pub(super) fn compare_keys(table: &TablePlan, a: &[Option<String>], b: &[Option<String>]) -> Ordering {
    table
        .key_columns()
        .zip(a.iter().zip(b))
        .map(|(column, (a, b))| compare_parts(column.storage, a.as_deref(), b.as_deref()))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare_parts(storage: Storage, a: Option<&str>, b: Option<&str>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.cmp(&b) };
    match storage {
        Storage::Integer | Storage::Unsigned64 => match (a.parse::<i128>(), b.parse::<i128>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => a.cmp(b),
        },
        Storage::Real => match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        },
        Storage::Text => a.cmp(b),
        Storage::Blob => STANDARD.decode(a).ok().cmp(&STANDARD.decode(b).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_by_value_and_texts_by_bytes() {
        fn comes_first(storage: Storage, a: &str, b: &str) -> bool {
            compare_parts(storage, Some(a), Some(b)) == Ordering::Less
        }
        assert!(comes_first(Storage::Integer, "9", "10"));
        assert!(comes_first(Storage::Unsigned64, "9223372036854775807", "18446744073709551615"));
        assert!(comes_first(Storage::Text, "10", "9"));
        assert!(comes_first(Storage::Text, "Z", "a"));
        let (low, high) = (STANDARD.encode([0_u8]), STANDARD.encode([0xFB_u8]));
        assert!(high < low, "in base64 it is the other way round");
        assert!(comes_first(Storage::Blob, &low, &high));
    }
}
