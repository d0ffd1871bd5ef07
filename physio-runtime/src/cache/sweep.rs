//! Going through all rows of a table in key order, a few in each transaction.

use super::Cache;
use crate::Result;
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::quote_identifier;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

/// Rows of one transaction; more would keep local writes waiting.
const SLICE_ROWS: usize = 500;

/// A statement for the rows of a table that meet a condition.
pub(super) struct Sweep {
    name: String,
    /// `("a", "b")`.
    key: String,
    n_parts: usize,
    /// `UPDATE "t" SET …` or `DELETE FROM "t"`.
    statement: String,
    condition: String,
    /// Key of the last row that was gone through.
    after: Option<Vec<Value>>,
}

impl Sweep {
    pub(super) fn update(table: &TablePlan, assignment: &str, condition: &str) -> Self {
        Self::new(table, &format!("UPDATE {} SET {assignment}", quote_identifier(&table.name)), condition)
    }

    pub(super) fn delete(table: &TablePlan, condition: &str) -> Self {
        Self::new(table, &format!("DELETE FROM {}", quote_identifier(&table.name)), condition)
    }

    fn new(table: &TablePlan, statement: &str, condition: &str) -> Self {
        let key: Vec<String> = table.key_columns().map(|column| quote_identifier(&column.name)).collect();
        Self {
            name: quote_identifier(&table.name),
            key: key.join(", "),
            n_parts: key.len(),
            statement: statement.to_owned(),
            condition: condition.to_owned(),
            after: None,
        }
    }

    /// Every slice but the last, each in a transaction of its own; `last` runs in the transaction of the last one.
    pub(super) fn run<R>(mut self, cache: &Cache, last: impl FnOnce(&Connection) -> Result<R>) -> Result<R> {
        let mut last = Some(last);
        loop {
            let done = cache.apply_transaction(|connection| {
                if self.slice(connection)? {
                    return Ok(None);
                }
                last.take().map(|last| last(connection)).transpose()
            })?;
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    /// Whether rows may be left behind this slice.
    fn slice(&mut self, connection: &Connection) -> Result<bool> {
        let marks = vec!["?"; self.n_parts].join(", ");
        let above = self.after.as_ref().map(|_| format!("({}) > ({marks})", self.key));
        let start: Vec<Value> = self.after.take().unwrap_or_default();
        let whole = above.as_deref().unwrap_or("TRUE");
        let end: Option<Vec<Value>> = connection
            .prepare_cached(&format!(
                "SELECT {key} FROM {} WHERE {whole} ORDER BY {key} LIMIT 1 OFFSET {}",
                self.name,
                SLICE_ROWS - 1,
                key = self.key,
            ))?
            .query_row(params_from_iter(&start), |row| (0..self.n_parts).map(|part| row.get(part)).collect())
            .optional()?;
        let below = if end.is_some() { format!("({}) <= ({marks})", self.key) } else { "TRUE".to_owned() };
        connection
            .prepare_cached(&format!("{} WHERE {} AND {whole} AND {below}", self.statement, self.condition))?
            .execute(params_from_iter(start.iter().chain(end.iter().flatten())))?;
        self.after = end;
        Ok(self.after.is_some())
    }
}
