//! Comparing a table with the server's sums, and bringing a range to what the server has.
//!
//! Where the key is made of integers, both sides have the same order of keys and a range here is a range there. Of
//! other keys SQLite knows no order of MySQL's: there the server sends a sum for every row, and rows are compared one
//! by one.

mod local;
mod record;
mod repair;

pub use record::TableAudit;
pub(crate) use repair::Repair;

use super::Cache;
use super::failure::unknown_table;
use super::line::{Field, parse_line};
use super::rows::RowKey;
use crate::Result;
use crate::bridge::RowSums;
use crate::bridge::wire::{BridgeError, RowSink};
use physio_schema::plan::{Storage, TablePlan};

/// Rows above one key and up to another (JSON arrays of wire values), as far as both sides differ in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) after: Option<String>,
    pub(crate) until: Option<String>,
    /// Whether sums cannot tell, because rows with unsent changes are part of it.
    pub(crate) has_unsent: bool,
    /// Rows of the server in it, as far as known.
    pub(crate) n_rows: u64,
}

/// What the server says of one range: its sums, up to and with the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerRange {
    pub(crate) sums: RowSums,
    pub(crate) until: String,
}

/// Takes the lines of sums.
#[derive(Debug, Default)]
pub(crate) struct SumsSink {
    pub(crate) ranges: Vec<ServerRange>,
}

impl RowSink for SumsSink {
    fn table(&mut self, _: &str, _: &[String], _: &[usize]) -> Result<(), BridgeError> {
        Ok(())
    }

    fn row(&mut self, line: &str) -> Result<(), BridgeError> {
        let mut fields: Vec<Field<'_>> = Vec::new();
        let is_line = parse_line(line, &mut fields).is_ok();
        let range = match fields.as_slice() {
            [Some(n_rows), Some(sum), key @ ..] if is_line && !key.is_empty() => {
                let key = serde_json::to_string(key).unwrap_or_default();
                RowSums::from_wire(n_rows, sum).map(|sums| ServerRange { sums, until: key })
            }
            _ => None,
        };
        self.ranges.push(range.ok_or_else(|| BridgeError::NotABridge {
            status: 200,
            message: "a line of sums is not a number, a sum and a key".into(),
            retry_after: None,
        })?);
        Ok(())
    }

    fn deleted(&mut self, _: &str, _: Vec<String>) -> Result<(), BridgeError> {
        Ok(())
    }
}

impl Cache {
    /// Whether ranges of this table's keys are the same on both sides: all of it are integers that SQLite holds as
    /// numbers.
    pub(crate) fn has_server_order(&self, table: &str) -> Result<bool> {
        let table = self.plan().table(table).ok_or_else(|| unknown_table(table))?;
        if !table.key_columns().all(|column| matches!(column.storage, Storage::Integer | Storage::Unsigned64))
        {
            return Ok(false);
        }
        // Above 2^63 a BIGINT UNSIGNED is a text here.
        let columns = table.key_columns().filter(|column| column.storage == Storage::Unsigned64);
        let texts: Vec<String> = columns
            .map(|column| {
                format!("typeof({}) = 'text'", physio_schema::sqlite::quote_identifier(&column.name))
            })
            .collect();
        if texts.is_empty() {
            return Ok(true);
        }
        let name = physio_schema::sqlite::quote_identifier(&table.name);
        let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {name} WHERE {})", texts.join(" OR "));
        self.read(|connection| Ok(connection.query_row(&sql, [], |row| row.get(0))?))
    }
}

/// A key of the server's as numbers; `None` when it is not made of 64-bit signed ones.
fn numbers(table: &TablePlan, key: &str) -> Option<Vec<i64>> {
    let key = RowKey::from_wire(table, key).ok()?;
    key.cells
        .iter()
        .map(|cell| match cell {
            physio_schema::codec::Cell::Integer(number) => Some(*number),
            _ => None,
        })
        .collect()
}
