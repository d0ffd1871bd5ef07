//! Reading one table of one side, row by row in key order.

use super::order::{mysql_order, sqlite_order};
use super::spelling::{mysql_expression, mysql_text, sqlite_text};
use crate::harness::{HarnessError, Result};
use mysql::{Conn, QueryResult, Text, prelude::Queryable};
use physio_schema::codec::{captured_from_cell, cell_from_wire};
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, Rows, Statement};

/// A row in the wire's spelling.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: Vec<Option<String>>,
    pub(super) values: Vec<Option<String>>,
    /// Whether it has unsent local changes, as far as the row itself says.
    pub(super) is_unsent: bool,
}

impl Row {
    fn new(table: &TablePlan, values: Vec<Option<String>>, is_unsent: bool) -> Self {
        let key = table.key.iter().map(|&position| values[position].clone()).collect();
        Self { key, values, is_unsent }
    }
}

/// Begins to read a table of the server; rows stay in the socket until they are asked for.
pub(super) fn query_mysql<'c>(
    conn: &'c mut Conn,
    table: &TablePlan,
) -> Result<QueryResult<'c, 'c, 'c, Text>> {
    let columns: Vec<String> = table.columns.iter().map(mysql_expression).collect();
    let sql = format!("SELECT {} FROM `{}` ORDER BY {}", columns.join(", "), table.name, mysql_order(table));
    Ok(conn.query_iter(sql)?)
}

/// The server's next row.
pub(super) fn next_of_mysql(
    rows: &mut QueryResult<'_, '_, '_, Text>,
    table: &TablePlan,
) -> Result<Option<Row>> {
    let Some(row) = rows.next() else { return Ok(None) };
    let values = table.columns.iter().zip(row?.unwrap()).map(|(column, value)| mysql_text(column, value));
    Ok(Some(Row::new(table, values.collect::<Result<_>>()?, false)))
}

/// The statement that reads a table of the cache.
pub(super) fn prepare_sqlite<'c>(conn: &'c Connection, table: &TablePlan) -> Result<Statement<'c>> {
    let columns: Vec<String> = table.columns.iter().map(|column| quote_identifier(&column.name)).collect();
    let (name, order) = (quote_identifier(&table.name), sqlite_order(table));
    let sql = format!("SELECT {}, _sync_status FROM {name} ORDER BY {order}", columns.join(", "));
    conn.prepare(&sql).map_err(sqlite)
}

/// The cache's next row.
pub(super) fn next_of_sqlite(rows: &mut Rows<'_>, table: &TablePlan) -> Result<Option<Row>> {
    let Some(row) = rows.next().map_err(sqlite)? else { return Ok(None) };
    let mut values = Vec::with_capacity(table.columns.len());
    for (position, column) in table.columns.iter().enumerate() {
        values.push(sqlite_text(column, row.get_ref(position).map_err(sqlite)?)?);
    }
    let status: String = row.get(table.columns.len()).map_err(sqlite)?;
    Ok(Some(Row::new(table, values, status != "synced")))
}

/// Whether the outbox has a change of a row that the table itself may not have any more.
pub(super) fn is_queued(conn: &Connection, table: &TablePlan, key: &[Option<String>]) -> Result<bool> {
    let mut parts = Vec::with_capacity(key.len());
    for (column, part) in table.key_columns().zip(key) {
        let cell =
            cell_from_wire(column, part.as_deref()).map_err(|error| HarnessError::new(error.to_string()))?;
        parts.push(captured_from_cell(&cell).map(std::borrow::Cow::into_owned));
    }
    let key = serde_json::to_string(&parts).unwrap_or_default();
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM _physio_outbox WHERE table_name = ?1 AND row_key = ?2)")
        .and_then(|mut statement| statement.query_row([&table.name, &key], |row| row.get(0)))
        .map_err(sqlite)
}

pub(super) fn sqlite(error: rusqlite::Error) -> HarnessError {
    HarnessError::new(format!("SQLite refuses: {error}"))
}
