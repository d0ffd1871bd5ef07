//! Unsent changes that a new schema has no place for: nothing of them is dropped without being shown.

use super::rebuild::{DeclaredColumn, has_same_key};
use super::retyped::{Retyped, converted_key};
use crate::Result;
use crate::cache::batch::park_failed;
use crate::cache::calendar;
use crate::cache::outbox::{self, Captured, QueuedChange};
use crate::cache::rebase::status_of_row;
use crate::cache::report::Operation;
use crate::cache::rows::{self, RowKey};
use physio_schema::plan::TablePlan;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::BTreeSet;

/// The table is no longer synced: units with changes of it are parked, whole.
pub(super) fn park_table(connection: &Connection, table: &str) -> Result<()> {
    park(connection, table, "unknown_table")
}

/// Brings queued changes to the new shape of their table. What has no place there leaves them with a notice of what
/// it was. Gives the rows of which nothing is left to send.
///
/// With another key, queued changes no longer name a row: their units are parked.
pub(super) fn fit_changes(
    connection: &Connection,
    table: &TablePlan,
    old: &[DeclaredColumn],
    retyped: &[Retyped<'_>],
) -> Result<Vec<String>> {
    if !has_same_key(old, table) {
        // The old key must not be taken for a new one that happens to look like it.
        connection.execute(
            "UPDATE _physio_outbox SET row_key = json_object('was', json(row_key)) WHERE table_name = ?1",
            [&table.name],
        )?;
        park(connection, &table.name, "unknown_column")?;
        return Ok(Vec::new());
    }
    let vanished: Vec<&str> =
        old.iter().map(|column| column.name.as_str()).filter(|name| table.position(name).is_none()).collect();
    let mut emptied = Vec::new();
    if vanished.is_empty() && retyped.is_empty() {
        return Ok(emptied);
    }
    crate::cache::write::seal_foreign_changes(connection)?;
    let mut keys: Vec<String> = outbox::keys_with_changes(connection, &table.name)?.into_iter().collect();
    keys.sort();
    for key in keys {
        for mut change in outbox::changes_of_row(connection, &table.name, &key)? {
            let misfit = Misfit::taken_from(&mut change, &vanished, retyped);
            match converted_key(table, retyped, &key) {
                Some(converted) => change.key = converted,
                None => {
                    change.key = format!("{{\"was\":{key}}}");
                    park_unit(connection, &change, "bad_value", &table.name)?;
                }
            }
            settle(connection, &change, misfit)?;
        }
        let key = converted_key(table, retyped, &key).unwrap_or(key);
        if outbox::changes_of_row(connection, &table.name, &key)?.is_empty() {
            emptied.push(key);
        }
    }
    Ok(emptied)
}

/// After the table was rebuilt: rows of which nothing is left to send are the server's again.
pub(super) fn release_rows(connection: &Connection, table: &TablePlan, keys: &[String]) -> Result<()> {
    let now = calendar::now_text();
    for text in keys {
        let Ok(key) = RowKey::from_captured(table, text) else { continue };
        let status = status_of_row(connection, table, &key)?;
        rows::set_status(connection, table, &key, status, &now)?;
    }
    Ok(())
}

/// What of a change does not fit.
#[derive(Debug, Default)]
struct Misfit {
    base: Captured,
    mine: Captured,
    /// Why, and the column, of the first value.
    reason: Option<(&'static str, String)>,
    /// A value of a new row does not fit, so that the row cannot be made as it was meant.
    is_insert_spoilt: bool,
}

impl Misfit {
    fn taken_from(change: &mut QueuedChange, vanished: &[&str], retyped: &[Retyped<'_>]) -> Self {
        let mut misfit = Self {
            base: take(&mut change.base, vanished),
            mine: take(&mut change.changed, vanished),
            ..Self::default()
        };
        // What a delete knew of the column is of no use to anybody; an edit of it is somebody's work.
        misfit.reason = misfit.mine.keys().next().map(|column| ("unknown_column", column.clone()));
        for retyped in retyped {
            let name = &retyped.column.name;
            if let Some(base) = change.base.get_mut(name) {
                match retyped.converted(base.as_str()) {
                    Ok(text) => *base = text.map_or(Value::Null, Value::String),
                    // The server cannot have this value any more.
                    Err(_) => misfit.base.extend(change.base.remove_entry(name)),
                }
            }
            let Some(mine) = change.changed.get_mut(name) else { continue };
            match retyped.converted(mine.as_str()) {
                Ok(text) => *mine = text.map_or(Value::Null, Value::String),
                Err(code) => {
                    misfit.reason.get_or_insert((code, name.clone()));
                    let is_insert = change.operation == Operation::Insert;
                    misfit.is_insert_spoilt |= is_insert;
                    if !is_insert || !retyped.can_hold(mine.as_str()) {
                        misfit.mine.extend(change.changed.remove_entry(name));
                        misfit.base.extend(change.base.remove_entry(name));
                    }
                }
            }
        }
        misfit
    }
}

fn settle(connection: &Connection, change: &QueuedChange, misfit: Misfit) -> Result<()> {
    if let Some((code, column)) = misfit.reason {
        let field = format!("{}.{column}", change.table);
        if misfit.is_insert_spoilt {
            park_unit(connection, change, code, &field)?;
        }
        if !misfit.mine.is_empty() {
            connection.execute(
                "INSERT OR REPLACE INTO _physio_conflicts
                 (change_id, unit_id, table_name, row_key, op, base, mine, theirs, code, field)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, ?9)",
                params![
                    // Negative: a notice. The change itself is sent without the column.
                    -change.id,
                    change.unit.unwrap_or(0),
                    change.table,
                    change.key,
                    change.operation.as_str(),
                    Value::Object(misfit.base).to_string(),
                    Value::Object(misfit.mine).to_string(),
                    code,
                    field
                ],
            )?;
        }
    }
    if change.operation == Operation::Update && change.changed.is_empty() {
        outbox::delete_change(connection, change.id)?;
        if let Some(unit) = change.unit {
            outbox::delete_empty_unit(connection, unit)?;
        }
        return Ok(());
    }
    connection.execute(
        "UPDATE _physio_conflicts SET row_key = ?2 WHERE change_id = ?1",
        params![change.id, change.key],
    )?;
    outbox::store_change(connection, change)
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
    units.into_iter().try_for_each(|unit| park_if_unsent(connection, unit, code, table))
}

fn park_unit(connection: &Connection, change: &QueuedChange, code: &str, field: &str) -> Result<()> {
    change.unit.map_or(Ok(()), |unit| park_if_unsent(connection, unit, code, field))
}

/// The answer to a batch in flight still says what became of it.
fn park_if_unsent(connection: &Connection, unit: i64, code: &str, field: &str) -> Result<()> {
    let is_sent: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM _physio_units WHERE unit_id = ?1 AND state = 'sent')",
        [unit],
        |row| row.get(0),
    )?;
    if is_sent { Ok(()) } else { park_failed(connection, unit, code, Some(field)) }
}
