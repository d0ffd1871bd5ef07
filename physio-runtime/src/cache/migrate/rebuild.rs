//! Giving a table a new shape: a new table, the old rows, the old name.

use crate::Result;
use physio_schema::plan::{Storage, TablePlan};
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, OptionalExtension, params};

/// A column as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeclaredColumn {
    /// Its present name.
    pub(super) name: String,
    /// Its name in the file.
    pub(super) was: String,
    /// Such as `INTEGER`.
    storage: String,
    /// Place in the primary key, from 1; 0 for all others.
    key_part: i64,
}

impl DeclaredColumn {
    /// What the declared type stands for.
    pub(super) fn storage(&self) -> Storage {
        match self.storage.as_str() {
            "INTEGER" | "INT" => Storage::Integer,
            "ANY" => Storage::Unsigned64,
            "REAL" => Storage::Real,
            "BLOB" => Storage::Blob,
            _ => Storage::Text,
        }
    }
}

/// The `CREATE TABLE` of a table as SQLite keeps it.
pub(super) fn declared(connection: &Connection, table: &str) -> Result<Option<String>> {
    Ok(connection
        .prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1")?
        .query_row([table], |row| row.get(0))
        .optional()?)
}

/// Whether both statements make the same table. SQLite rewrites what stands before the columns.
pub(super) fn is_same_table(declared: &str, create: &str) -> bool {
    let columns = |sql: &str| sql.find(" (").map(|at| sql[at..].trim_end().to_owned());
    columns(declared) == columns(create)
}

/// The mirrored columns of a table as the file has it.
pub(super) fn columns(connection: &Connection, table: &str) -> Result<Vec<DeclaredColumn>> {
    connection
        .prepare("SELECT name, type, pk FROM pragma_table_xinfo(?1) ORDER BY cid")?
        .query_and_then([table], |row| {
            Ok(DeclaredColumn {
                name: row.get(0)?,
                was: row.get(0)?,
                storage: row.get(1)?,
                key_part: row.get(2)?,
            })
        })?
        .filter(|column| {
            !matches!(column, Ok(DeclaredColumn { name, .. }) if name == "_sync_status" || name == "_last_synced_at")
        })
        .collect()
}

/// Whether a column came, went or is held in another way: then only the server knows the rows' values.
pub(super) fn has_other_columns(declared: &[DeclaredColumn], table: &TablePlan) -> bool {
    declared.len() != table.columns.len()
        || table.columns.iter().any(|column| {
            declared
                .iter()
                .all(|old| old.name != column.name || !is_same_storage(&old.storage, column.storage))
        })
}

fn is_same_storage(declared: &str, storage: Storage) -> bool {
    declared == declared_type(storage) || (declared == "INT" && storage == Storage::Integer)
}

fn declared_type(storage: Storage) -> &'static str {
    match storage {
        Storage::Integer => "INTEGER",
        Storage::Unsigned64 => "ANY",
        Storage::Real => "REAL",
        Storage::Text => "TEXT",
        Storage::Blob => "BLOB",
    }
}

/// Whether rows of the old table can be found by the new key.
pub(super) fn has_same_key(declared: &[DeclaredColumn], table: &TablePlan) -> bool {
    let mut old: Vec<&DeclaredColumn> = declared.iter().filter(|column| column.key_part > 0).collect();
    old.sort_by_key(|column| column.key_part);
    old.iter().map(|column| column.name.as_str()).eq(table.key_columns().map(|column| column.name.as_str()))
}

/// Makes the table anew. Its rows stay as far as they fit; with another key they are left to the next pull.
pub(super) fn rebuild_table(
    connection: &Connection,
    table: &TablePlan,
    old: &[DeclaredColumn],
) -> Result<()> {
    let name = quote_identifier(&table.name);
    let new_name = format!("_physio_new_{}", table.name);
    let new = quote_identifier(&new_name);
    let body = table.sql.create.find(" (").map_or("", |at| &table.sql.create[at..]);
    connection.execute_batch(&format!("DROP TABLE IF EXISTS {new}; CREATE TABLE {new}{body}"))?;
    if has_same_key(old, table) {
        let shared: Vec<(String, String)> = table
            .columns
            .iter()
            .filter_map(|column| {
                let old = old.iter().find(|old| old.name == column.name)?;
                let value = converted(&quote_identifier(&old.was), &old.storage, column.storage);
                Some((quote_identifier(&column.name), value))
            })
            .collect();
        let names: Vec<&str> = shared.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<&str> = shared.iter().map(|(_, value)| value.as_str()).collect();
        connection.execute_batch(&format!(
            "INSERT INTO {new} ({}, _sync_status, _last_synced_at) SELECT {}, _sync_status, _last_synced_at FROM {name}",
            names.join(", "),
            values.join(", ")
        ))?;
    }
    let sequence = last_key(connection, &table.name)?;
    connection.execute_batch(&format!("DROP TABLE {name}; ALTER TABLE {new} RENAME TO {name}"))?;
    for statement in &table.sql.after_create {
        connection.execute_batch(statement)?;
    }
    if let Some(sequence) = sequence {
        // A temporary key is never given twice, also after the row that had it is gone.
        connection.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
            params![table.name, sequence],
        )?;
    }
    Ok(())
}

fn last_key(connection: &Connection, table: &str) -> Result<Option<i64>> {
    let has_sequences: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence')",
        [],
        |row| row.get(0),
    )?;
    if !has_sequences {
        return Ok(None);
    }
    Ok(connection
        .prepare("SELECT seq FROM sqlite_sequence WHERE name = ?1")?
        .query_row([table], |row| row.get(0))
        .optional()?)
}

/// The old value in the new storage; what does not convert without loss is NULL until the table is read again.
fn converted(column: &str, old: &str, new: Storage) -> String {
    if is_same_storage(old, new) {
        return column.to_owned();
    }
    match new {
        Storage::Text => format!(
            "CASE typeof({column}) WHEN 'real' THEN printf('%!.17g', {column}) WHEN 'blob' THEN NULL \
             ELSE CAST({column} AS TEXT) END"
        ),
        Storage::Integer => format!(
            "CASE WHEN typeof({column}) IN ('text', 'real') AND CAST({column} AS REAL) = CAST({column} AS INTEGER) \
             AND abs(CAST({column} AS REAL)) < 9007199254740992 AND (typeof({column}) = 'real' \
             OR CAST(CAST({column} AS INTEGER) AS TEXT) = {column}) THEN CAST({column} AS INTEGER) \
             WHEN typeof({column}) = 'integer' THEN {column} END"
        ),
        Storage::Unsigned64 => format!(
            "CASE WHEN typeof({column}) = 'integer' THEN {column} \
             WHEN CAST(CAST({column} AS INTEGER) AS TEXT) = {column} THEN CAST({column} AS INTEGER) END"
        ),
        Storage::Real => format!(
            "CASE WHEN typeof({column}) IN ('integer', 'real') THEN CAST({column} AS REAL) \
             WHEN typeof({column}) = 'text' AND {column} GLOB '*[0-9]*' AND {column} NOT GLOB '*[^-+.0-9eE]*' \
             THEN CAST({column} AS REAL) END"
        ),
        Storage::Blob => format!("CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) END"),
    }
}
