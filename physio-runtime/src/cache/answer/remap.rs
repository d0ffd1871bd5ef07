//! Temporary keys become real ones: in the key map, in queued changes, in rows and in what refers to them.

mod queued;

use super::Push;
use crate::bridge::wire::MappedKey;
use crate::cache::batch::temporary_number;
use crate::cache::rebase::rebase_row;
use crate::cache::report::Remapped;
use crate::cache::rows::{self, RowKey};
use crate::{Plan, Result};
use physio_schema::codec::{Cell, cell_from_captured};
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::internal::FIRST_TEMPORARY_KEY;
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Temporary key to the server's key (text), by table.
type Mapped = HashMap<String, HashMap<i64, String>>;

impl Push<'_> {
    /// Replaces every mapped key wherever it stands.
    pub(super) fn remap(&mut self, keys: &[MappedKey]) -> Result<()> {
        let mut mapped = Mapped::new();
        for key in keys {
            let Some(temporary) = temporary_number(&key.temp) else { continue };
            if self.plan.table(&key.table).is_none() {
                continue;
            }
            self.connection
                .prepare_cached(
                    "INSERT INTO _physio_temporary_keys (table_name, temporary_key, server_key) VALUES (?1, ?2, ?3)
                     ON CONFLICT (table_name, temporary_key) DO UPDATE SET server_key = excluded.server_key",
                )?
                .execute(params![key.table, temporary, key.key])?;
            mapped.entry(key.table.clone()).or_default().insert(temporary, key.key.clone());
            self.report.remapped.push(Remapped {
                table: key.table.clone(),
                temporary_key: temporary,
                server_key: key.key.clone(),
            });
        }
        if mapped.is_empty() {
            return Ok(());
        }
        queued::remap_queued(self.connection, self.plan, &mapped)?;
        for table in &self.plan.tables {
            for (position, owner) in key_columns(self.plan, table) {
                let Some(mapped) = mapped.get(&owner.name) else { continue };
                if table.key.contains(&position) {
                    self.remap_row_keys(table, position, mapped)?;
                } else {
                    remap_references(self.connection, table, position, owner)?;
                }
            }
        }
        Ok(())
    }

    /// Rows whose own key holds a mapped key move to the real one. Where a pull has brought that row already,
    /// the temporary one goes, and its unsent changes are laid over the server's.
    fn remap_row_keys(
        &self,
        table: &TablePlan,
        position: usize,
        mapped: &HashMap<i64, String>,
    ) -> Result<()> {
        let column = quote_identifier(&table.columns[position].name);
        let name = quote_identifier(&table.name);
        let key_list: Vec<String> = table.key_columns().map(|key| quote_identifier(&key.name)).collect();
        let sql = format!(
            "SELECT {} FROM {name} WHERE {column} >= {FIRST_TEMPORARY_KEY} AND typeof({column}) = 'integer'",
            key_list.join(", ")
        );
        let part = table.key.iter().position(|&key| key == position).unwrap_or(0);
        let keys: Vec<RowKey> = self
            .connection
            .prepare_cached(&sql)?
            .query_and_then([], |row| RowKey::read(table, row))?
            .collect::<Result<_>>()?;
        for old in keys {
            let Cell::Integer(number) = old.cells[part] else { continue };
            let Some(server_key) = mapped.get(&number) else { continue };
            let cell = cell_from_captured(&table.columns[position], Some(server_key))?.into_owned();
            let new = old.with_part(part, cell.clone());
            match rows::select(self.connection, table, &new)? {
                Some(server) => {
                    rows::delete(self.connection, table, &old)?;
                    rebase_row(self.connection, table, &new, Some(&server), &self.now)?;
                }
                None => {
                    let sql = format!("UPDATE {name} SET {column} = ? WHERE {}", rows::key_condition(table));
                    let mut statement = self.connection.prepare_cached(&sql)?;
                    statement.raw_bind_parameter(1, rows::bound(&cell))?;
                    for (at, cell) in old.cells.iter().enumerate() {
                        statement.raw_bind_parameter(at + 2, rows::bound(cell))?;
                    }
                    statement.raw_execute()?;
                }
            }
        }
        Ok(())
    }
}

/// Columns of a table in which a temporary key may stand, and the table whose key it is.
fn key_columns<'p>(
    plan: &'p Plan,
    table: &'p TablePlan,
) -> impl Iterator<Item = (usize, &'p TablePlan)> + 'p {
    (0..table.columns.len()).flat_map(move |position| {
        plan.key_owners(table, position).into_iter().map(move |owner| (position, owner))
    })
}

/// One statement per referring column, whatever the number of keys: a scan of the column at worst.
fn remap_references(
    connection: &Connection,
    table: &TablePlan,
    position: usize,
    owner: &TablePlan,
) -> Result<()> {
    let name = quote_identifier(&table.name);
    let column = quote_identifier(&table.columns[position].name);
    let sql = format!(
        "UPDATE {name} SET {column} = (
           SELECT CASE WHEN CAST(CAST(server_key AS INTEGER) AS TEXT) = server_key
             THEN CAST(server_key AS INTEGER) ELSE server_key END
           FROM _physio_temporary_keys WHERE table_name = ?1 AND temporary_key = {name}.{column})
         WHERE {column} >= {FIRST_TEMPORARY_KEY} AND EXISTS (
           SELECT 1 FROM _physio_temporary_keys
           WHERE table_name = ?1 AND temporary_key = {name}.{column} AND server_key IS NOT NULL)"
    );
    connection.prepare_cached(&sql)?.execute([&owner.name])?;
    Ok(())
}
