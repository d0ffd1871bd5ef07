//! A server row meets unsent changes: the row is written as the server has it with our changes on top.

use super::outbox::{self, Captured, QueuedChange};
use super::report::Operation;
use super::rows::{self, Cells, RowKey};
use crate::{Result, SyncStatus};
use physio_schema::codec::{Cell, captured_from_cell, cell_from_captured};
use physio_schema::plan::TablePlan;
use rusqlite::{Connection, params};
use serde_json::Value;

/// Brings one row to what the server has (`None`: no such row) with the outbox's changes of it on top.
///
/// Conflicts of the row learn the server's present version. Gives the row's status afterwards, `None` when the
/// row is not there. May be repeated.
pub(super) fn rebase_row(
    connection: &Connection,
    table: &TablePlan,
    key: &RowKey,
    server: Option<&[Cell<'_>]>,
    now: &str,
) -> Result<Option<SyncStatus>> {
    let changes = outbox::changes_of_row(connection, &table.name, &key.text)?;
    if changes.is_empty() {
        return match server {
            Some(row) => {
                rows::replace(connection, table, row, now, SyncStatus::Synced)?;
                Ok(Some(SyncStatus::Synced))
            }
            None => {
                rows::delete(connection, table, key)?;
                Ok(None)
            }
        };
    }
    store_theirs(connection, table, key, server)?;
    let is_deleted = changes.last().is_some_and(|change| change.operation == Operation::Delete);
    if is_deleted {
        rows::delete(connection, table, key)?;
        return Ok(None);
    }
    let status = status_of_row(connection, table, key)?;
    match server {
        Some(row) => {
            let row = with_changes(table, row, &changes)?;
            rows::replace(connection, table, &row, now, status)?;
        }
        // The edits stay visible; the push will be told that the row is gone.
        None => match made_here(connection, table, key, &changes)? {
            Some(row) => rows::replace(connection, table, &row, now, status)?,
            None => rows::set_status(connection, table, key, status, now)?,
        },
    }
    Ok(Some(status))
}

/// `pending` or `conflict` while the outbox has changes of the row, else `synced`.
pub(super) fn status_of_row(connection: &Connection, table: &TablePlan, key: &RowKey) -> Result<SyncStatus> {
    if outbox::is_in_conflict(connection, &table.name, &key.text)? {
        return Ok(SyncStatus::Conflict);
    }
    let is_pending = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM _physio_outbox WHERE table_name = ?1 AND row_key = ?2)",
        )?
        .query_row(params![table.name, key.text], |row| row.get::<_, bool>(0))?;
    Ok(if is_pending { SyncStatus::Pending } else { SyncStatus::Synced })
}

/// The row as its insert and what followed made it, when it is not in its table: the delete that removed it was given
/// up, and only the outbox still has it.
fn made_here(
    connection: &Connection,
    table: &TablePlan,
    key: &RowKey,
    changes: &[QueuedChange],
) -> Result<Option<Cells<'static>>> {
    let Some(at) = changes.iter().rposition(|change| change.operation == Operation::Insert) else {
        return Ok(None);
    };
    if rows::select(connection, table, key)?.is_some() {
        return Ok(None);
    }
    let made = cells_of_captured(table, &changes[at].changed)?;
    with_changes(table, &made, &changes[at + 1..]).map(Some)
}

/// The row with the changes laid over it; what came before a delete does not count.
fn with_changes(table: &TablePlan, row: &[Cell<'_>], changes: &[QueuedChange]) -> Result<Cells<'static>> {
    let mut row: Cells<'static> = row.iter().map(|cell| cell.clone().into_owned()).collect();
    for change in changes {
        match change.operation {
            Operation::Insert | Operation::Update => lay_over(table, &mut row, &change.changed)?,
            Operation::Delete => {
                for (position, cell) in row.iter_mut().enumerate() {
                    if !table.key.contains(&position) {
                        *cell = Cell::Null;
                    }
                }
            }
        }
    }
    Ok(row)
}

/// Sets the named columns; the key stays, and names that are not the plan's are passed over.
pub(super) fn lay_over(table: &TablePlan, row: &mut Cells<'static>, values: &Captured) -> Result<()> {
    for (name, value) in values {
        if let Some(position) = table.position(name)
            && !table.key.contains(&position)
        {
            row[position] = cell_from_captured(&table.columns[position], value.as_str())?.into_owned();
        }
    }
    Ok(())
}

/// A whole row in captured spelling.
pub(super) fn captured_row(table: &TablePlan, row: &[Cell<'_>]) -> Captured {
    let values = table.columns.iter().zip(row).map(|(column, cell)| {
        let text = captured_from_cell(cell).map_or(Value::Null, |text| Value::String(text.into_owned()));
        (column.name.clone(), text)
    });
    values.collect()
}

/// A whole row from captured spelling; absent columns are NULL.
pub(super) fn cells_of_captured(table: &TablePlan, values: &Captured) -> Result<Cells<'static>> {
    table
        .columns
        .iter()
        .map(|column| {
            Ok(cell_from_captured(column, outbox::captured_text(values, &column.name))?.into_owned())
        })
        .collect()
}

/// Keeps the server's version beside every conflict of the row.
fn store_theirs(
    connection: &Connection,
    table: &TablePlan,
    key: &RowKey,
    server: Option<&[Cell<'_>]>,
) -> Result<()> {
    if !outbox::is_in_conflict(connection, &table.name, &key.text)? {
        return Ok(());
    }
    let theirs = server.map(|row| Value::Object(captured_row(table, row)).to_string());
    connection
        .prepare_cached(
            "UPDATE _physio_conflicts SET theirs = ?3 WHERE table_name = ?1 AND row_key = ?2 AND change_id > 0",
        )?
        .execute(params![table.name, key.text, theirs])?;
    Ok(())
}
