//! Whether a MySQL database and a cache file hold the same rows, however many: both sides are read in key order and
//! walked together, so that no more than two rows are in memory.
//!
//! Rows are compared in the wire's spelling, the one language that both sides speak. What is told of a difference is
//! its key and its columns, never a value.

mod merge;
mod order;
mod side;
pub mod spelling;

pub use merge::compare;

use crate::harness::{HarnessError, Result};
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_schema::plan::Plan;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How one table compares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableComparison {
    /// The table's name.
    pub table: String,
    /// Rows on the server.
    pub n_server: u64,
    /// Rows in the cache.
    pub n_cache: u64,
    /// Rows that both have and that are not the same.
    pub n_differing: u64,
    /// Rows of the server that the cache lacks.
    pub n_missing_here: u64,
    /// Rows of the cache that the server lacks.
    pub n_missing_there: u64,
    /// Rows with unsent local changes; whatever they hold, they count as nothing else.
    pub n_unsent: u64,
    /// The first of the rows that differ or are missing.
    pub first: Vec<Difference>,
    /// The keys of the first rows with unsent changes.
    pub first_unsent: Vec<String>,
}

impl TableComparison {
    /// Whether every row that has no unsent changes is the same on both sides.
    pub fn is_equal(&self) -> bool {
        self.n_differing + self.n_missing_here + self.n_missing_there == 0
    }
}

/// One row that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row key as the wire spells it: a JSON array.
    pub key: String,
    /// What is the matter with it.
    pub kind: DifferenceKind,
}

/// What is the matter with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceKind {
    /// These columns differ.
    Columns(Vec<String>),
    /// Only the server has it.
    MissingHere,
    /// Only the cache has it.
    MissingThere,
}

/// Opens a cache file to read only, with the plan that it was made by.
///
/// # Errors
///
/// When the file cannot be read or is no cache.
pub fn open_cache(file: &Path) -> Result<(Connection, Plan)> {
    let failed =
        |error: rusqlite::Error| HarnessError::new(format!("{} cannot be read: {error}", file.display()));
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
    let text: String = connection
        .query_row("SELECT value FROM _physio_meta WHERE name = 'plan'", [], |row| row.get(0))
        .map_err(|_| HarnessError::new(format!("{} is no cache file of Physio", file.display())))?;
    let plan = serde_json::from_str(&text).map_err(|error| {
        HarnessError::new(format!("the plan in {} is of another version: {error}", file.display()))
    })?;
    Ok((connection, plan))
}

/// Compares every table of a plan in one snapshot of each side.
///
/// `most` bounds the keys that are kept of each table. What the server got since the cache's last pull differs too:
/// compare after a pull, or while nobody writes.
///
/// # Errors
///
/// When a side cannot be read.
pub fn compare_all(
    plan: &Plan,
    mysql: &mut Conn,
    sqlite: &Connection,
    most: usize,
) -> Result<Vec<TableComparison>> {
    // Sorted by whole keys; TIMESTAMP values are UTC on the wire.
    mysql.query_drop("SET time_zone = '+00:00', max_sort_length = 16384")?;
    mysql.query_drop("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
    mysql.query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")?;
    let snapshot = sqlite.unchecked_transaction().map_err(side::sqlite)?;
    let compared = plan.tables.iter().map(|table| compare(table, mysql, &snapshot, most)).collect();
    mysql.query_drop("COMMIT")?;
    compared
}
