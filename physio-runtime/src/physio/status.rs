//! How things stand, for people.

use super::Physio;
use crate::cache::{TableDrift, TableState};
use crate::error::Result;
use crate::sync::SyncState;
use serde::Serialize;

/// How the cache and its sync stand. Serialises to what the sidecar answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// What the loop is doing.
    pub state: SyncState,
    /// Whether the bridge answered last time; `None` before the first try.
    pub online: Option<bool>,
    /// What is wrong, in a sentence; `None` when nothing is.
    pub trouble: Option<String>,
    /// When the last round ended, UTC.
    pub last_round_at: Option<String>,
    /// The server's state that the whole cache shows is at least as new as this, UTC; `None` when no round of
    /// this process has brought every table up to date yet.
    pub in_sync_as_of: Option<String>,
    /// Changes that are not on the server.
    pub n_pending: u64,
    /// Local transactions that the next pushes will send.
    pub n_queued_units: u64,
    /// Local transactions that wait for a person.
    pub n_attention: u64,
    /// In the order of the waves.
    pub tables: Vec<TableStatus>,
}

/// How one table stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableStatus {
    /// The table.
    pub table: String,
    /// Its wave.
    pub wave: String,
    /// Rows in the cache.
    pub n_rows: u64,
    /// Whether its first pull is complete.
    pub is_complete: bool,
    /// Seconds since it was last in sync; `None` when it never was.
    pub age_s: Option<u64>,
    /// Every row without unsent changes was proven to be the server's as it stood then, UTC; `None` before the first
    /// comparison.
    pub in_sync_as_of: Option<String>,
    /// Why it could not be synced last time.
    pub error: Option<String>,
    /// How the server's table differs from the one that this application was built with; `None` when it does not.
    pub drift: Option<TableDrift>,
}

impl Physio {
    /// How the cache and its sync stand now. Counts the rows of every table: milliseconds, more for millions
    /// of rows.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn status(&self) -> Result<Status> {
        let cache = self.cache();
        let now = self.inner.shared.status.borrow().clone();
        let counts = cache.counts()?;
        let row_counts = cache.row_counts()?;
        let history = cache.history()?;
        let progress = cache.pull_state()?.tables;
        let server = cache.server_memory()?;
        let audits = cache.audits()?;
        let tables = progress.into_iter().map(|progress| {
            let plan = self.plan().table(&progress.table);
            let noted = history.iter().find(|noted| noted.table == progress.table);
            let counted = row_counts.iter().find(|(table, _)| *table == progress.table);
            Ok(TableStatus {
                wave: plan.map(|plan| plan.wave.clone()).unwrap_or_default(),
                n_rows: counted.map_or(0, |(_, n_rows)| *n_rows),
                is_complete: progress.state == TableState::Complete,
                age_s: cache.table_age(&progress.table)?.map(|age| age.as_secs()),
                in_sync_as_of: audits
                    .iter()
                    .find(|audit| audit.table == progress.table)
                    .map(|audit| audit.in_sync_as_of.clone()),
                error: noted.and_then(|noted| noted.last_error.clone()),
                drift: server.get(&progress.table).and_then(|known| known.drift.clone()),
                table: progress.table,
            })
        });
        Ok(Status {
            tables: tables.collect::<Result<_>>()?,
            state: now.state,
            online: now.online,
            trouble: now.trouble.map(|trouble| trouble.text),
            last_round_at: now.last_round_at.map(|at| at.to_string()),
            in_sync_as_of: now.in_sync_as_of.map(|at| at.to_string()),
            n_pending: counts.pending_changes,
            n_queued_units: counts.queued_units,
            n_attention: counts.attention,
        })
    }
}
