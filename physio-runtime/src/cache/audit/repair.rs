//! Bringing a range to what the server has, row by row: what is equal stays untouched.

use super::local::{out_of_order, range_condition};
use super::{Span, numbers};
use crate::bridge::wire::{BridgeError, RowSink};
use crate::cache::apply::ChangeLog;
use crate::cache::failure::unknown_table;
use crate::cache::page::other_columns;
use crate::cache::rebase::rebase_row;
use crate::cache::report::RowChange;
use crate::cache::rows::{self, Layout, RowKey};
use crate::cache::{Cache, batch, calendar, outbox};
use crate::{Plan, Result};
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::quote_identifier;
use rusqlite::Connection;
use std::collections::HashSet;
use std::sync::Arc;

/// Rows compared in one transaction: a local write waits for a few milliseconds at the most.
const SLICE_ROWS: usize = 500;

/// The rows of one span, as they came.
#[derive(Debug)]
pub(crate) struct SpanSink {
    plan: Arc<Plan>,
    layout: Option<Layout>,
    lines: Vec<String>,
}

/// What a repair changed.
#[derive(Debug, Default)]
pub(crate) struct Repair {
    pub(crate) n_rows: u64,
    /// Rows that were read for it.
    pub(crate) n_reread: u64,
    log: ChangeLog,
}

impl Repair {
    pub(crate) fn into_changes(self) -> Vec<RowChange> {
        self.log.into_changes()
    }
}

impl Cache {
    /// An empty sink.
    pub(crate) fn span_sink(&self) -> SpanSink {
        SpanSink { plan: Arc::clone(self.plan()), layout: None, lines: Vec::new() }
    }

    /// Writes the rows of a span that differ here, and removes those that the server does not have (only where
    /// both sides have the same order of keys). Rows with unsent changes are rebased, as by a pull. False when a
    /// batch waits for its answer, which must come first; what was done so far may be done again.
    pub(crate) fn repair_span(
        &self,
        table: &str,
        span: &Span,
        sink: SpanSink,
        is_ordered: bool,
        repair: &mut Repair,
    ) -> Result<bool> {
        let table = self.plan().table(table).ok_or_else(|| unknown_table(table))?;
        let mut seen = HashSet::new();
        repair.n_reread += sink.lines.len() as u64;
        if let Some(layout) = &sink.layout {
            for lines in sink.lines.chunks(SLICE_ROWS) {
                let is_done = self.apply_transaction(|connection| {
                    if batch::in_flight_number(connection)?.is_some() {
                        return Ok(false);
                    }
                    let now = calendar::now_text();
                    for line in lines {
                        let row = layout.read(connection, table, line)?;
                        let key = RowKey::of_row(table, &row);
                        if rows::select(connection, table, &key)?.as_ref() != Some(&row) {
                            let is_unsent = has_changes(connection, table, &key)?;
                            let status = rebase_row(connection, table, &key, Some(&row), &now)?;
                            if !is_unsent {
                                repair.n_rows += 1;
                                repair.log.add(&table.name, status, || layout.wire_key(table, line))?;
                            }
                        }
                        seen.insert(key.text);
                    }
                    Ok(true)
                })?;
                if !is_done {
                    return Ok(false);
                }
            }
        }
        if !is_ordered {
            return Ok(true);
        }
        let unseen = self.unseen(table, span, &seen)?;
        self.remove_rows(&table.name, &unseen, repair)
    }

    /// Removes rows without unsent changes, by their keys in captured spelling.
    pub(crate) fn remove_rows(&self, table: &str, keys: &[String], repair: &mut Repair) -> Result<bool> {
        let table = self.plan().table(table).ok_or_else(|| unknown_table(table))?;
        for keys in keys.chunks(SLICE_ROWS) {
            let is_done = self.apply_transaction(|connection| {
                if batch::in_flight_number(connection)?.is_some() {
                    return Ok(false);
                }
                for key in keys {
                    let key = RowKey::from_captured(table, key)?;
                    if rows::delete_synced(connection, table, &key)? {
                        repair.n_rows += 1;
                        repair.log.add(&table.name, None, || {
                            Ok(serde_json::to_string(&key.to_wire(table)?).unwrap_or_default())
                        })?;
                    }
                }
                Ok(true)
            })?;
            if !is_done {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn unseen(&self, table: &TablePlan, span: &Span, seen: &HashSet<String>) -> Result<Vec<String>> {
        let bound = |key: &Option<String>| {
            key.as_deref().map(|key| numbers(table, key).ok_or_else(|| out_of_order(table))).transpose()
        };
        let (after, until) = (bound(&span.after)?, bound(&span.until)?);
        let key: Vec<String> = table.key_columns().map(|column| quote_identifier(&column.name)).collect();
        let sql = format!(
            "SELECT {}, _sync_status FROM {} {}",
            key.join(", "),
            quote_identifier(&table.name),
            range_condition(table, after.is_some(), until.is_some())
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let bound = after.into_iter().chain(until).flatten();
            let mut found = statement.query(rusqlite::params_from_iter(bound))?;
            let mut unseen = Vec::new();
            while let Some(row) = found.next()? {
                let key = RowKey::read(table, row)?;
                if !seen.contains(&key.text) && row.get_ref(table.key.len())?.as_str() == Ok("synced") {
                    unseen.push(key.text);
                }
            }
            Ok(unseen)
        })
    }
}

fn has_changes(connection: &Connection, table: &TablePlan, key: &RowKey) -> Result<bool> {
    Ok(!outbox::changes_of_row(connection, &table.name, &key.text)?.is_empty())
}

impl RowSink for SpanSink {
    fn table(&mut self, table: &str, columns: &[String], _base64: &[usize]) -> Result<(), BridgeError> {
        let Some(plan) = self.plan.table(table) else {
            return Err(BridgeError::Stopped(format!("the bridge sent `{table}`, which was not asked for")));
        };
        self.layout = Some(Layout::new(plan, columns).map_err(|column| other_columns(table, &column))?);
        Ok(())
    }

    fn row(&mut self, line: &str) -> Result<(), BridgeError> {
        self.lines.push(line.to_owned());
        Ok(())
    }

    fn deleted(&mut self, _: &str, _: Vec<String>) -> Result<(), BridgeError> {
        Ok(())
    }
}
