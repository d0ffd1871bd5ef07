//! How far the pull has come: the cursor, the pages of each table, and the history for people.

use super::outbox::{load_meta, store_meta};
use super::report::{PullState, TableProgress, TableState};
use super::sweep::Sweep;
use super::{Cache, batch, calendar, connections, failure};
use crate::Result;
use crate::bridge::wire::Cursor;
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;

/// Names of `_physio_meta` that the pull uses.
const CURSOR: &str = "cursor";

impl Cache {
    /// Where the pull stands.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn pull_state(&self) -> Result<PullState> {
        self.read(|connection| self.load_pull_state(connection))
    }

    /// As [`pull_state`](Self::pull_state), by the connection of applies, which no page may be using just now: a change
    /// of an index, which a first fill makes, would have a reader read the whole schema anew first.
    pub(crate) fn pull_state_between_pages(&self) -> Result<PullState> {
        self.load_pull_state(&*self.applier()?)
    }

    fn load_pull_state(&self, connection: &Connection) -> Result<PullState> {
        let cursor = load_meta(connection, CURSOR)?.map(Cursor);
        let mut tables = Vec::with_capacity(self.inner.plan.tables.len());
        for name in self.inner.plan.waves.iter().flat_map(|wave| &wave.tables) {
            tables.push(load_progress(connection, name)?);
        }
        Ok(PullState { cursor, tables })
    }

    /// The epoch of the cursor: rows of another one do not go with what is here. `None` before the first pull.
    pub(crate) fn epoch(&self) -> Result<Option<String>> {
        epoch(&*self.applier()?)
    }

    /// Stores the cursor of a first pull, before its first page: what changes while the pages are read lies
    /// behind it. `acknowledged` is the device's last batch that the server had applied then.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn store_first_cursor(&self, cursor: &Cursor, acknowledged: u64) -> Result<()> {
        self.apply_transaction(|connection| {
            batch::mark_answer_late(connection, acknowledged)?;
            store_cursor(connection, cursor)
        })
    }

    /// Forgets the cursor and the progress; rows and unsent changes stay and remain readable.
    ///
    /// The next first pull finds out which rows are still there: those that it does not see again are removed
    /// at the end of their table, except where they have unsent changes.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn restart_pull(&self) -> Result<()> {
        self.apply_transaction(|connection| {
            store_meta(connection, CURSOR, None)?;
            connection.execute(
                "UPDATE _physio_tables SET state = 'empty', after_key = NULL, pulled_rows = 0",
                [],
            )?;
            Ok(())
        })
    }

    /// Notes for people that a table was synced now.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn store_sync_success(&self, table: &str, n_rows_pulled: u64) -> Result<()> {
        self.store_sync_successes(&[(table, n_rows_pulled)])
    }

    /// As [`store_sync_success`](Self::store_sync_success) for several tables, in one transaction.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn store_sync_successes(&self, tables: &[(&str, u64)]) -> Result<()> {
        if tables.is_empty() {
            return Ok(());
        }
        self.apply_transaction(|connection| {
            let mut note = connection.prepare_cached(
                    "INSERT INTO sync_history (table_name, last_sync_at, rows_pulled)
                     VALUES (?1, ?3, ?2)
                     ON CONFLICT (table_name) DO UPDATE SET last_sync_at = excluded.last_sync_at,
                       rows_pulled = rows_pulled + excluded.rows_pulled, last_error = NULL, last_error_at = NULL",
                )?;
            let now = calendar::now_text_ms();
            for (table, n_rows) in tables {
                note.execute(params![table, i64::try_from(*n_rows).unwrap_or(i64::MAX), now])?;
            }
            Ok(())
        })
    }

    /// Notes for people why a table could not be synced; it holds no value of a row.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn store_sync_failure(&self, table: &str, error: &str) -> Result<()> {
        self.apply_transaction(|connection| {
            connection
                .prepare_cached(
                    "INSERT INTO sync_history (table_name, last_error, last_error_at)
                     VALUES (?1, ?2, ?3)
                     ON CONFLICT (table_name) DO UPDATE SET last_error = excluded.last_error,
                       last_error_at = excluded.last_error_at",
                )?
                .execute(params![table, error, calendar::now_text_ms()])?;
            Ok(())
        })
    }

    /// Time since a table was last synced; `None` when it never was.
    ///
    /// A clock that was set back gives zero.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn table_age(&self, table: &str) -> Result<Option<Duration>> {
        self.read(|connection| {
            let seconds: Option<Option<f64>> = connection
                .prepare_cached(
                    "SELECT (julianday('now') - julianday(last_sync_at)) * 86400.0 FROM sync_history
                     WHERE table_name = ?1",
                )?
                .query_row([table], |row| row.get(0))
                .optional()?;
            Ok(seconds
                .flatten()
                .map(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default()))
        })
    }

    /// One transaction of the sync: local writes of this process go first.
    pub(super) fn apply_transaction<R>(&self, f: impl FnOnce(&Connection) -> Result<R>) -> Result<R> {
        let _turn = self.inner.gate.enter_apply();
        let connection = self.applier()?;
        connections::in_transaction(&connection, || f(&connection))
    }
}

fn load_progress(connection: &Connection, table: &str) -> Result<TableProgress> {
    let found: Option<(String, Option<String>, i64)> = connection
        .prepare_cached("SELECT state, after_key, pulled_rows FROM _physio_tables WHERE table_name = ?1")?
        .query_row([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (state, after_key, pulled_rows) = found.ok_or_else(|| failure::damaged("no progress of a table"))?;
    let state = match state.as_str() {
        "empty" => TableState::Empty,
        "pulling" => TableState::Pulling,
        "complete" => TableState::Complete,
        _ => return Err(failure::damaged("an unknown state of a table")),
    };
    let pulled_rows = u64::try_from(pulled_rows).unwrap_or(0);
    Ok(TableProgress { table: table.to_owned(), state, after_key, pulled_rows })
}

/// Stores the cursor, in the transaction of the rows that it vouches for.
pub(super) fn store_cursor(connection: &Connection, cursor: &Cursor) -> Result<()> {
    store_meta(connection, CURSOR, Some(&cursor.0))
}

/// The epoch of the stored cursor.
pub(super) fn epoch(connection: &Connection) -> Result<Option<String>> {
    Ok(load_meta(connection, CURSOR)?.map(|cursor| Cursor(cursor).epoch().to_owned()))
}

impl Cache {
    /// Whether the next page of a table is its first.
    pub(super) fn is_at_start(&self, table: &TablePlan) -> Result<bool> {
        Ok(load_progress(&*self.applier()?, &table.name)?.after_key.is_none())
    }

    /// Before a table's first chunk: marks the rows of an earlier pull as not seen (`_last_synced_at` NULL).
    ///
    /// The table is `empty` until all are marked, so a kill in between only means that it is done again. Gives how
    /// many rows its pull has brought so far, and `None` when this is its first page and it holds no row at all.
    ///
    /// `is_first`: the page was asked for from the first row. Another one, of a table that was set back meanwhile, begins
    /// nothing: the rows before it would not be seen.
    pub(super) fn begin_table(&self, table: &TablePlan, is_first: bool) -> Result<Option<u64>> {
        // As in `pull_state_between_pages`, not by a reader.
        let progress = load_progress(&*self.applier()?, &table.name)?;
        if progress.state != TableState::Empty || !is_first {
            return Ok(Some(progress.pulled_rows));
        }
        let no_row = format!("SELECT NOT EXISTS (SELECT 1 FROM {})", quote_identifier(&table.name));
        Sweep::update(table, "_last_synced_at = NULL", "_last_synced_at IS NOT NULL").run(
            self,
            |connection| {
                store_state(connection, &table.name, "pulling")?;
                forget_theirs(connection, &table.name)?;
                let holds_none: bool = connection.prepare_cached(&no_row)?.query_row([], |row| row.get(0))?;
                Ok((!holds_none).then_some(0))
            },
        )
    }

    /// After a table's last page: rows of an earlier pull that were not seen again are gone on the server. False when
    /// somebody has asked meanwhile that the table be read again; then nothing is known of what was not seen.
    pub(super) fn finish_table(&self, table: &TablePlan) -> Result<bool> {
        self.make_indexes(table)?;
        if load_progress(&*self.applier()?, &table.name)?.state != TableState::Pulling {
            return Ok(false);
        }
        let unseen = "_last_synced_at IS NULL AND _sync_status = 'synced'";
        Sweep::delete(table, unseen).run(self, |connection| {
            let is_pulling = load_progress(connection, &table.name)?.state == TableState::Pulling;
            if is_pulling {
                store_state(connection, &table.name, "complete")?;
            }
            Ok(is_pulling)
        })
    }
}

/// A row that is gone on the server is in no page. The pages bring the server's side of each conflict that still has
/// one, so what is not brought is gone, and no decision may bring it back.
fn forget_theirs(connection: &Connection, table: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE _physio_conflicts SET theirs = NULL WHERE table_name = ?1 AND change_id > 0")?
        .execute([table])?;
    Ok(())
}

fn store_state(connection: &Connection, table: &str, state: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE _physio_tables SET state = ?2 WHERE table_name = ?1")?
        .execute([table, state])?;
    Ok(())
}

/// Stores how far a table's pages have come, in the transaction of their rows. A table that was set back while a page
/// was on its way stays so: the pages before are not seen by the reading that begins now.
pub(super) fn store_chunk(
    connection: &Connection,
    table: &str,
    after_key: Option<&str>,
    n_rows: u64,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE _physio_tables SET after_key = coalesce(?2, after_key), pulled_rows = pulled_rows + ?3
             WHERE table_name = ?1 AND state = 'pulling'",
        )?
        .execute(params![table, after_key, i64::try_from(n_rows).unwrap_or(i64::MAX)])?;
    Ok(())
}

/// Has a table read again from its first page; its rows stay readable meanwhile.
pub(super) fn reread_table(connection: &Connection, table: &str) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE _physio_tables SET state = 'empty', after_key = NULL, pulled_rows = 0 WHERE table_name = ?1",
        )?
        .execute([table])?;
    Ok(())
}
