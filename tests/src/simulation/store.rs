//! The content of the server's database as values: for backups, and for a change of its schema.

use physio_schema::sqlite::quote_identifier as quoted;
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, Result};

/// Every row of every table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content(Vec<Table>);

#[derive(Debug, Clone, PartialEq)]
struct Table {
    name: String,
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Content {
    /// Reads everything, the counters of generated keys included.
    pub(super) fn load(store: &Connection) -> Result<Self> {
        let mut names: Vec<String> = store
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_>>()?;
        names.push("sqlite_sequence".to_owned());
        names.into_iter().map(|name| Table::load(store, name)).collect::<Result<_>>().map(Self)
    }

    /// Puts it into a store, in place of what is there. Tables and columns that the store does not have are left
    /// out; `renamed` says what a column is called there.
    pub(super) fn store(
        &self,
        store: &Connection,
        renamed: impl Fn(&str, &str) -> Option<String>,
    ) -> Result<()> {
        store.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        store.execute_batch("PRAGMA foreign_keys = OFF; BEGIN")?;
        for table in &self.0 {
            table.store(store, &renamed)?;
        }
        store.execute_batch("COMMIT; PRAGMA foreign_keys = ON")?;
        store.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
        Ok(())
    }
}

impl Table {
    fn load(store: &Connection, name: String) -> Result<Self> {
        let mut statement = store.prepare(&format!("SELECT * FROM {}", quoted(&name)))?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let width = columns.len();
        let read = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect::<Result<Vec<Value>>>();
        let rows = statement.query_map([], read)?.collect::<Result<_>>()?;
        Ok(Self { name, columns, rows })
    }

    fn store(&self, store: &Connection, renamed: &impl Fn(&str, &str) -> Option<String>) -> Result<()> {
        let known: Vec<String> = store
            .prepare("SELECT name FROM pragma_table_info(?1)")?
            .query_map([&self.name], |row| row.get(0))?
            .collect::<Result<_>>()?;
        if known.is_empty() {
            return Ok(());
        }
        let kept: Vec<(usize, String)> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| {
                let name = if known.contains(column) { column.clone() } else { renamed(&self.name, column)? };
                known.contains(&name).then_some((at, name))
            })
            .collect();
        let names: Vec<String> = kept.iter().map(|(_, name)| quoted(name)).collect();
        let marks = vec!["?"; kept.len()].join(", ");
        store.execute(&format!("DELETE FROM {}", quoted(&self.name)), [])?;
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", quoted(&self.name), names.join(", "));
        let mut insert = store.prepare(&sql)?;
        for row in &self.rows {
            insert.execute(rusqlite::params_from_iter(kept.iter().map(|(at, _)| &row[*at])))?;
        }
        Ok(())
    }
}
