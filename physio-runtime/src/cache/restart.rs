//! Beginning again with a part: one table's pull, or the numbering of batches; and the history for people.

use super::progress::reread_table;
use super::{Cache, batch, failure};
use crate::Result;
use serde::Serialize;

/// What `sync_history` says about one table. Times are UTC text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableHistory {
    /// The table.
    pub table: String,
    /// When it was last synced without trouble.
    pub last_sync_at: Option<String>,
    /// Rows pulled so far.
    pub n_pulled: u64,
    /// Changes pushed so far.
    pub n_pushed: u64,
    /// Why it could not be synced, when that is the latest thing known about it.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<String>,
}

impl Cache {
    /// Forgets how much of a table was pulled, because a delta went on without it; its rows stay readable.
    /// The next pull of it removes rows that it does not see again.
    ///
    /// # Errors
    ///
    /// `Usage` when the plan has no such table; `Storage` when the disk refuses.
    pub fn restart_table(&self, table: &str) -> Result<()> {
        if self.plan().table(table).is_none() {
            return Err(failure::unknown_table(table));
        }
        self.apply_transaction(|connection| reread_table(connection, table))
    }

    /// Takes over the server's number of the last batch, after it has told that earlier batches are missing
    /// there (a restored backup): the batch in flight was not applied and is sent anew under the next number.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn restart_batches(&self, last_batch: u64) -> Result<()> {
        self.apply_transaction(|connection| {
            connection.execute("UPDATE _physio_units SET state = 'queued' WHERE state = 'sent'", [])?;
            batch::clear_in_flight(connection, Some(last_batch))
        })
    }

    /// What was noted about each table of the plan that was ever tried, by name.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn history(&self) -> Result<Vec<TableHistory>> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT table_name, last_sync_at, rows_pulled, rows_pushed, last_error, last_error_at
                     FROM sync_history ORDER BY table_name",
                )?
                .query_and_then([], |row| {
                    Ok(TableHistory {
                        table: row.get(0)?,
                        last_sync_at: row.get(1)?,
                        n_pulled: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                        n_pushed: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
                        last_error: row.get(4)?,
                        last_error_at: row.get(5)?,
                    })
                })?
                .collect()
        })
    }
}
