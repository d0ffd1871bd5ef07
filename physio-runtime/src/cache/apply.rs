//! Writing what the server sent into one table, inside an open transaction.

use super::calendar;
use super::outbox::keys_with_deletes;
use super::rebase::rebase_row;
use super::report::RowChange;
use super::rows::{self, Layout, RowKey};
use crate::{Result, SyncStatus};
use physio_schema::plan::TablePlan;
use rusqlite::{CachedStatement, Connection, Statement};
use std::collections::HashSet;

/// Keys that one event lists; a longer list says only that the table changed.
pub(super) const LISTED_KEYS: usize = 1_000;

/// So many rows in a row that are not here as they come end the attempt to find them so.
const MAX_UNCONFIRMED: u32 = 64;

/// One table, ready to take rows: the upsert is prepared and the keys that were deleted here are known.
///
/// A row with unsent changes is found without asking the outbox for each row: it stands in its table with a
/// status that stops the upsert, or it was deleted here. So a long outbox does not slow an apply.
pub(super) struct TableApply<'c> {
    connection: &'c Connection,
    table: &'c TablePlan,
    upsert: CachedStatement<'c>,
    /// Tried first while rows are found to be here as they come.
    confirm: Option<CachedStatement<'c>>,
    n_unconfirmed: u32,
    deleted: HashSet<String>,
    now: String,
}

impl<'c> TableApply<'c> {
    /// Must be made inside the transaction that it writes in: a local write between two transactions may
    /// delete further rows.
    pub(super) fn new(connection: &'c Connection, table: &'c TablePlan) -> Result<Self> {
        Ok(Self {
            connection,
            table,
            upsert: connection.prepare_cached(&table.sql.upsert)?,
            confirm: None,
            n_unconfirmed: 0,
            deleted: keys_with_deletes(connection, &table.name)?,
            now: calendar::now_text(),
        })
    }

    /// Expects that most rows are here already, as when a table is read again: what has not changed is not
    /// written anew, with an entry for each index.
    pub(super) fn expect_known(&mut self) -> Result<()> {
        self.confirm = Some(self.connection.prepare_cached(&self.table.sql.confirm)?);
        Ok(())
    }

    /// False once many rows in a row were not here, or not so.
    pub(super) fn expects_known(&self) -> bool {
        self.confirm.is_some()
    }

    fn confirm(&mut self, layout: &Layout, line: &str) -> Result<bool> {
        let (Some(statement), None) = (&mut self.confirm, layout.upsert()) else { return Ok(false) };
        if write_line(layout, self.table, line, &self.now, statement)? > 0 {
            self.n_unconfirmed = 0;
            return Ok(true);
        }
        self.n_unconfirmed += 1;
        if self.n_unconfirmed >= MAX_UNCONFIRMED {
            self.confirm = None;
        }
        Ok(false)
    }

    /// Writes one row; gives its status afterwards (`None`: our own delete of it waits to be pushed).
    pub(super) fn row(&mut self, layout: &Layout, line: &str) -> Result<Option<SyncStatus>> {
        if !self.deleted.is_empty() {
            let row = layout.read(self.connection, self.table, line)?;
            let key = RowKey::of_row(self.table, &row);
            if self.deleted.contains(&key.text) {
                return rebase_row(self.connection, self.table, &key, Some(&row), &self.now);
            }
        }
        if self.confirm(layout, line)? {
            return Ok(Some(SyncStatus::Synced));
        }
        let n_written = match layout.upsert() {
            None => write_line(layout, self.table, line, &self.now, &mut self.upsert)?,
            Some(sql) => {
                let mut upsert = self.connection.prepare_cached(sql)?;
                write_line(layout, self.table, line, &self.now, &mut upsert)?
            }
        };
        if n_written > 0 {
            return Ok(Some(SyncStatus::Synced));
        }
        let row = layout.read(self.connection, self.table, line)?;
        let key = RowKey::of_row(self.table, &row);
        rebase_row(self.connection, self.table, &key, Some(&row), &self.now)
    }

    /// Writes rows by the one statement that is made for their number, which costs half of what single ones do. Where
    /// that is not possible, or some row has unsent changes, it is [`row`](Self::row) for each of them.
    pub(super) fn rows(&mut self, layout: &Layout, lines: &[&str], upsert: Option<&str>) -> Result<()> {
        if let (Some(upsert), true, None) = (upsert, self.deleted.is_empty(), &self.confirm) {
            let mut statement = self.connection.prepare_cached(upsert)?;
            for (row, line) in lines.iter().enumerate() {
                layout.bind(self.table, line, row, &mut statement)?;
            }
            statement.raw_bind_parameter(lines.len() * self.table.columns.len() + 1, &self.now)?;
            if statement.raw_execute()? == lines.len() {
                return Ok(());
            }
            // The statement left out what has unsent changes. To write the others once more changes nothing.
        }
        lines.iter().try_for_each(|line| self.row(layout, line).map(|_| ()))
    }

    /// Removes one row; one with unsent changes stays. Gives its status afterwards.
    pub(super) fn delete(&mut self, key: &RowKey) -> Result<Option<SyncStatus>> {
        if rows::delete_synced(self.connection, self.table, key)? {
            return Ok(None);
        }
        rebase_row(self.connection, self.table, key, None, &self.now)
    }
}

fn write_line(
    layout: &Layout,
    table: &TablePlan,
    line: &str,
    now: &str,
    upsert: &mut Statement<'_>,
) -> Result<usize> {
    layout.bind(table, line, 0, upsert)?;
    upsert.raw_bind_parameter(table.columns.len() + 1, now)?;
    Ok(upsert.raw_execute()?)
}

/// Collects which rows changed, grouped by table and status, in the order in which each group began.
#[derive(Debug, Default)]
pub(super) struct ChangeLog {
    groups: Vec<(RowChange, usize)>,
}

impl ChangeLog {
    /// `key` is only asked for while the list is short enough to be told.
    pub(super) fn add(
        &mut self,
        table: &str,
        status: Option<SyncStatus>,
        key: impl FnOnce() -> Result<String>,
    ) -> Result<()> {
        let at = self.groups.iter().rposition(|(group, _)| group.table == table && group.status == status);
        let at = at.unwrap_or_else(|| {
            let group = RowChange { table: table.to_owned(), keys: Vec::new(), status };
            self.groups.push((group, 0));
            self.groups.len() - 1
        });
        let (group, n_rows) = &mut self.groups[at];
        *n_rows += 1;
        if *n_rows <= LISTED_KEYS {
            group.keys.push(key()?);
        } else if *n_rows == LISTED_KEYS + 1 {
            group.keys = Vec::new();
        }
        Ok(())
    }

    pub(super) fn into_changes(self) -> Vec<RowChange> {
        self.groups.into_iter().map(|(group, _)| group).collect()
    }
}
