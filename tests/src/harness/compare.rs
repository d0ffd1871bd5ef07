//! Whether two databases hold the same rows, spelt as on the wire.

use super::{HarnessError, Result};
use crate::comparison::spelling::{mysql_expression, mysql_text, sqlite_text};
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_runtime::bridge::embedded::TableChecksum;
use physio_schema::plan::{Plan, TablePlan};
use std::collections::BTreeMap;

/// The rows of a table by their key.
pub type Rows = BTreeMap<Vec<Option<String>>, Vec<Option<String>>>;

/// Reads a table of MySQL.
///
/// # Errors
///
/// When the server refuses the query.
pub fn mysql_rows(conn: &mut Conn, table: &TablePlan) -> Result<Rows> {
    // TIMESTAMP values are UTC on the wire.
    conn.query_drop("SET time_zone = '+00:00'")?;
    let columns: Vec<String> = table.columns.iter().map(mysql_expression).collect();
    let sql = format!("SELECT {} FROM `{}`", columns.join(", "), table.name);
    let mut rows = Rows::new();
    for row in conn.query_iter(sql)? {
        let values = row?.unwrap();
        let texts = table.columns.iter().zip(values).map(|(column, value)| mysql_text(column, value));
        put(&mut rows, table, texts.collect::<Result<_>>()?)?;
    }
    Ok(rows)
}

/// Reads a table of a cache file (or of the embedded bridge's store).
///
/// # Errors
///
/// When SQLite refuses the query or a value is of a class that the column cannot have.
pub fn sqlite_rows(conn: &rusqlite::Connection, table: &TablePlan) -> Result<Rows> {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let sql = format!("SELECT {} FROM \"{}\"", columns.join(", "), table.name);
    let mut statement = conn.prepare(&sql).map_err(sqlite)?;
    let mut found = statement.query([]).map_err(sqlite)?;
    let mut rows = Rows::new();
    while let Some(row) = found.next().map_err(sqlite)? {
        let mut texts = Vec::with_capacity(table.columns.len());
        for (position, column) in table.columns.iter().enumerate() {
            texts.push(sqlite_text(column, row.get_ref(position).map_err(sqlite)?)?);
        }
        put(&mut rows, table, texts)?;
    }
    Ok(rows)
}

/// Rows and checksum of a table of MySQL.
///
/// # Errors
///
/// As [`mysql_rows`].
pub fn mysql_checksum(conn: &mut Conn, table: &TablePlan) -> Result<TableChecksum> {
    Ok(checksum(&mysql_rows(conn, table)?))
}

/// Rows and checksum of a table of a cache file.
///
/// # Errors
///
/// As [`sqlite_rows`].
pub fn sqlite_checksum(conn: &rusqlite::Connection, table: &TablePlan) -> Result<TableChecksum> {
    Ok(checksum(&sqlite_rows(conn, table)?))
}

/// The checksum of rows that were read.
pub fn checksum(rows: &Rows) -> TableChecksum {
    let mut checksum = TableChecksum::default();
    rows.values().for_each(|row| checksum.add(row));
    checksum
}

/// Compares every table of the plan, row by row.
///
/// # Errors
///
/// The first differences, with table, key and columns (the rows of tests are synthetic).
pub fn check_equal(plan: &Plan, mysql: &mut Conn, sqlite: &rusqlite::Connection) -> Result<()> {
    let mut differences = Vec::new();
    for table in &plan.tables {
        let (server, cache) = (mysql_rows(mysql, table)?, sqlite_rows(sqlite, table)?);
        differences.extend(differing(table, &server, &cache));
    }
    if differences.is_empty() {
        return Ok(());
    }
    let n = differences.len();
    differences.truncate(20);
    Err(HarnessError::new(format!("{n} rows differ:\n{}", differences.join("\n"))))
}

/// One line for each row that is not the same on both sides.
pub fn differing(table: &TablePlan, server: &Rows, cache: &Rows) -> Vec<String> {
    let name = &table.name;
    let mut lines = Vec::new();
    for (key, theirs) in server {
        match cache.get(key) {
            None => lines.push(format!("{name} {key:?}: only on the server")),
            Some(ours) if ours != theirs => {
                let columns = table.columns.iter().zip(theirs.iter().zip(ours));
                let columns = columns.filter(|(_, (theirs, ours))| theirs != ours);
                let list: Vec<String> =
                    columns.map(|(column, (a, b))| format!("{}: {a:?} / {b:?}", column.name)).collect();
                lines.push(format!("{name} {key:?}: {}", list.join(", ")));
            }
            Some(_) => {}
        }
    }
    let only_here = cache.keys().filter(|key| !server.contains_key(*key));
    lines.extend(only_here.map(|key| format!("{name} {key:?}: only in the cache")));
    lines
}

fn put(rows: &mut Rows, table: &TablePlan, row: Vec<Option<String>>) -> Result<()> {
    let key: Vec<Option<String>> = table.key.iter().map(|&position| row[position].clone()).collect();
    match rows.insert(key, row) {
        None => Ok(()),
        Some(_) => Err(HarnessError::new(format!("{} has a row twice", table.name))),
    }
}

fn sqlite(error: rusqlite::Error) -> HarnessError {
    HarnessError::new(format!("SQLite refuses: {error}"))
}
