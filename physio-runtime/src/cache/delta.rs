//! What changed on the server: buffered to the last page, then one transaction with the cursor.

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
    /// Rows with unsent changes get the server's version with those changes on top. `end` is the end of the
    /// last page. Applying the same delta again changes nothing.
    ///
    /// # Errors
    ///
    /// `Field` when a row does not fit its table; `Usage` for a table that is not in the plan; `Storage` when
    /// the disk refuses. Nothing is applied then, and the cursor stays.
    pub fn apply_delta(&self, delta: DeltaSink, end: &StreamEnd) -> Result<DeltaOutcome> {
        let outcome = self.apply_transaction(|connection| {
            if batch::in_flight_number(connection)?.is_some_and(|number| end.ack >= number) {
                return Ok(DeltaOutcome::PushFirst);
            }
            batch::adopt_acknowledged(connection, end.ack)?;
            let mut log = ChangeLog::default();
            for block in &delta.blocks {
                apply_block(connection, &self.inner.plan, block, &mut log)?;
            }
            if let Some(cursor) = &end.cursor {
                store_cursor(connection, cursor)?;
            }
            Ok(DeltaOutcome::Applied(log.into_changes()))
        })?;
        self.checkpoint_when_due();
        Ok(outcome)
    }
}

fn apply_block(connection: &Connection, plan: &Plan, block: &Block, log: &mut ChangeLog) -> Result<()> {
    match block {
        Block::Rows { table, layout, lines } => {
            let table = plan.table(table).ok_or_else(|| unknown_table(table))?;
            let mut apply = TableApply::new(connection, table)?;
            for line in lines.lines() {
                let status = apply.row(layout, line)?;
                log.add(&table.name, status, || layout.wire_key(table, line))?;
            }
        }
        Block::Deleted { table, keys } => {
            let table = plan.table(table).ok_or_else(|| unknown_table(table))?;
            let mut apply = TableApply::new(connection, table)?;
            for key in keys {
                let status = apply.delete(&RowKey::from_wire(table, key)?)?;
                log.add(&table.name, status, || Ok(key.clone()))?;
            }
        }
    }
    Ok(())
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
