//! Unsent changes that a new schema has no place for: nothing of them is dropped without being shown.

use super::rebuild::{DeclaredColumn, has_same_key};
use crate::Result;
use crate::cache::batch::park_failed;
use crate::cache::outbox::{self, Captured, QueuedChange};
use crate::cache::report::Operation;
use physio_schema::plan::TablePlan;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::BTreeSet;

/// The table is no longer synced: units with changes of it are parked, whole.
pub(super) fn park_table(connection: &Connection, table: &str) -> Result<()> {
    park(connection, table, "unknown_table")
}

/// Takes columns that vanished out of queued changes and leaves a notice of what they held.
///
/// With another key, queued changes no longer name a row: their units are parked.
pub(super) fn clean_changes(
    connection: &Connection,
    table: &TablePlan,
    old: &[DeclaredColumn],
) -> Result<()> {
    if !has_same_key(old, table) {
        // The old key must not be taken for a new one that happens to look like it.
        connection.execute(
            "UPDATE _physio_outbox SET row_key = json_object('was', json(row_key)) WHERE table_name = ?1",
            [&table.name],
        )?;
        return park(connection, &table.name, "unknown_column");
    }
    let vanished: Vec<&str> =
        old.iter().map(|column| column.name.as_str()).filter(|name| table.position(name).is_none()).collect();
    if vanished.is_empty() {
        return Ok(());
    }
    for key in outbox::keys_with_changes(connection, &table.name)? {
        for change in outbox::changes_of_row(connection, &table.name, &key)? {
            clean_change(connection, change, &vanished)?;
        }
    }
    Ok(())
}

fn clean_change(connection: &Connection, mut change: QueuedChange, vanished: &[&str]) -> Result<()> {
    let base = take(&mut change.base, vanished);
    let mine = take(&mut change.changed, vanished);
    if base.is_empty() && mine.is_empty() {
        return Ok(());
    }
    // What a delete knew of the column is of no use to anybody; an edit of it is somebody's work.
    if let Some(column) = mine.keys().next() {
        let field = format!("{}.{column}", change.table);
        connection.execute(
            "INSERT OR REPLACE INTO _physio_conflicts
             (change_id, unit_id, table_name, row_key, op, base, mine, theirs, code, field)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, 'unknown_column', ?8)",
            params![
                // Negative: a notice. The change itself is sent without the column.
                -change.id,
                change.unit.unwrap_or(0),
                change.table,
                change.key,
                change.operation.as_str(),
                Value::Object(base).to_string(),
                Value::Object(mine).to_string(),
                field
            ],
        )?;
    }
    if change.operation == Operation::Update && change.changed.is_empty() {
        outbox::delete_change(connection, change.id)?;
        if let Some(unit) = change.unit {
            outbox::delete_empty_unit(connection, unit)?;
        }
        return Ok(());
    }
    outbox::store_change(connection, &change)
}

fn take(values: &mut Captured, names: &[&str]) -> Captured {
    names.iter().filter_map(|name| values.remove_entry(*name)).collect()
}

fn park(connection: &Connection, table: &str, code: &str) -> Result<()> {
    crate::cache::write::seal_foreign_changes(connection)?;
    let units: BTreeSet<i64> = connection
        .prepare("SELECT DISTINCT unit_id FROM _physio_outbox WHERE table_name = ?1 AND unit_id IS NOT NULL")?
        .query_and_then([table], |row| Ok::<_, crate::Error>(row.get(0)?))?
        .collect::<Result<_>>()?;
    for unit in units {
        let is_sent: bool = connection.query_row(
            "SELECT state = 'sent' FROM _physio_units WHERE unit_id = ?1",
            [unit],
            |row| row.get(0),
        )?;
        // The answer to a batch in flight still says what became of it.
        if !is_sent {
            park_failed(connection, unit, code, Some(table))?;
        }
    }
    Ok(())
}
