//! What changed on the server: buffered to the last page, then applied together with its cursor.

use super::apply::{ChangeLog, TableApply};
use super::failure::unknown_table;
use super::page::other_columns;
use super::progress::store_cursor;
use super::report::DeltaOutcome;
use super::rows::{Layout, RowKey};
use super::{Cache, batch};
use crate::bridge::wire::{BridgeError, RowSink, StreamEnd};
use crate::{Plan, Result};
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

/// A delta that takes no longer than this is never divided, whoever waits.
const UNDIVIDED: Duration = Duration::from_millis(3);
/// Rows between two looks at who waits.
const ROWS_BETWEEN_LOOKS: u64 = 32;

/// Buffers the pages of a delta, in the order in which they came. Hand the same sink to every request until
/// `more` is false, then to [`Cache::apply_delta`]; dropping it changes nothing.
#[derive(Debug)]
pub struct DeltaSink {
    plan: Arc<Plan>,
    blocks: Vec<Block>,
}

#[derive(Debug)]
enum Block {
    /// Whole lines of one table, each ended by a newline.
    Rows { table: String, layout: Layout, lines: String },
    /// Keys (JSON arrays of wire values) that are gone.
    Deleted { table: String, keys: Vec<String> },
}

impl Cache {
    /// An empty sink.
    pub fn delta_sink(&self) -> DeltaSink {
        DeltaSink { plan: Arc::clone(&self.inner.plan), blocks: Vec::new() }
    }

    /// Applies a whole delta and stores its cursor, in one transaction: a reader sees all of it or nothing.
    ///
    /// Only when a local write of this process waits while a long delta is applied, what is done so far is
    /// committed first, the write has its turn, and the rest follows; the cursor comes with the last row.
    ///
    /// Rows with unsent changes get the server's version with those changes on top. `end` is the end of the
    /// last page. Applying the same delta again changes nothing.
    ///
    /// # Errors
    ///
    /// `Field` when a row does not fit its table; `Usage` for a table that is not in the plan; `Storage` when
    /// the disk refuses. The cursor stays then, so the same delta is asked for again.
    pub fn apply_delta(&self, delta: DeltaSink, end: &StreamEnd) -> Result<DeltaOutcome> {
        let mut log = ChangeLog::default();
        let mut blocks = delta.blocks.into_iter().peekable();
        let mut next_in_block = 0;
        loop {
            let is_complete = self.apply_transaction(|connection| {
                if batch::in_flight_number(connection)?.is_some_and(|number| end.ack >= number) {
                    return Ok(None);
                }
                batch::adopt_acknowledged(connection, end.ack)?;
                let slice = Slice { cache: self, connection, started: self.inner.pace.now() };
                while let Some(block) = blocks.peek() {
                    next_in_block = slice.apply(block, next_in_block, &mut log)?;
                    if next_in_block < block.len() {
                        return Ok(Some(false));
                    }
                    blocks.next();
                    next_in_block = 0;
                }
                if let Some(cursor) = &end.cursor {
                    store_cursor(connection, cursor)?;
                }
                Ok(Some(true))
            })?;
            self.checkpoint_when_due();
            match is_complete {
                None => return Ok(DeltaOutcome::PushFirst),
                Some(true) => return Ok(DeltaOutcome::Applied(log.into_changes())),
                Some(false) => {}
            }
        }
    }
}

/// One transaction of a delta.
struct Slice<'c> {
    cache: &'c Cache,
    connection: &'c Connection,
    started: Duration,
}

impl Slice<'_> {
    /// Applies a block from a place in it on; gives the place where it stopped, its length at the end.
    fn apply(&self, block: &Block, from: usize, log: &mut ChangeLog) -> Result<usize> {
        let plan = &self.cache.inner.plan;
        let table = plan.table(block.table()).ok_or_else(|| unknown_table(block.table()))?;
        let mut apply = TableApply::new(self.connection, table)?;
        let (mut at, mut n_rows) = (from, 0);
        while at < block.len() {
            match block {
                Block::Rows { layout, lines, .. } => {
                    let rest = &lines[at..];
                    let line = &rest[..memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())];
                    let status = apply.row(layout, line)?;
                    log.add(&table.name, status, || layout.wire_key(table, line))?;
                    at += line.len() + 1;
                }
                Block::Deleted { keys, .. } => {
                    let status = apply.delete(&RowKey::from_wire(table, &keys[at])?)?;
                    log.add(&table.name, status, || Ok(keys[at].clone()))?;
                    at += 1;
                }
            }
            n_rows += 1;
            if self.cache.inner.pace.is_look(n_rows, ROWS_BETWEEN_LOOKS) && self.is_over() {
                break;
            }
        }
        Ok(at)
    }

    fn is_over(&self) -> bool {
        let inner = &self.cache.inner;
        inner.gate.is_wanted() && inner.pace.now().saturating_sub(self.started) >= UNDIVIDED
    }
}

impl Block {
    fn table(&self) -> &str {
        match self {
            Self::Rows { table, .. } | Self::Deleted { table, .. } => table,
        }
    }

    /// Bytes of the lines, or number of the keys.
    fn len(&self) -> usize {
        match self {
            Self::Rows { lines, .. } => lines.len(),
            Self::Deleted { keys, .. } => keys.len(),
        }
    }
}

impl RowSink for DeltaSink {
    fn table(&mut self, table: &str, columns: &[String], _base64: &[usize]) -> Result<(), BridgeError> {
        let plan = self.plan.table(table).ok_or_else(|| not_asked_for(table))?;
        let layout = Layout::new(plan, columns).map_err(|column| other_columns(table, &column))?;
        self.blocks.push(Block::Rows { table: table.to_owned(), layout, lines: String::new() });
        Ok(())
    }

    fn row(&mut self, line: &str) -> Result<(), BridgeError> {
        match self.blocks.last_mut() {
            Some(Block::Rows { lines, .. }) => {
                lines.push_str(line);
                lines.push('\n');
                Ok(())
            }
            Some(Block::Deleted { .. }) | None => {
                Err(BridgeError::Stopped("rows came before the table that they belong to".to_owned()))
            }
        }
    }

    fn deleted(&mut self, table: &str, keys: Vec<String>) -> Result<(), BridgeError> {
        if self.plan.table(table).is_none() {
            return Err(not_asked_for(table));
        }
        self.blocks.push(Block::Deleted { table: table.to_owned(), keys });
        Ok(())
    }
}

fn not_asked_for(table: &str) -> BridgeError {
    BridgeError::Stopped(format!("the bridge sent `{table}`, which this application does not sync"))
}
