//! Local writes: one closure, one SQLite transaction, one unit of the outbox.

use super::report::{LocalChange, Operation};
use super::rows::shown_key;
use super::{Cache, connections, failure, outbox};
use crate::table::{FromRow, RowKey, RowValues, Table};
use crate::{Error, ErrorKind, Plan, Result};
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::internal::FIRST_TEMPORARY_KEY;
use physio_schema::sqlite::quote_identifier;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Params, Row, params, params_from_iter};

/// An open local write. Everything done through it is pushed as one unit: whole or not at all.
#[derive(Debug)]
pub struct WriteTransaction<'c> {
    connection: &'c Connection,
    plan: &'c Plan,
}

impl Cache {
    /// Runs `f` in one transaction; what it changed is on the disk and in the outbox when this returns.
    ///
    /// Also returned are the changes that were captured, in order. An error of `f`, or a panic, rolls
    /// everything back.
    ///
    /// # Errors
    ///
    /// What `f` returns; `Constraint` when a write breaks a rule of its table; `Busy` when another process
    /// holds the file for more than ten seconds; `Storage` when the disk refuses; `Usage` when it is called
    /// inside another write, or when `f` ends the transaction by itself.
    pub fn write<R>(
        &self,
        f: impl FnOnce(&WriteTransaction<'_>) -> Result<R>,
    ) -> Result<(R, Vec<LocalChange>)> {
        if self.inner.gate.is_held_here() {
            return Err(Error::new(
                ErrorKind::Usage,
                "a write inside a write would wait for itself; use the transaction that the closure was given",
            ));
        }
        let _turn = self.inner.gate.enter_local();
        let connection = self.writer()?;
        let open = connections::Open::begin(&connection)?;
        seal_foreign_changes(&connection)?;
        let unit = open_unit(&connection)?;
        let result = f(&WriteTransaction { connection: &connection, plan: &self.inner.plan })?;
        if connection.is_autocommit() {
            forget_unit(&connection, unit)?;
            return Err(Error::new(
                ErrorKind::Usage,
                "the closure of a write ended its transaction; leave COMMIT and ROLLBACK to `write`",
            ));
        }
        let changes = close_unit(&connection, &self.inner.plan, unit)?;
        self.note_own(&changes);
        if let Err(error) = open.commit() {
            self.forget_own(&changes);
            return Err(error);
        }
        drop(connection);
        self.checkpoint_when_due();
        Ok((result, changes))
    }

    /// What a temporary key became; `None` while it is not pushed (or when it was never given).
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn resolve_key(&self, table: &str, temporary_key: i64) -> Result<Option<String>> {
        self.read(|connection| server_key(connection, table, temporary_key))
    }
}

/// Gathers what other clients of the file wrote since the last look into one unit.
pub(super) fn seal_foreign_changes(connection: &Connection) -> Result<()> {
    let is_any = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM _physio_outbox WHERE unit_id IS NULL)")?
        .query_row([], |row| row.get::<_, bool>(0))?;
    if is_any {
        connection.prepare_cached("INSERT INTO _physio_units DEFAULT VALUES")?.execute([])?;
        connection
            .prepare_cached("UPDATE _physio_outbox SET unit_id = ?1 WHERE unit_id IS NULL")?
            .execute([connection.last_insert_rowid()])?;
    }
    Ok(())
}

fn open_unit(connection: &Connection) -> Result<i64> {
    connection.prepare_cached("INSERT INTO _physio_units DEFAULT VALUES")?.execute([])?;
    let unit = connection.last_insert_rowid();
    connection.prepare_cached("UPDATE _physio_control SET unit = ?1 WHERE id = 1")?.execute([unit])?;
    Ok(unit)
}

fn close_unit(connection: &Connection, plan: &Plan, unit: i64) -> Result<Vec<LocalChange>> {
    let changes = connection
        .prepare_cached(
            "SELECT change_id, table_name, row_key, op FROM _physio_outbox WHERE unit_id = ?1 ORDER BY change_id",
        )?
        .query_and_then([unit], |row| local_change(plan, row))?
        .collect::<Result<Vec<_>>>()?;
    if changes.is_empty() {
        connection.prepare_cached("DELETE FROM _physio_units WHERE unit_id = ?1")?.execute([unit])?;
    }
    connection.prepare_cached("UPDATE _physio_control SET unit = NULL WHERE id = 1")?.execute([])?;
    Ok(changes)
}

/// After a closure that ended the transaction by itself: what it committed stays a unit of its own, and other
/// clients' writes must not be added to it.
fn forget_unit(connection: &Connection, unit: i64) -> Result<()> {
    connections::in_transaction(connection, || {
        connection.execute("UPDATE _physio_control SET unit = NULL WHERE id = 1", [])?;
        outbox::delete_empty_unit(connection, unit)
    })
}

/// Reads `change_id, table_name, row_key, op`.
pub(super) fn local_change(plan: &Plan, row: &Row<'_>) -> Result<LocalChange> {
    let operation: String = row.get(3)?;
    let table: String = row.get(1)?;
    Ok(LocalChange {
        change: row.get(0)?,
        key: shown_key(plan.table(&table), &row.get::<_, String>(2)?),
        table,
        operation: operation
            .parse::<Operation>()
            .map_err(|_| failure::damaged("an unknown operation in its outbox"))?,
    })
}

/// What the server made of a temporary key.
pub(super) fn server_key(connection: &Connection, table: &str, temporary: i64) -> Result<Option<String>> {
    let found = connection
        .prepare_cached(
            "SELECT server_key FROM _physio_temporary_keys WHERE table_name = ?1 AND temporary_key = ?2",
        )?
        .query_row(params![table, temporary], |row| row.get::<_, Option<String>>(0))
        .optional()?;
    Ok(found.flatten())
}

impl WriteTransaction<'_> {
    /// Inserts a row and returns its key: a temporary one where the server makes the key.
    ///
    /// # Errors
    ///
    /// `Constraint` when the row breaks a rule of its table.
    pub fn insert<V: RowValues>(&self, row: V) -> Result<<V::Table as Table>::Key> {
        let plan = self.table(<V::Table as FromRow>::TABLE)?;
        let (columns, values) = self.resolved(plan, row.values())?;
        let returning = columns_text(<V::Table as Table>::KEY);
        let sql = if columns.is_empty() {
            format!("INSERT INTO {} DEFAULT VALUES RETURNING {returning}", quote_identifier(&plan.name))
        } else {
            let places = vec!["?"; columns.len()].join(", ");
            format!(
                "INSERT INTO {} ({}) VALUES ({places}) RETURNING {returning}",
                quote_identifier(&plan.name),
                columns_text(&columns)
            )
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let row = rows.next()?.ok_or_else(|| Error::new(ErrorKind::Sql, "the insert returned no key"))?;
        let key = <V::Table as Table>::Key::from_row(row)?;
        // A statement that is not run to its end is rolled back.
        while rows.next()?.is_some() {}
        Ok(key)
    }

    /// Changes the set fields of one row; `false` when there is no such row (or nothing is set).
    ///
    /// # Errors
    ///
    /// `Constraint` when the new values break a rule of the table.
    pub fn update<T: Table>(&self, key: T::Key, patch: T::Patch) -> Result<bool> {
        let plan = self.table(T::TABLE)?;
        let (columns, mut values) = self.resolved(plan, patch.values())?;
        if columns.is_empty() {
            return Ok(false);
        }
        let assignments: Vec<String> =
            columns.iter().map(|column| format!("{} = ?", quote_identifier(column))).collect();
        let sql = format!(
            "UPDATE {} SET {} WHERE {}",
            quote_identifier(&plan.name),
            assignments.join(", "),
            key_condition(T::KEY)
        );
        values.extend(self.resolved_key(plan, key.to_values())?);
        Ok(self.connection.prepare_cached(&sql)?.execute(params_from_iter(values))? > 0)
    }

    /// Deletes one row; `false` when there is no such row.
    ///
    /// # Errors
    ///
    /// `Constraint` when other rows of the cache refer to it and the foreign key forbids that.
    pub fn delete<T: Table>(&self, key: T::Key) -> Result<bool> {
        let plan = self.table(T::TABLE)?;
        let sql = format!("DELETE FROM {} WHERE {}", quote_identifier(&plan.name), key_condition(T::KEY));
        let key = self.resolved_key(plan, key.to_values())?;
        Ok(self.connection.prepare_cached(&sql)?.execute(params_from_iter(key))? > 0)
    }

    /// Reads one row, with what this transaction has written.
    ///
    /// # Errors
    ///
    /// `Field` when a stored value does not fit its Rust type.
    pub fn get<T: Table>(&self, key: T::Key) -> Result<Option<T>> {
        let plan = self.table(T::TABLE)?;
        let sql = format!(
            "SELECT {} FROM {} WHERE {}",
            columns_text(T::COLUMNS),
            quote_identifier(&plan.name),
            key_condition(T::KEY)
        );
        let key = self.resolved_key(plan, key.to_values())?;
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(key))?;
        match rows.next()? {
            Some(row) => Ok(Some(T::from_row(row)?)),
            None => Ok(None),
        }
    }

    /// Runs one statement of raw SQL and says how many rows it changed; the capture triggers do the rest.
    ///
    /// # Errors
    ///
    /// `Sql` when SQLite does not accept it; `Constraint` when it breaks a rule of a table.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// Runs one statement that returns rows (a SELECT, or a write with RETURNING).
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute), and what `f` returns.
    pub fn query<R>(
        &self,
        sql: &str,
        params: impl Params,
        f: impl FnMut(&Row<'_>) -> Result<R>,
    ) -> Result<Vec<R>> {
        self.connection.prepare_cached(sql)?.query_and_then(params, f)?.collect()
    }

    fn table(&self, name: &str) -> Result<&TablePlan> {
        self.plan.table(name).ok_or_else(|| failure::unknown_table(name))
    }

    /// Splits columns from values; a temporary key that has meanwhile been mapped becomes the real one.
    fn resolved(
        &self,
        plan: &TablePlan,
        values: Vec<(&'static str, Value)>,
    ) -> Result<(Vec<&'static str>, Vec<Value>)> {
        let (columns, mut values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        for (column, value) in columns.iter().zip(&mut values) {
            let Some(position) = plan.position(column) else { continue };
            // What a row is to be called is what its writer says.
            if plan.temporary_key != Some(position) {
                self.resolve(plan, position, value)?;
            }
        }
        Ok((columns, values))
    }

    fn resolved_key(&self, plan: &TablePlan, mut key: Vec<Value>) -> Result<Vec<Value>> {
        for (&position, value) in plan.key.iter().zip(&mut key) {
            self.resolve(plan, position, value)?;
        }
        Ok(key)
    }

    fn resolve(&self, plan: &TablePlan, position: usize, value: &mut Value) -> Result<()> {
        let Value::Integer(number) = *value else { return Ok(()) };
        if number < FIRST_TEMPORARY_KEY {
            return Ok(());
        }
        for owner in self.plan.key_owners(plan, position) {
            if let Some(key) = server_key(self.connection, &owner.name, number)? {
                *value = key.parse().map_or(Value::Text(key), Value::Integer);
                break;
            }
        }
        Ok(())
    }
}

fn columns_text(columns: &[&str]) -> String {
    columns.iter().map(|column| quote_identifier(column)).collect::<Vec<_>>().join(", ")
}

fn key_condition(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("{} = ?", quote_identifier(column))).collect::<Vec<_>>().join(" AND ")
}
