//! What a person decided about a parked unit.

use super::batch::{Folded, fold_adjacent};
use super::outbox::{self, Captured, QueuedChange, parse_captured};
use super::progress::reread_table;
use super::rebase::{captured_row, cells_of_captured, lay_over, rebase_row, status_of_row};
use super::report::{Operation, Resolution};
use super::rows::{self, Cells, RowKey};
use super::{Cache, calendar, failure};
use crate::bridge::wire::Values;
use crate::{Error, ErrorKind, Plan, Result};
use physio_schema::codec::captured_from_wire;
use physio_schema::plan::TablePlan;
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use std::collections::BTreeSet;

impl Cache {
    /// Sends a parked unit again as it is, and the units that were blocked by it.
    ///
    /// # Errors
    ///
    /// `Usage` when no such unit is parked.
    pub fn retry_unit(&self, unit: i64) -> Result<()> {
        self.apply_transaction(|connection| {
            check_parked(connection, unit)?;
            requeue(connection, &self.inner.plan, unit)
        })
    }

    /// Forgets a parked unit: its rows go back to the server's version.
    ///
    /// Where that version is not known for certain, the table is read again by the next sync; until then the
    /// rows show what they held before the edit. Later changes of a row whose insert is discarded go with it.
    ///
    /// # Errors
    ///
    /// `Usage` when no such unit is parked.
    pub fn discard_unit(&self, unit: i64) -> Result<()> {
        self.apply_transaction(|connection| {
            check_parked(connection, unit)?;
            let touched: BTreeSet<(String, String)> = outbox::changes_of_unit(connection, unit)?
                .into_iter()
                .map(|change| (change.table, change.key))
                .collect();
            for (name, text) in touched {
                let table = self.inner.plan.table(&name);
                match table.and_then(|table| Some((table, RowKey::from_captured(table, &text).ok()?))) {
                    Some((table, key)) => discard_row(connection, &self.inner.plan, table, &key, unit)?,
                    // The table is no longer synced, or has another key: there is no row to restore.
                    None => {
                        for change in outbox::changes_of_row(connection, &name, &text)? {
                            if change.unit == Some(unit) {
                                outbox::delete_change(connection, change.id)?;
                            }
                        }
                    }
                }
            }
            connection.execute("DELETE FROM _physio_units WHERE unit_id = ?1", [unit])?;
            release_blocked(connection, &self.inner.plan, unit)
        })
    }

    /// Decides a conflict. When it was the last one of its unit, the unit is sent again.
    ///
    /// # Errors
    ///
    /// `Usage` when there is no such conflict, or when merged values name a column that the table does not
    /// have; `Field` when a merged value does not fit its column.
    pub fn resolve_conflict(&self, change: i64, resolution: Resolution) -> Result<()> {
        self.apply_transaction(|connection| {
            if change < 0 {
                return dismiss_notice(connection, change);
            }
            let theirs: Option<String> = connection
                .prepare_cached("SELECT theirs FROM _physio_conflicts WHERE change_id = ?1")?
                .query_row([change], |row| row.get(0))
                .optional()?
                .ok_or_else(|| no_conflict(change))?;
            let queued = outbox::change(connection, change)?.ok_or_else(|| no_conflict(change))?;
            let table =
                self.inner.plan.table(&queued.table).ok_or_else(|| failure::unknown_table(&queued.table))?;
            let theirs = theirs.map(|text| parse_captured(Some(text))).transpose()?;
            let key = RowKey::from_captured(table, &queued.key)?;
            let local = rows::select(connection, table, &key)?;
            let folded = match queued.unit {
                Some(unit) => fold_adjacent(&outbox::changes_of_unit(connection, unit)?),
                None => Vec::new(),
            };
            // The conflict is about what was sent, which may stand for several edits in a row.
            let folded = folded
                .into_iter()
                .find(|folded| folded.ids.contains(&change))
                .unwrap_or_else(|| Folded { change: queued.clone(), ids: vec![change] });
            let before: Vec<QueuedChange> = outbox::changes_of_row(connection, &table.name, &key.text)?
                .into_iter()
                .filter(|other| other.id < folded.change.id)
                .collect();
            let is_made_before = before.iter().any(|other| other.operation == Operation::Insert);
            // A row whose insert waits here itself is not gone: it has yet to arrive.
            let to_make_again = local.filter(|_| !is_made_before);
            let mut decided =
                decided(table, &folded.change, theirs.as_ref(), to_make_again.as_ref(), &resolution)?;
            if let Some(decided) = &mut decided {
                go_on_from(decided, before.iter().filter(|other| other.unit == queued.unit));
            }
            for id in folded.ids {
                match &decided {
                    Some(decided) if decided.id == id => outbox::store_change(connection, decided)?,
                    _ => outbox::delete_change(connection, id)?,
                }
            }
            connection.execute("DELETE FROM _physio_conflicts WHERE change_id = ?1", [change])?;
            let server = theirs.as_ref().map(|row| cells_of_captured(table, row)).transpose()?;
            if let Some(unit) = queued.unit {
                requeue_when_settled(connection, &self.inner.plan, unit)?;
            }
            rebase_row(connection, table, &key, server.as_deref(), &calendar::now_text())?;
            match decided {
                None => show_again(connection, table, &key, &queued),
                Some(_) => Ok(()),
            }
        })
    }
}

fn no_conflict(change: i64) -> Error {
    Error::new(ErrorKind::Usage, format!("change {change} is not in conflict; read `attention()` again"))
}

fn check_parked(connection: &Connection, unit: i64) -> Result<()> {
    let is_parked: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM _physio_units WHERE unit_id = ?1 AND state IN ('conflict', 'failed'))",
        [unit],
        |row| row.get(0),
    )?;
    if is_parked {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Usage, format!("unit {unit} is not parked; read `attention()` again")))
    }
}

fn dismiss_notice(connection: &Connection, change: i64) -> Result<()> {
    match connection.execute("DELETE FROM _physio_conflicts WHERE change_id = ?1", [change])? {
        0 => Err(no_conflict(change)),
        _ => Ok(()),
    }
}

/// Puts a unit back into the queue when no conflict of it is left to decide.
fn requeue_when_settled(connection: &Connection, plan: &Plan, unit: i64) -> Result<()> {
    let is_settled: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM _physio_units WHERE unit_id = ?1 AND state = 'conflict')
             AND NOT EXISTS (SELECT 1 FROM _physio_conflicts WHERE unit_id = ?1 AND change_id > 0)",
        )?
        .query_row([unit], |row| row.get(0))?;
    if is_settled {
        requeue(connection, plan, unit)?;
    }
    outbox::delete_empty_unit(connection, unit)
}

/// Puts a unit back into the queue, and what was blocked by it.
fn requeue(connection: &Connection, plan: &Plan, unit: i64) -> Result<()> {
    connection.execute(
        "UPDATE _physio_units SET state = 'queued', code = NULL, field = NULL, blocked_by = NULL WHERE unit_id = ?1",
        [unit],
    )?;
    connection.execute("DELETE FROM _physio_conflicts WHERE unit_id = ?1 AND change_id > 0", [unit])?;
    for change in outbox::changes_of_unit(connection, unit)? {
        if let Some(table) = plan.table(&change.table)
            && let Ok(key) = RowKey::from_captured(table, &change.key)
        {
            let status = status_of_row(connection, table, &key)?;
            rows::set_status(connection, table, &key, status, &calendar::now_text())?;
        }
    }
    release_blocked(connection, plan, unit)
}

fn release_blocked(connection: &Connection, plan: &Plan, unit: i64) -> Result<()> {
    let blocked: Vec<i64> = connection
        .prepare_cached("SELECT unit_id FROM _physio_units WHERE blocked_by = ?1 AND state = 'failed'")?
        .query_and_then([unit], |row| Ok::<_, Error>(row.get(0)?))?
        .collect::<Result<_>>()?;
    // A unit is blocked by an older one only, so this ends.
    blocked.into_iter().filter(|&other| other > unit).try_for_each(|other| requeue(connection, plan, other))
}

/// Removes a unit's changes of one row and shows the server's version with the other changes on top.
fn discard_row(
    connection: &Connection,
    plan: &Plan,
    table: &TablePlan,
    key: &RowKey,
    unit: i64,
) -> Result<()> {
    let changes = outbox::changes_of_row(connection, &table.name, &key.text)?;
    let known: Option<Option<String>> = connection
        .prepare_cached(
            "SELECT theirs FROM _physio_conflicts WHERE table_name = ?1 AND row_key = ?2 AND change_id > 0",
        )?
        .query_row([&table.name, &key.text], |row| row.get(0))
        .optional()?;
    let is_known = known.is_some();
    let server: Option<Cells<'static>> = match known {
        Some(theirs) => {
            theirs.map(|text| cells_of_captured(table, &parse_captured(Some(text))?)).transpose()?
        }
        None => before(table, rows::select(connection, table, key)?, &changes)?,
    };
    let insert =
        changes.iter().find(|change| change.unit == Some(unit) && change.operation == Operation::Insert);
    let is_dropped = |change: &QueuedChange| {
        change.unit == Some(unit) || insert.is_some_and(|insert| change.id > insert.id)
    };
    for change in changes.iter().filter(|change| is_dropped(change)) {
        outbox::delete_change(connection, change.id)?;
        if let Some(other) = change.unit.filter(|other| *other != unit) {
            requeue_when_settled(connection, plan, other)?;
        }
    }
    rebase_row(connection, table, key, server.as_deref(), &calendar::now_text())?;
    if let Some(delete) = changes.iter().rev().find(|change| change.operation == Operation::Delete)
        && is_dropped(delete)
    {
        show_again(connection, table, key, delete)?;
    }
    // Nobody else can know a row that was made here under a temporary key; every other one may be on the server,
    // in a state that this device has not seen.
    let is_only_here = insert.is_some() && key.is_temporary(table);
    if !is_known && !is_only_here {
        reread_table(connection, &table.name)?;
    }
    Ok(())
}

/// After a delete was given up whose row is gone on the server too: earlier edits of it that wait stay visible, on the row
/// as the delete found it.
fn show_again(
    connection: &Connection,
    table: &TablePlan,
    key: &RowKey,
    given_up: &QueuedChange,
) -> Result<()> {
    let rest = outbox::changes_of_row(connection, &table.name, &key.text)?;
    let is_edited = rest.last().is_some_and(|change| change.operation != Operation::Delete);
    if given_up.operation != Operation::Delete
        || !is_edited
        || rows::select(connection, table, key)?.is_some()
    {
        return Ok(());
    }
    let row = cells_of_captured(table, &given_up.base)?;
    let status = status_of_row(connection, table, key)?;
    rows::replace(connection, table, &row, &calendar::now_text(), status)
}

/// The row as it was before its unsent changes, as far as they tell.
fn before(
    table: &TablePlan,
    local: Option<Cells<'static>>,
    changes: &[QueuedChange],
) -> Result<Option<Cells<'static>>> {
    let mut row = local;
    for change in changes.iter().rev() {
        row = match (change.operation, row) {
            (Operation::Insert, _) => None,
            (Operation::Delete, _) => Some(cells_of_captured(table, &change.base)?),
            (Operation::Update, None) => None,
            (Operation::Update, Some(mut row)) => {
                lay_over(table, &mut row, &change.base)?;
                Some(row)
            }
        };
    }
    Ok(row)
}

/// The change to send after the decision; `None` when there is nothing left to send.
fn decided(
    table: &TablePlan,
    change: &QueuedChange,
    theirs: Option<&Captured>,
    to_make_again: Option<&Cells<'static>>,
    resolution: &Resolution,
) -> Result<Option<QueuedChange>> {
    let mut decided = change.clone();
    match resolution {
        Resolution::Theirs => return Ok(None),
        Resolution::Mine => {}
        Resolution::Merged(values) => {
            decided.changed = captured_values(table, values)?;
            if change.operation == Operation::Delete {
                decided.operation = Operation::Update;
            }
        }
    }
    match (decided.operation, theirs) {
        (Operation::Insert, _) => {}
        (Operation::Update, Some(theirs)) => {
            decided.base =
                decided.changed.keys().map(|column| (column.clone(), value_of(theirs, column))).collect();
        }
        // The row is gone on the server: it is made again, with everything that this device knows of it.
        (Operation::Update, None) => {
            if let Some(local) = to_make_again {
                decided.operation = Operation::Insert;
                decided.base = Captured::new();
                let edited = std::mem::replace(&mut decided.changed, captured_row(table, local));
                decided.changed.extend(edited);
            }
        }
        (Operation::Delete, Some(theirs)) => decided.base = theirs.clone(),
        // The row is gone there, and then it is no matter, or it is not known: the server compares it with what this
        // delete was about.
        (Operation::Delete, None) => {}
    }
    Ok(Some(decided))
}

/// Sent again, the change meets what its own unit does to the row before it.
fn go_on_from<'c>(decided: &mut QueuedChange, before: impl Iterator<Item = &'c QueuedChange>) {
    for change in before {
        for (column, base) in &mut decided.base {
            match change.changed.get(column) {
                Some(left) => *base = left.clone(),
                // An insert names what it leaves NULL by silence.
                None if change.operation == Operation::Insert => *base = Value::Null,
                None => {}
            }
        }
    }
}

fn value_of(values: &Captured, column: &str) -> Value {
    values.get(column).cloned().unwrap_or(Value::Null)
}

fn captured_values(table: &TablePlan, values: &Values) -> Result<Captured> {
    values
        .iter()
        .map(|(name, value)| {
            let position =
                table.position(name).filter(|position| !table.key.contains(position)).ok_or_else(|| {
                    Error::new(
                        ErrorKind::Usage,
                        format!("`{}` has no column `{name}` that can be merged", table.name),
                    )
                })?;
            let captured = captured_from_wire(&table.columns[position], value.as_str())?;
            Ok((name.clone(), captured.map_or(Value::Null, |text| Value::String(text.into_owned()))))
        })
        .collect()
}
