//! Reads: local and at once. A read of an old table wakes one refresh in the background.

use super::Physio;
use crate::error::{Error, ErrorKind, Result};
use crate::sync::Wake;
use crate::table::{FromRow, RowKey, Table};
use physio_schema::sqlite::internal::FIRST_TEMPORARY_KEY;
use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, params_from_iter};

impl Physio {
    /// Reads one row by its key. A temporary key finds its row also after the server gave another one.
    ///
    /// # Errors
    ///
    /// `Field` when a stored value does not fit its Rust type; `Storage` when the file cannot be read.
    pub fn get<T: Table>(&self, key: T::Key) -> Result<Option<T>> {
        self.touch(T::TABLE);
        let table = self.plan().table(T::TABLE).ok_or_else(|| unknown(T::TABLE))?;
        let mut key = key.to_values();
        self.cache().read(|connection| {
            let found = select_by_key(connection, &table.sql.select_by_key, &key)?;
            let temporary =
                table.temporary_key.and_then(|column| table.key.iter().position(|&k| k == column));
            if found.is_none()
                && let Some(part) = temporary
                && let Value::Integer(number) = key[part]
                && number >= FIRST_TEMPORARY_KEY
                && let Some(given) = self.resolve_key(T::TABLE, number)?
            {
                key[part] = given.parse().map_or(Value::Text(given), Value::Integer);
                return select_by_key(connection, &table.sql.select_by_key, &key);
            }
            Ok(found)
        })
    }

    /// Runs a SELECT and reads each row as a `T`. The statement must return the columns of `T`, by name, in any
    /// order and among others: `SELECT *` will do.
    ///
    /// # Errors
    ///
    /// `Sql` when SQLite does not accept the statement, it writes, or a column of `T` is missing; `Field` when
    /// a stored value does not fit its Rust type.
    pub fn query<T: FromRow>(&self, sql: &str, params: impl Params) -> Result<Vec<T>> {
        self.cache().read(|connection| {
            self.touch_tables_of(connection, sql)?;
            let mut statement = connection.prepare_cached(sql)?;
            if has_columns(&statement, T::COLUMNS) {
                return collect(&mut statement, params, |row| Ok(T::from_row(row)?));
            }
            // The columns come in another order: SQLite picks them by name.
            let columns: Vec<String> =
                T::COLUMNS.iter().map(|name| physio_schema::sqlite::quote_identifier(name)).collect();
            let inner = sql.trim_end().trim_end_matches(';');
            let sql = format!("SELECT {} FROM (\n{inner}\n)", columns.join(", "));
            collect(&mut *connection.prepare_cached(&sql)?, params, |row| Ok(T::from_row(row)?))
        })
    }

    /// Runs a SELECT and hands each raw row to `f`.
    ///
    /// # Errors
    ///
    /// `Sql` when SQLite does not accept the statement or it writes; what `f` returns.
    pub fn query_rows<R>(
        &self,
        sql: &str,
        params: impl Params,
        f: impl FnMut(&Row<'_>) -> Result<R>,
    ) -> Result<Vec<R>> {
        self.cache().read(|connection| {
            self.touch_tables_of(connection, sql)?;
            collect(&mut *connection.prepare_cached(sql)?, params, f)
        })
    }

    /// Runs `f` on a read-only connection, for several statements or one whose rows are too many to collect.
    /// It wakes no refresh.
    ///
    /// # Errors
    ///
    /// What `f` returns; `Storage` when the file cannot be opened again.
    pub fn read<R>(&self, f: impl FnOnce(&Connection) -> Result<R>) -> Result<R> {
        self.cache().read(f)
    }

    /// A table is read: if it is old, one refresh is woken.
    fn touch(&self, table: &str) {
        if self.inner.has_bridge && self.inner.shared.freshness.should_wake(table) {
            self.wake(Wake::Stale);
        }
    }

    /// Statements that come from elsewhere: as [`query_rows`](Self::query_rows), without the reading.
    #[cfg(feature = "sidecar")]
    pub(crate) fn touch_sql(&self, sql: &str) -> Result<()> {
        self.cache().read(|connection| self.touch_tables_of(connection, sql))
    }

    fn touch_tables_of(&self, connection: &Connection, sql: &str) -> Result<()> {
        if self.inner.has_bridge {
            for table in self.inner.tables_read.of(connection, sql)?.iter() {
                self.touch(table);
            }
        }
        Ok(())
    }
}

fn select_by_key<T: FromRow>(connection: &Connection, sql: &str, key: &[Value]) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(key))?;
    match rows.next()? {
        Some(row) => Ok(Some(T::from_row(row)?)),
        None => Ok(None),
    }
}

fn collect<R>(
    statement: &mut rusqlite::Statement<'_>,
    params: impl Params,
    mut f: impl FnMut(&Row<'_>) -> Result<R>,
) -> Result<Vec<R>> {
    check_reads_only(statement)?;
    let mut rows = statement.query(params)?;
    let mut collected = Vec::new();
    while let Some(row) = rows.next()? {
        collected.push(f(row)?);
    }
    Ok(collected)
}

/// SQLite would refuse it too, but would blame the file.
pub(crate) fn check_reads_only(statement: &rusqlite::Statement<'_>) -> Result<()> {
    if statement.readonly() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Sql, "a read was given a statement that writes; use write for that"))
}

fn has_columns(statement: &rusqlite::Statement<'_>, columns: &[&str]) -> bool {
    columns.len() <= statement.column_count()
        && columns
            .iter()
            .enumerate()
            .all(|(n, name)| statement.column_name(n).is_ok_and(|found| found == *name))
}

fn unknown(table: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("{table} is not a synced table of physio.toml"))
}
