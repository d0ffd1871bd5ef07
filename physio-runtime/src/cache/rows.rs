//! Rows of synced tables as cells: reading, writing and naming them by their key.

mod layout;

pub(in crate::cache) use layout::Layout;
pub(crate) use layout::can_lack;

use super::line::{Field, NotARow, parse_line};
use crate::{Error, ErrorKind, Result, SyncStatus};
use physio_schema::codec::{Cell, captured_from_cell, cell_from_captured, cell_from_wire, wire_from_cell};
use physio_schema::plan::{Storage, TablePlan};
use physio_schema::sqlite::internal::{FIRST_TEMPORARY_KEY, LAST_TEMPORARY_KEY};
use physio_schema::sqlite::quote_identifier;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Row, Statement};
use std::borrow::Cow;

/// The values of a row (all visible columns in plan order) or of a key (the key columns in key order).
pub(super) type Cells<'a> = Vec<Cell<'a>>;

/// A row key in both forms: `text` names the row in the outbox (captured spelling), `cells` find it in its table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowKey {
    pub(super) text: String,
    pub(super) cells: Cells<'static>,
}

impl RowKey {
    /// The key inside a whole row.
    pub(super) fn of_row(table: &TablePlan, row: &[Cell<'_>]) -> Self {
        let cells: Cells<'static> =
            table.key.iter().map(|&position| row[position].clone().into_owned()).collect();
        Self { text: key_text(&cells), cells }
    }

    /// From the first columns of a result row, in key order.
    pub(super) fn read(table: &TablePlan, row: &Row<'_>) -> Result<Self> {
        let cells: Cells<'static> =
            (0..table.key.len()).map(|part| Ok(cell(row.get_ref(part)?))).collect::<Result<_>>()?;
        Ok(Self { text: key_text(&cells), cells })
    }

    /// The same key with another value in one part.
    pub(super) fn with_part(&self, part: usize, cell: Cell<'static>) -> Self {
        let mut cells = self.cells.clone();
        cells[part] = cell;
        Self { text: key_text(&cells), cells }
    }

    /// Whether it holds a key that only this device knows.
    pub(super) fn is_temporary(&self, table: &TablePlan) -> bool {
        let part = table.temporary_key.and_then(|column| table.key.iter().position(|&key| key == column));
        let temporary = FIRST_TEMPORARY_KEY..=LAST_TEMPORARY_KEY;
        part.is_some_and(|part| matches!(&self.cells[part], Cell::Integer(key) if temporary.contains(key)))
    }

    /// From the outbox's `row_key`.
    pub(super) fn from_captured(table: &TablePlan, text: &str) -> Result<Self> {
        let parts = key_parts(table, text)?;
        let cells = table
            .key_columns()
            .zip(&parts)
            .map(|(column, part)| Ok(cell_from_captured(column, part.as_deref())?.into_owned()))
            .collect::<Result<_>>()?;
        Ok(Self { text: text.to_owned(), cells })
    }

    /// From the wire's JSON array.
    pub(super) fn from_wire(table: &TablePlan, text: &str) -> Result<Self> {
        let parts = key_parts(table, text)?;
        Self::from_wire_parts(table, parts.iter().map(Option::as_deref))
    }

    /// From the wire's values in key order.
    pub(super) fn from_wire_parts<'a>(
        table: &TablePlan,
        parts: impl Iterator<Item = Option<&'a str>>,
    ) -> Result<Self> {
        let cells: Cells<'static> = table
            .key_columns()
            .zip(parts)
            .map(|(column, part)| Ok(cell_from_wire(column, part)?.into_owned()))
            .collect::<Result<_>>()?;
        Ok(Self { text: key_text(&cells), cells })
    }

    /// The wire's values in key order.
    pub(super) fn to_wire(&self, table: &TablePlan) -> Result<Vec<Option<String>>> {
        table
            .key_columns()
            .zip(&self.cells)
            .map(|(column, cell)| Ok(wire_from_cell(column, cell)?.map(Cow::into_owned)))
            .collect()
    }
}

fn key_parts<'a>(table: &TablePlan, text: &'a str) -> Result<Vec<Field<'a>>> {
    let mut parts = Vec::with_capacity(table.key.len());
    match parse_line(text, &mut parts) {
        Ok(()) if parts.len() == table.key.len() => Ok(parts),
        Ok(()) | Err(NotARow) => Err(Error::new(
            ErrorKind::Field,
            format!(
                "a row key of `{}` does not have one value per key column; regenerate and deploy the bridge and the application again",
                table.name
            ),
        )),
    }
}

/// A key as the capture triggers spell it.
fn key_text(cells: &[Cell<'_>]) -> String {
    let parts: Vec<Option<Cow<'_, str>>> = cells.iter().map(captured_from_cell).collect();
    // Text and nulls always serialise.
    serde_json::to_string(&parts).unwrap_or_default()
}

/// A captured row key in the wire's spelling, which is what events and errors show.
pub(super) fn shown_key(table: Option<&TablePlan>, captured: &str) -> String {
    let spells_alike =
        |table: &TablePlan| table.key_columns().all(|c| !matches!(c.storage, Storage::Blob | Storage::Real));
    match table {
        Some(table) if !spells_alike(table) => RowKey::from_captured(table, captured)
            .and_then(|key| key.to_wire(table))
            .ok()
            .and_then(|parts| serde_json::to_string(&parts).ok())
            .unwrap_or_else(|| captured.to_owned()),
        _ => captured.to_owned(),
    }
}

/// Binds a cell without copying it first.
pub(super) fn bound<'a>(cell: &'a Cell<'_>) -> ToSqlOutput<'a> {
    match cell {
        Cell::Null => ToSqlOutput::Owned(Value::Null),
        Cell::Integer(value) => ToSqlOutput::Owned(Value::Integer(*value)),
        Cell::Real(value) => ToSqlOutput::Owned(Value::Real(*value)),
        Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Cell::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
    }
}

/// A stored value without copying it.
pub(super) fn borrowed_cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => Cell::Blob(Cow::Borrowed(bytes)),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => cell(value),
    }
}

fn cell(value: ValueRef<'_>) -> Cell<'static> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Integer(value),
        ValueRef::Real(value) => Cell::Real(value),
        ValueRef::Text(text) => Cell::Text(Cow::Owned(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Blob(bytes) => Cell::Blob(Cow::Owned(bytes.to_vec())),
    }
}

fn bind_all(statement: &mut Statement<'_>, first: usize, cells: &[Cell<'_>]) -> Result<()> {
    for (offset, cell) in cells.iter().enumerate() {
        statement.raw_bind_parameter(first + offset, bound(cell))?;
    }
    Ok(())
}

/// Writes a row in any case.
pub(super) fn replace(
    connection: &Connection,
    table: &TablePlan,
    row: &[Cell<'_>],
    now: &str,
    status: SyncStatus,
) -> Result<()> {
    let mut statement = connection.prepare_cached(&table.sql.replace)?;
    bind_all(&mut statement, 1, row)?;
    statement.raw_bind_parameter(row.len() + 1, now)?;
    statement.raw_bind_parameter(row.len() + 2, status_text(status))?;
    statement.raw_execute()?;
    Ok(())
}

/// Deletes a row in any case; whether there was one.
pub(super) fn delete(connection: &Connection, table: &TablePlan, key: &RowKey) -> Result<bool> {
    let mut statement = connection.prepare_cached(&table.sql.delete)?;
    bind_all(&mut statement, 1, &key.cells)?;
    Ok(statement.raw_execute()? > 0)
}

/// Deletes a row that has no unsent changes; whether there was one.
pub(super) fn delete_synced(connection: &Connection, table: &TablePlan, key: &RowKey) -> Result<bool> {
    let mut statement = connection.prepare_cached(&table.sql.delete_synced)?;
    bind_all(&mut statement, 1, &key.cells)?;
    Ok(statement.raw_execute()? > 0)
}

/// Reads a row.
pub(super) fn select(
    connection: &Connection,
    table: &TablePlan,
    key: &RowKey,
) -> Result<Option<Cells<'static>>> {
    let mut statement = connection.prepare_cached(&table.sql.select_by_key)?;
    bind_all(&mut statement, 1, &key.cells)?;
    let mut rows = statement.raw_query();
    match rows.next()? {
        None => Ok(None),
        Some(row) => (0..table.columns.len())
            .map(|position| Ok(cell(row.get_ref(position)?)))
            .collect::<Result<_>>()
            .map(Some),
    }
}

/// Sets a row's status and, when it is `synced`, the time at which that became true.
pub(super) fn set_status(
    connection: &Connection,
    table: &TablePlan,
    key: &RowKey,
    status: SyncStatus,
    now: &str,
) -> Result<()> {
    let mut statement = connection.prepare_cached(&table.sql.set_status)?;
    statement.raw_bind_parameter(1, status_text(status))?;
    bind_all(&mut statement, 2, &key.cells)?;
    statement.raw_execute()?;
    if status == SyncStatus::Synced {
        let sql = format!(
            "UPDATE {} SET _last_synced_at = ? WHERE {}",
            quote_identifier(&table.name),
            key_condition(table)
        );
        let mut statement = connection.prepare_cached(&sql)?;
        statement.raw_bind_parameter(1, now)?;
        bind_all(&mut statement, 2, &key.cells)?;
        statement.raw_execute()?;
    }
    Ok(())
}

/// `"a" = ? AND "b" = ?` over the row key.
pub(super) fn key_condition(table: &TablePlan) -> String {
    let parts: Vec<String> =
        table.key_columns().map(|column| format!("{} = ?", quote_identifier(&column.name))).collect();
    parts.join(" AND ")
}

/// As `_sync_status` spells it.
pub(super) fn status_text(status: SyncStatus) -> &'static str {
    match status {
        SyncStatus::Synced => "synced",
        SyncStatus::Pending => "pending",
        SyncStatus::Conflict => "conflict",
    }
}
