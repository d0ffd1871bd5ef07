//! The generated indexes of a table: as the plan wants them, or made only after a large first fill.
//!
//! Keeping three indexes up to date costs a fill as much as writing the row does; making them of finished rows
//! costs a fifth of that. So a fill of an empty table that turns out to be large goes on without the indexes that
//! only queries need. Those of unique keys stay, because local writes are checked by them.

use super::Cache;
use crate::Result;
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::quote_identifier;
use rusqlite::Connection;

/// Rows from which a first fill is large.
pub(super) const LARGE_FILL_ROWS: u64 = 2_000;
/// Rows from which a fill keeps all indexes again: making one of more rows would keep a local write waiting for
/// longer than a tenth of a second.
pub(super) const LARGEST_FILL_ROWS: u64 = 200_000;

/// Drops generated indexes that the plan no longer has (or has otherwise) and makes the missing ones.
pub(super) fn bring_indexes_up_to_date(connection: &Connection, table: &TablePlan) -> Result<()> {
    keep_only(connection, table, &table.sql.indexes)
}

/// Drops and makes generated indexes until there are these. Indexes of the application stay.
fn keep_only(connection: &Connection, table: &TablePlan, wanted: &[String]) -> Result<()> {
    let prefix = format!("{}.", table.name);
    let stored: Vec<String> = wanted.iter().map(|sql| stored_spelling(sql)).collect();
    let present: Vec<(String, String)> = connection
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
        )?
        .query_and_then([&table.name], |row| Ok::<_, crate::Error>((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    for (name, sql) in present {
        if name.starts_with(&prefix) && !stored.contains(&stored_spelling(&sql)) {
            connection.execute_batch(&format!("DROP INDEX {}", quote_identifier(&name)))?;
        }
    }
    for statement in wanted {
        connection.execute_batch(statement)?;
    }
    Ok(())
}

/// SQLite stores the statement without `IF NOT EXISTS`.
fn stored_spelling(sql: &str) -> String {
    sql.replacen("IF NOT EXISTS ", "", 1)
}

impl Cache {
    /// Leaves only the indexes of unique keys until [`make_indexes`](Self::make_indexes).
    pub(super) fn defer_indexes(&self, table: &TablePlan) -> Result<()> {
        let unique = &table.sql.indexes[..table.sql.n_unique_indexes];
        self.apply_transaction(|connection| keep_only(connection, table, unique))
    }

    /// Makes what is missing, one index a transaction, so that local writes have their turn in between.
    pub(super) fn make_indexes(&self, table: &TablePlan) -> Result<()> {
        let plain = &table.sql.indexes[table.sql.n_unique_indexes..];
        plain
            .iter()
            .try_for_each(|sql| self.apply_transaction(|connection| Ok(connection.execute_batch(sql)?)))
    }
}
