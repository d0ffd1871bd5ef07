//! The server's answer to a batch: everything that follows from it, in one transaction.

mod park;
mod remap;

use super::apply::ChangeLog;
use super::migrate::with_present_names;
use super::outbox::{self, Captured};
use super::progress::{self, reread_table};
use super::rebase::{captured_row, rebase_row, status_of_row};
use super::report::{Operation, ParkedState, PushReport};
use super::rows::{self, Cells, Layout, RowKey, shown_key};
use super::{Cache, batch, calendar, write};
use crate::bridge::wire::{BatchAnswer, KeptColumns, RowBlock, UnitOutcome, UnitStatus};
use crate::{Plan, Result, SyncStatus};
use physio_schema::plan::TablePlan;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

impl Cache {
    /// Applies the answer to the batch in flight, in one transaction: temporary keys become real ones in rows,
    /// references and queued changes; applied units leave the outbox, others are parked with their reason;
    /// stored rows are written as the server has them, with later unsent changes on top.
    ///
    /// The same answer again, or one to another batch, changes nothing and gives an empty report.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses; nothing is changed then, and the same batch is sent again.
    pub fn apply_answer(&self, answer: &BatchAnswer) -> Result<PushReport> {
        let report = self.apply_transaction(|connection| {
            if batch::in_flight_number(connection)? != Some(answer.batch) {
                return Ok(PushReport::default());
            }
            let mut push = Push::new(connection, &self.inner.plan);
            push.is_older = batch::is_in_flight_older(connection)?;
            let answer = &with_present_names(&self.inner.plan, answer);
            // Applied while the user saw other rows than the cursor's: none of this is in the cursor's feed.
            let is_of_another_view = answer.epoch.is_some()
                && progress::epoch(connection)?.is_some_and(|epoch| answer.epoch.as_ref() != Some(&epoch));
            let is_late = batch::is_answer_late(connection)? || is_of_another_view;
            // The key that a row gets now may be that of another row, which its delete is not about.
            write::seal_foreign_changes(connection)?;
            batch::drop_unborn_rows(connection, &self.inner.plan)?;
            push.remap(&answer.keys)?;
            push.settle_units(&answer.units)?;
            push.store_rows(&answer.rows)?;
            for block in &answer.deleted {
                push.remove_rows(&block.table, &block.keys)?;
            }
            push.settle_other_rows()?;
            if is_late {
                // It may be older than what was pulled meanwhile: the next reading decides.
                push.read_again(answer)?;
            }
            batch::clear_in_flight(connection, Some(answer.batch))?;
            batch::grow_unit_limit(connection)?;
            Ok(push.finish())
        })?;
        self.checkpoint_when_due();
        Ok(report)
    }
}

/// An answer that is being applied.
struct Push<'a> {
    connection: &'a Connection,
    plan: &'a Plan,
    now: String,
    log: ChangeLog,
    report: PushReport,
    /// The batch was spelt by an older plan.
    is_older: bool,
    /// Rows of the batch whose present version is not written yet: table and captured key.
    open_rows: BTreeMap<(String, String), ()>,
    /// What the batch touched.
    tables: BTreeSet<String>,
    /// What the applied units wrote, by table and captured key.
    sent: HashMap<(String, String), Captured>,
    /// Columns in which they did not get their way, by table and captured key.
    kept: HashMap<(String, String), Vec<String>>,
}

impl<'a> Push<'a> {
    fn new(connection: &'a Connection, plan: &'a Plan) -> Self {
        Self {
            connection,
            plan,
            now: calendar::now_text(),
            log: ChangeLog::default(),
            report: PushReport::default(),
            is_older: false,
            open_rows: BTreeMap::new(),
            tables: BTreeSet::new(),
            sent: HashMap::new(),
            kept: HashMap::new(),
        }
    }

    /// Applied units leave the outbox, the others are parked.
    fn settle_units(&mut self, outcomes: &[UnitOutcome]) -> Result<()> {
        let outcomes: HashMap<&str, &UnitOutcome> =
            outcomes.iter().map(|outcome| (outcome.unit.as_str(), outcome)).collect();
        let mut n_pushed: BTreeMap<String, i64> = BTreeMap::new();
        let mut units = batch::units_in(self.connection, "sent")?;
        // A request of more units under this number, refused on its way as it seemed, may be the one that arrived: then
        // this is its answer, and those that were queued again are settled by it too.
        let refused = batch::refused_units(self.connection)?;
        let is_settled =
            |unit: &i64| refused.contains(unit) && outcomes.contains_key(unit.to_string().as_str());
        units.extend(batch::units_in(self.connection, "queued")?.into_iter().filter(is_settled));
        for unit in units {
            let changes = outbox::changes_of_unit(self.connection, unit)?;
            for change in &changes {
                self.tables.insert(change.table.clone());
                self.open_rows.insert((change.table.clone(), change.key.clone()), ());
            }
            match outcomes.get(unit.to_string().as_str()) {
                Some(outcome) if outcome.status == UnitStatus::Applied => {
                    self.note_kept(&outcome.kept);
                    for change in &changes {
                        let row = (change.table.clone(), change.key.clone());
                        self.sent.entry(row).or_default().extend(change.changed.clone());
                        *n_pushed.entry(change.table.clone()).or_default() += 1;
                        outbox::delete_change(self.connection, change.id)?;
                    }
                    outbox::delete_empty_unit(self.connection, unit)?;
                }
                // Perhaps the server only did not know the old names: in the new ones it may be taken.
                Some(outcome) if outcome.status == UnitStatus::Failed && self.is_older => {
                    batch::queue_again(self.connection, unit)?;
                }
                Some(outcome) => self.park(unit, &changes, outcome)?,
                // The protocol promises an outcome for each; what it says nothing of is shown, not repeated.
                None => self.park_refused(unit, &changes, "refused", None)?,
            }
        }
        for (table, n_changes) in n_pushed {
            self.report.n_pushed += n_changes.unsigned_abs();
            self.connection
                .prepare_cached(
                    "INSERT INTO sync_history (table_name, rows_pushed) VALUES (?1, ?2)
                     ON CONFLICT (table_name) DO UPDATE SET rows_pushed = rows_pushed + excluded.rows_pushed",
                )?
                .execute(params![table, n_changes])?;
        }
        Ok(())
    }

    /// What the plan does not have cannot be edited any more.
    fn note_kept(&mut self, kept: &[KeptColumns]) {
        for KeptColumns { table, key, columns } in kept {
            let key = self
                .plan
                .table(table)
                .map(|plan| RowKey::from_wire_parts(plan, key.iter().map(|part| Some(part.as_str()))));
            if let Some(Ok(key)) = key {
                self.kept.entry((table.clone(), key.text)).or_default().extend(columns.iter().cloned());
            }
        }
    }

    /// Writes the rows that the server sent along.
    fn store_rows(&mut self, blocks: &[RowBlock]) -> Result<()> {
        for block in blocks {
            let Some(table) = self.plan.table(&block.table) else { continue };
            let Ok(layout) = Layout::new(table, &block.columns) else {
                // The units are on the server, whatever the row looks like: it is read again with the others.
                reread_table(self.connection, &table.name)?;
                continue;
            };
            for fields in &block.rows {
                match layout.cells(self.connection, table, fields) {
                    Ok(row) => self.store_row(table, &layout, &row)?,
                    Err(_) => reread_table(self.connection, &table.name)?,
                }
            }
        }
        Ok(())
    }

    fn store_row(&mut self, table: &TablePlan, layout: &Layout, row: &Cells<'static>) -> Result<()> {
        let key = RowKey::of_row(table, row);
        self.move_bases(table, layout, &key, row)?;
        let status = rebase_row(self.connection, table, &key, Some(row), &self.now)?;
        self.settled(table, &key, status)
    }

    fn remove_rows(&mut self, table: &str, keys: &[Vec<String>]) -> Result<()> {
        let Some(table) = self.plan.table(table) else { return Ok(()) };
        for parts in keys {
            let key = RowKey::from_wire_parts(table, parts.iter().map(|part| Some(part.as_str())))?;
            let status = rebase_row(self.connection, table, &key, None, &self.now)?;
            self.settled(table, &key, status)?;
        }
        Ok(())
    }

    /// Has every table read again that the answer is about, whether it names its rows or was too large for that.
    fn read_again(&mut self, answer: &BatchAnswer) -> Result<()> {
        let mut tables = std::mem::take(&mut self.tables);
        tables.extend(answer.rows.iter().map(|block| block.table.clone()));
        tables.extend(answer.deleted.iter().map(|block| block.table.clone()));
        tables.iter().try_for_each(|table| reread_table(self.connection, table))
    }

    /// Later edits began with the value that we sent; where the server stored another spelling of it, they now
    /// begin with that one, or the next push would look like a conflict. Where the server kept a value that this device
    /// has not shown to anybody, they still begin with ours: it wins over them too.
    fn move_bases(
        &self,
        table: &TablePlan,
        layout: &Layout,
        key: &RowKey,
        row: &[physio_schema::codec::Cell<'_>],
    ) -> Result<()> {
        let Some(sent) = self.sent.get(&(table.name.clone(), key.text.clone())) else { return Ok(()) };
        let stored = captured_row(table, row);
        // Each column's first later edit alone goes on from what was sent.
        let mut moved: HashSet<String> =
            self.kept.get(&(table.name.clone(), key.text.clone())).into_iter().flatten().cloned().collect();
        // Of these the answer says nothing; what the row has there is our own.
        moved.extend(layout.lacking().map(|position| table.columns[position].name.clone()));
        for mut change in outbox::changes_of_row(self.connection, &table.name, &key.text)? {
            let mut is_changed = false;
            for (column, base) in &mut change.base {
                if moved.insert(column.clone()) && sent.get(column) == Some(base) {
                    let now = stored.get(column).cloned().unwrap_or(Value::Null);
                    is_changed |= *base != now;
                    *base = now;
                }
            }
            if is_changed {
                outbox::store_change(self.connection, &change)?;
            }
        }
        Ok(())
    }

    /// Rows of the batch that the server said nothing of: only their status follows from the outbox.
    fn settle_other_rows(&mut self) -> Result<()> {
        for (name, text) in std::mem::take(&mut self.open_rows).into_keys() {
            let Some(table) = self.plan.table(&name) else { continue };
            let Ok(key) = RowKey::from_captured(table, &text) else { continue };
            let status = status_of_row(self.connection, table, &key)?;
            rows::set_status(self.connection, table, &key, status, &self.now)?;
            let is_there = rows::select(self.connection, table, &key)?.is_some();
            self.log.add(&table.name, is_there.then_some(status), || Ok(shown_key(Some(table), &text)))?;
        }
        Ok(())
    }

    fn settled(&mut self, table: &TablePlan, key: &RowKey, status: Option<SyncStatus>) -> Result<()> {
        self.open_rows.remove(&(table.name.clone(), key.text.clone()));
        self.log.add(&table.name, status, || Ok(shown_key(Some(table), &key.text)))
    }

    fn finish(mut self) -> PushReport {
        self.report.changes = self.log.into_changes();
        self.report
    }
}
