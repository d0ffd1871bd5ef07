//! Units that the server does not take stay in the outbox with the reason, until a person decides.

use super::{Operation, ParkedState, Push};
use crate::Result;
use crate::bridge::wire::{UnitOutcome, UnitStatus};
use crate::cache::Cache;
use crate::cache::batch::{self, fold_adjacent};
use crate::cache::outbox::{self, QueuedChange};
use crate::cache::report::{Parked, PushReport};
use rusqlite::params;
use serde_json::Value;

impl Push<'_> {
    /// Parks a unit as its outcome says.
    pub(super) fn park(&mut self, unit: i64, changes: &[QueuedChange], outcome: &UnitOutcome) -> Result<()> {
        let code = outcome.code.as_deref().unwrap_or("refused");
        let field = outcome.field.as_deref();
        let folded = fold_adjacent(changes);
        let blamed = outcome.change.and_then(|index| folded.get(index)).or(folded.first());
        let state = match outcome.status {
            UnitStatus::Conflict => ParkedState::Conflict,
            UnitStatus::Applied | UnitStatus::Failed => ParkedState::Failed,
        };
        let blocked_by: Option<i64> = outcome.blocked_by.as_deref().and_then(|unit| unit.parse().ok());
        self.connection
            .prepare_cached(
                "UPDATE _physio_units SET state = ?2, code = ?3, field = ?4, blocked_by = ?5 WHERE unit_id = ?1",
            )?
            .execute(params![
                unit,
                if state == ParkedState::Conflict { "conflict" } else { "failed" },
                code,
                field,
                blocked_by
            ])?;
        if let (ParkedState::Conflict, Some(blamed)) = (state, blamed) {
            self.store_conflict(unit, &blamed.change, code, field)?;
        }
        self.report.parked.push(Parked {
            unit,
            state,
            table: blamed.map(|blamed| blamed.change.table.clone()).unwrap_or_default(),
            code: code.to_owned(),
            field: field.map(str::to_owned),
        });
        Ok(())
    }

    /// Parks a unit as failed.
    pub(super) fn park_refused(
        &mut self,
        unit: i64,
        changes: &[QueuedChange],
        code: &str,
        field: Option<&str>,
    ) -> Result<()> {
        batch::park_failed(self.connection, unit, code, field)?;
        self.report.parked.push(Parked {
            unit,
            state: ParkedState::Failed,
            table: changes.first().map(|change| change.table.clone()).unwrap_or_default(),
            code: code.to_owned(),
            field: field.map(str::to_owned),
        });
        Ok(())
    }

    /// Both versions of a change; the server's row is filled in when it is written.
    fn store_conflict(
        &self,
        unit: i64,
        change: &QueuedChange,
        code: &str,
        field: Option<&str>,
    ) -> Result<()> {
        let base =
            (change.operation != Operation::Insert).then(|| Value::Object(change.base.clone()).to_string());
        let mine = (change.operation != Operation::Delete)
            .then(|| Value::Object(change.changed.clone()).to_string());
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO _physio_conflicts
                 (change_id, unit_id, table_name, row_key, op, base, mine, theirs, code, field)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, ?9)",
            )?
            .execute(params![
                change.id,
                unit,
                change.table,
                change.key,
                change.operation.as_str(),
                base,
                mine,
                code,
                field
            ])?;
        Ok(())
    }
}

impl Cache {
    /// The server refused the whole request for good, and repeating it would give the same answer.
    ///
    /// With several units in it, the next batches are smaller until the one to blame stands alone; that one is
    /// parked. `batch_stale` and `batch_reused` park every unit, and those of refused requests under the same number:
    /// whether they arrived cannot be known, and nothing may arrive twice. After these and `batch_gap` nothing is sent until a pull has told which batch
    /// the server took last. After `schema_changed` the units are queued again: the server refuses such a batch
    /// before it looks at it, so its number is free.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn refuse_in_flight(&self, code: &str, field: Option<&str>) -> Result<PushReport> {
        self.apply_transaction(|connection| {
            if batch::in_flight_number(connection)?.is_none() {
                return Ok(PushReport::default());
            }
            let mut push = Push::new(connection, &self.inner.plan);
            let mut units = batch::units_in(connection, "sent")?;
            let is_unclear = matches!(code, "batch_stale" | "batch_reused");
            // No unit is to blame for these: the batch was not looked at.
            let is_innocent = matches!(code, "batch_gap" | "schema_changed");
            if is_unclear {
                let mut doubtful = batch::refused_units(connection)?;
                doubtful.extend(units);
                units = doubtful.into_iter().collect();
            } else if !is_innocent {
                batch::note_refused_units(connection, &units)?;
            }
            if is_unclear || (units.len() == 1 && !is_innocent) {
                for unit in units {
                    let changes = outbox::changes_of_unit(connection, unit)?;
                    // One that was refused before may have been given up meanwhile.
                    if !changes.is_empty() {
                        push.park_refused(unit, &changes, code, field)?;
                    }
                }
                batch::store_unit_limit(connection, None)?;
            } else {
                connection.execute("UPDATE _physio_units SET state = 'queued' WHERE state = 'sent'", [])?;
                if !is_innocent {
                    batch::store_unit_limit(connection, Some(units.len() / 2))?;
                }
            }
            if is_unclear || code == "batch_gap" {
                batch::mark_number_unknown(connection)?;
            }
            batch::clear_in_flight(connection, None)?;
            Ok(push.finish())
        })
    }
}
