//! The outbox: what the capture triggers wrote, as values.

use super::failure::damaged;
use super::report::Operation;
use crate::Result;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use std::collections::HashSet;

/// Column names and captured values (text or null).
pub(super) type Captured = serde_json::Map<String, Value>;

/// One change of `_physio_outbox`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QueuedChange {
    pub(super) id: i64,
    pub(super) unit: Option<i64>,
    pub(super) table: String,
    pub(super) operation: Operation,
    /// In captured spelling.
    pub(super) key: String,
    /// Empty for an insert.
    pub(super) base: Captured,
    /// Empty for a delete.
    pub(super) changed: Captured,
}

const COLUMNS: &str = "change_id, unit_id, table_name, op, row_key, base, changed";

fn queued_change(row: &Row<'_>) -> Result<QueuedChange> {
    let operation: String = row.get(3)?;
    Ok(QueuedChange {
        id: row.get(0)?,
        unit: row.get(1)?,
        table: row.get(2)?,
        operation: operation.parse().map_err(|_| damaged("an unknown operation in its outbox"))?,
        key: row.get(4)?,
        base: parse_captured(row.get(5)?)?,
        changed: parse_captured(row.get(6)?)?,
    })
}

/// Reads a JSON object of captured values; NULL is an empty one.
pub(super) fn parse_captured(text: Option<String>) -> Result<Captured> {
    match text {
        None => Ok(Captured::new()),
        Some(text) => serde_json::from_str(&text).map_err(|_| damaged("an unreadable change in its outbox")),
    }
}

/// The captured text of one column; both an absent column and NULL are `None`.
pub(super) fn captured_text<'a>(values: &'a Captured, column: &str) -> Option<&'a str> {
    values.get(column).and_then(Value::as_str)
}

/// The changes of one row, oldest first.
pub(super) fn changes_of_row(connection: &Connection, table: &str, key: &str) -> Result<Vec<QueuedChange>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM _physio_outbox WHERE table_name = ?1 AND row_key = ?2 ORDER BY change_id"
    );
    connection.prepare_cached(&sql)?.query_and_then(params![table, key], queued_change)?.collect()
}

/// The changes of one unit, in the order in which they were made.
pub(super) fn changes_of_unit(connection: &Connection, unit: i64) -> Result<Vec<QueuedChange>> {
    let sql = format!("SELECT {COLUMNS} FROM _physio_outbox WHERE unit_id = ?1 ORDER BY change_id");
    connection.prepare_cached(&sql)?.query_and_then([unit], queued_change)?.collect()
}

/// One change by its number.
pub(super) fn change(connection: &Connection, id: i64) -> Result<Option<QueuedChange>> {
    let sql = format!("SELECT {COLUMNS} FROM _physio_outbox WHERE change_id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(queued_change).transpose()
}

/// Changes whose key or values hold a text.
pub(super) fn changes_mentioning(connection: &Connection, text: &str) -> Result<Vec<QueuedChange>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM _physio_outbox
         WHERE instr(row_key, ?1) OR instr(changed, ?1) OR instr(base, ?1) ORDER BY change_id"
    );
    connection.prepare_cached(&sql)?.query_and_then([text], queued_change)?.collect()
}

/// Writes a change back: operation, key, base and new values.
pub(super) fn store_change(connection: &Connection, change: &QueuedChange) -> Result<()> {
    let text = |values: &Captured| Value::Object(values.clone()).to_string();
    let base = (change.operation != Operation::Insert).then(|| text(&change.base));
    let changed = (change.operation != Operation::Delete).then(|| text(&change.changed));
    connection
        .prepare_cached(
            "UPDATE _physio_outbox SET op = ?2, row_key = ?3, base = ?4, changed = ?5 WHERE change_id = ?1",
        )?
        .execute(params![change.id, change.operation.as_str(), change.key, base, changed])?;
    Ok(())
}

/// Removes a change, and what was kept of its conflict.
pub(super) fn delete_change(connection: &Connection, id: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM _physio_outbox WHERE change_id = ?1")?.execute([id])?;
    connection.prepare_cached("DELETE FROM _physio_conflicts WHERE change_id = ?1")?.execute([id])?;
    Ok(())
}

/// Removes a unit if no change of it is left.
pub(super) fn delete_empty_unit(connection: &Connection, unit: i64) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM _physio_units WHERE unit_id = ?1
             AND NOT EXISTS (SELECT 1 FROM _physio_outbox WHERE unit_id = ?1)",
        )?
        .execute([unit])?;
    Ok(())
}

/// Keys of a table's rows that have unsent changes.
pub(super) fn keys_with_changes(connection: &Connection, table: &str) -> Result<HashSet<String>> {
    connection
        .prepare_cached("SELECT DISTINCT row_key FROM _physio_outbox WHERE table_name = ?1")?
        .query_and_then([table], |row| Ok(row.get(0)?))?
        .collect()
}

/// Keys of a table's rows among whose unsent changes is a delete.
pub(super) fn keys_with_deletes(connection: &Connection, table: &str) -> Result<HashSet<String>> {
    connection
        .prepare_cached(
            "SELECT DISTINCT row_key FROM _physio_outbox WHERE table_name = ?1 AND op = 'delete'",
        )?
        .query_and_then([table], |row| Ok(row.get(0)?))?
        .collect()
}

/// Whether a row has a change that waits for a person.
pub(super) fn is_in_conflict(connection: &Connection, table: &str, key: &str) -> Result<bool> {
    // Notices have negative numbers: they keep no change from being sent.
    let sql = "SELECT EXISTS (SELECT 1 FROM _physio_conflicts
               WHERE table_name = ?1 AND row_key = ?2 AND change_id > 0)";
    Ok(connection.prepare_cached(sql)?.query_row(params![table, key], |row| row.get(0))?)
}

/// A value of `_physio_meta`.
pub(super) fn load_meta(connection: &Connection, name: &str) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT value FROM _physio_meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Stores a value of `_physio_meta`; `None` removes it.
pub(super) fn store_meta(connection: &Connection, name: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) => connection
            .prepare_cached(
                "INSERT INTO _physio_meta (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![name, value])?,
        None => connection.prepare_cached("DELETE FROM _physio_meta WHERE name = ?1")?.execute([name])?,
    };
    Ok(())
}
