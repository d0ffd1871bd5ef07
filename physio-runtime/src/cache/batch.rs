//! Building the batch to send: sealed units, oldest first, in the wire's spelling.

mod fold;
mod hold;
mod spelling;
mod unborn;

pub(super) use fold::{Folded, fold_adjacent};
pub use hold::{ColumnHold, PushHold};
pub(super) use spelling::temporary_number;
pub(super) use unborn::drop_unborn_rows;

use super::outbox::{self, QueuedChange, load_meta, store_meta};
use super::report::{Operation, Outgoing};
use super::{Cache, connections, failure, write};
use crate::bridge::wire::{Batch, Unit};
use crate::{Plan, Result};
use rusqlite::{Connection, OptionalExtension, params};
use spelling::{Refused, Spelling};
use std::collections::{BTreeSet, HashSet};

const LAST_BATCH: &str = "last_batch";
/// Set when what was pulled may be newer than the answer to come.
const ANSWER_IS_LATE: &str = "answer_is_late";
/// Set when the plan changed while a batch was in flight.
const IN_FLIGHT_IS_OLDER: &str = "in_flight_is_older";
/// Set when the server counts this device's batches differently; the next pull says how.
const NUMBER_UNKNOWN: &str = "batch_number_unknown";
/// Units of one batch at the most, after the server refused a larger one.
const UNIT_LIMIT: &str = "batch_unit_limit";
/// Units of refused requests under the number that comes next, which the server may have taken before.
const REFUSED_UNITS: &str = "refused_units";
/// Room for everything in a request that is not a unit.
const ENVELOPE_BYTES: usize = 128;

impl Cache {
    /// The batch to send: the one in flight byte for byte, else a new one of what was written since.
    ///
    /// Sealing the units, numbering the batch and storing its bytes is one transaction that is on the disk
    /// before this returns. `None`: nothing to send (parked units, and units that depend on them, stay).
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn next_batch(&self) -> Result<Option<Outgoing>> {
        self.next_batch_without(&PushHold::default())
    }

    /// As [`next_batch`](Self::next_batch), but what `hold` names stays queued, and with it what depends on it. A
    /// batch in flight is given out whole: whether it was applied is not known.
    ///
    /// # Errors
    ///
    /// As [`next_batch`](Self::next_batch).
    pub fn next_batch_without(&self, hold: &PushHold) -> Result<Option<Outgoing>> {
        // The writer's commits are durable, which the bytes must be before the server can have seen them.
        let _turn = self.inner.gate.enter_apply();
        let connection = self.writer()?;
        connections::in_transaction(&connection, || {
            if let Some(outgoing) = in_flight(&connection)? {
                return Ok(Some(outgoing));
            }
            if load_meta(&connection, NUMBER_UNKNOWN)?.is_some() {
                return Ok(None);
            }
            write::seal_foreign_changes(&connection)?;
            drop_unborn_rows(&connection, &self.inner.plan)?;
            build(&connection, &self.inner.plan, &self.inner.device, hold)
        })
    }
}

/// The batch that was sent and not answered.
fn in_flight(connection: &Connection) -> Result<Option<Outgoing>> {
    Ok(connection
        .prepare_cached("SELECT batch, request FROM _physio_in_flight WHERE id = 1")?
        .query_row([], |row| Ok(Outgoing { batch: row.get::<_, i64>(0)?.unsigned_abs(), bytes: row.get(1)? }))
        .optional()?)
}

/// Number of the batch in flight.
pub(super) fn in_flight_number(connection: &Connection) -> Result<Option<u64>> {
    Ok(connection
        .prepare_cached("SELECT batch FROM _physio_in_flight WHERE id = 1")?
        .query_row([], |row| row.get::<_, i64>(0))
        .optional()?
        .map(i64::unsigned_abs))
}

/// Notes, in a first pull's beginning, that the answer to the batch in flight may be older than that pull.
///
/// A server that has taken a batch repeats its stored answer. A delta from after it waits for the answer, but a
/// first pull reads what is there now; a row of the answer may be gone by then, and the new cursor is behind that.
pub(super) fn mark_answer_late(connection: &Connection, acknowledged: u64) -> Result<()> {
    match in_flight_number(connection)? {
        Some(_) => store_meta(connection, ANSWER_IS_LATE, Some("1")),
        None => mark_number_taken(connection, acknowledged),
    }
}

/// Notes, where a cursor is stored and nothing is in flight, that the server has taken the batch whose number comes
/// next: its answer was lost, and then something between refused it, so that nothing waited for it any more. The same
/// units again under this number get the stored answer, and the cursor is behind that.
fn mark_number_taken(connection: &Connection, acknowledged: u64) -> Result<()> {
    if acknowledged > last_batch(connection)? {
        store_meta(connection, ANSWER_IS_LATE, Some("1"))?;
    }
    Ok(())
}

/// Remembers the units of a refused request: an earlier copy of it may have arrived, and only its number tells.
pub(super) fn note_refused_units(connection: &Connection, units: &[i64]) -> Result<()> {
    let mut known = refused_units(connection)?;
    known.extend(units);
    // Numbers always serialise.
    store_meta(connection, REFUSED_UNITS, Some(&serde_json::to_string(&known).unwrap_or_default()))
}

/// Units of which one request under the number that comes next may have been taken.
pub(super) fn refused_units(connection: &Connection) -> Result<BTreeSet<i64>> {
    match load_meta(connection, REFUSED_UNITS)? {
        None => Ok(BTreeSet::new()),
        Some(text) => serde_json::from_str(&text)
            .map_err(|_| failure::damaged("an unreadable note about refused requests")),
    }
}

fn last_batch(connection: &Connection) -> Result<u64> {
    Ok(load_meta(connection, LAST_BATCH)?.and_then(|last| last.parse().ok()).unwrap_or(0))
}

/// Whether what was pulled may be newer than the answer to the batch in flight.
pub(super) fn is_answer_late(connection: &Connection) -> Result<bool> {
    Ok(load_meta(connection, ANSWER_IS_LATE)?.is_some())
}

/// Notes, when the file was brought up to another plan, that the bytes in flight are spelt by an older one.
pub(super) fn mark_in_flight_older(connection: &Connection) -> Result<()> {
    match in_flight_number(connection)? {
        Some(_) => store_meta(connection, IN_FLIGHT_IS_OLDER, Some("1")),
        None => Ok(()),
    }
}

/// Whether the plan has changed since the batch in flight was made.
pub(super) fn is_in_flight_older(connection: &Connection) -> Result<bool> {
    Ok(load_meta(connection, IN_FLIGHT_IS_OLDER)?.is_some())
}

/// Forgets the batch in flight; with `last`, as the last one that the server has taken.
pub(super) fn clear_in_flight(connection: &Connection, last: Option<u64>) -> Result<()> {
    connection.prepare_cached("DELETE FROM _physio_in_flight")?.execute([])?;
    store_meta(connection, IN_FLIGHT_IS_OLDER, None)?;
    if let Some(last) = last {
        store_meta(connection, ANSWER_IS_LATE, None)?;
        store_meta(connection, REFUSED_UNITS, None)?;
        store_meta(connection, LAST_BATCH, Some(&last.to_string()))?;
    }
    Ok(())
}

/// Sends nothing more until a pull has told the number of the last batch.
pub(super) fn mark_number_unknown(connection: &Connection) -> Result<()> {
    store_meta(connection, NUMBER_UNKNOWN, Some("1"))
}

/// Takes note of the server's count of this device's batches, when a delta from then is applied: takes it over where
/// ours was found to be wrong.
pub(super) fn adopt_acknowledged(connection: &Connection, last: u64) -> Result<()> {
    if in_flight_number(connection)?.is_some() {
        return Ok(());
    }
    if load_meta(connection, NUMBER_UNKNOWN)?.is_some() {
        store_meta(connection, LAST_BATCH, Some(&last.to_string()))?;
        store_meta(connection, ANSWER_IS_LATE, None)?;
        store_meta(connection, REFUSED_UNITS, None)?;
        store_meta(connection, NUMBER_UNKNOWN, None)?;
    }
    mark_number_taken(connection, last)
}

/// Bounds the units of the next batches; `None` lifts the bound.
pub(super) fn store_unit_limit(connection: &Connection, limit: Option<usize>) -> Result<()> {
    store_meta(connection, UNIT_LIMIT, limit.map(|limit| limit.to_string()).as_deref())
}

/// After a batch that was taken: the next may be a little larger again.
pub(super) fn grow_unit_limit(connection: &Connection) -> Result<()> {
    const ENOUGH: usize = 256;
    match load_meta(connection, UNIT_LIMIT)?.and_then(|limit| limit.parse::<usize>().ok()) {
        Some(limit) => store_unit_limit(connection, (limit < ENOUGH).then_some(limit + 1)),
        None => Ok(()),
    }
}

/// The units of a state, oldest first.
pub(super) fn units_in(connection: &Connection, state: &str) -> Result<Vec<i64>> {
    connection
        .prepare_cached("SELECT unit_id FROM _physio_units WHERE state = ?1 ORDER BY unit_id")?
        .query_and_then([state], |row| Ok(row.get(0)?))?
        .collect()
}

/// Puts a unit of the batch in flight back into the queue.
pub(super) fn queue_again(connection: &Connection, unit: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE _physio_units SET state = 'queued' WHERE unit_id = ?1 AND state = 'sent'")?
        .execute([unit])?;
    Ok(())
}

/// Parks a unit as failed.
pub(super) fn park_failed(connection: &Connection, unit: i64, code: &str, field: Option<&str>) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE _physio_units SET state = 'failed', code = ?2, field = ?3 WHERE unit_id = ?1",
        )?
        .execute(params![unit, code, field])?;
    Ok(())
}

fn build(connection: &Connection, plan: &Plan, device: &str, hold: &PushHold) -> Result<Option<Outgoing>> {
    let max_bytes = usize::try_from(plan.sync.push_bytes).unwrap_or(usize::MAX);
    let max_units =
        load_meta(connection, UNIT_LIMIT)?.and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
    let spelling = Spelling { connection, plan, hold };
    let mut held = Held::load(connection, &spelling)?;
    let mut units: Vec<Unit> = Vec::new();
    let mut n_bytes = ENVELOPE_BYTES;
    for id in units_in(connection, "queued")? {
        if units.len() >= max_units {
            break;
        }
        let changes = outbox::changes_of_unit(connection, id)?;
        if held.concerns(&changes, &spelling) || hold.holds(plan, &changes) {
            held.add(&changes, &spelling)?;
            continue;
        }
        let unit = match spelling.unit(id, &changes) {
            Ok(unit) => unit,
            Err(Refused::Value { code, field }) => {
                park_failed(connection, id, code, Some(&field))?;
                held.add(&changes, &spelling)?;
                continue;
            }
            Err(Refused::Cache(error)) => return Err(error),
        };
        let length = serde_json::to_string(&unit).map_or(0, |text| text.len()) + 1;
        if !units.is_empty() && n_bytes + length > max_bytes {
            break;
        }
        n_bytes += length;
        units.push(unit);
    }
    if units.is_empty() {
        return Ok(None);
    }
    let number = last_batch(connection)? + 1;
    store(connection, Batch { v: 1, device: device.to_owned(), batch: number, units }).map(Some)
}

fn store(connection: &Connection, batch: Batch) -> Result<Outgoing> {
    let bytes = serde_json::to_vec(&batch).map_err(|error| {
        crate::Error::with_source(crate::ErrorKind::Field, "a batch cannot be written as JSON", error)
    })?;
    for unit in &batch.units {
        connection
            .prepare_cached("UPDATE _physio_units SET state = 'sent' WHERE unit_id = CAST(?1 AS INTEGER)")?
            .execute([&unit.unit])?;
    }
    connection
        .prepare_cached("INSERT INTO _physio_in_flight (id, batch, request) VALUES (1, ?1, ?2)")?
        .execute(params![i64::try_from(batch.batch).unwrap_or(i64::MAX), bytes])?;
    Ok(Outgoing { batch: batch.batch, bytes })
}

/// What units that wait for a person touch: whatever touches it too waits with them, everything else goes on.
#[derive(Debug, Default)]
struct Held {
    rows: HashSet<(String, String)>,
    /// Rows that the server does not have, because their insert is held.
    unborn: HashSet<(String, String)>,
    temporary_keys: HashSet<(String, i64)>,
}

impl Held {
    fn load(connection: &Connection, spelling: &Spelling<'_>) -> Result<Self> {
        let mut held = Self::default();
        for state in ["conflict", "failed"] {
            for unit in units_in(connection, state)? {
                held.add(&outbox::changes_of_unit(connection, unit)?, spelling)?;
            }
        }
        Ok(held)
    }

    fn add(&mut self, changes: &[QueuedChange], spelling: &Spelling<'_>) -> Result<()> {
        for change in changes {
            let row = (change.table.clone(), change.key.clone());
            self.rows.insert(row.clone());
            if change.operation == Operation::Insert {
                self.unborn.insert(row);
                if let Some(key) = spelling.temporary_key(change)? {
                    self.temporary_keys.insert((change.table.clone(), key));
                }
            }
        }
        Ok(())
    }

    fn concerns(&self, changes: &[QueuedChange], spelling: &Spelling<'_>) -> bool {
        !self.rows.is_empty()
            && changes.iter().any(|change| {
                self.rows.contains(&(change.table.clone(), change.key.clone()))
                    || spelling.parents(change).iter().any(|parent| self.unborn.contains(parent))
                    || spelling.references(change).iter().any(|key| self.temporary_keys.contains(key))
            })
    }
}
