//! A file's content as text.
//!
//! Two files of the same seed are not equal byte for byte: SQLite notes the real time in columns that are for
//! people. Everything else of them is here, rows in the order of their keys.

use physio_runtime::Result;
use physio_runtime::cache::Cache;
use physio_schema::sqlite::quote_identifier as quoted;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::fmt::Write;

/// Columns that hold the real time.
pub(super) const TIMES: [(&str, &str); 5] = [
    ("_physio_outbox", "captured_at"),
    ("_physio_units", "sealed_at"),
    ("_physio_conflicts", "found_at"),
    ("sync_history", "last_sync_at"),
    ("sync_history", "last_error_at"),
];

/// Column of synced tables that holds the real time; that it is NULL means something.
pub(super) const SYNCED_AT: &str = "_last_synced_at";

/// Every row of every table, but no time.
pub(super) fn dump(cache: &Cache) -> Result<String> {
    cache.read(|file| {
        let mut text = String::new();
        for table in tables(file)? {
            let _ = writeln!(text, "{table}");
            let mut statement = file.prepare(&format!("SELECT * FROM {}", quoted(&table)))?;
            let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
            let mut lines = Vec::new();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let mut line = String::new();
                for (at, column) in columns.iter().enumerate() {
                    let value: Value = row.get(at)?;
                    let is_time = *column == SYNCED_AT || TIMES.contains(&(table.as_str(), column.as_str()));
                    let _ = match value {
                        Value::Null => write!(line, " {column}=NULL"),
                        _ if is_time => write!(line, " {column}=…"),
                        value => write!(line, " {column}={value:?}"),
                    };
                }
                lines.push(line);
            }
            lines.sort();
            text.push_str(&lines.join("\n"));
            text.push('\n');
        }
        Ok(text)
    })
}

fn tables(file: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    file.prepare(sql)?.query_and_then([], |row| Ok(row.get(0)?))?.collect()
}
