//! What waits: counts, and the units that need a person with both versions of every row.

use super::outbox::{self, Captured, QueuedChange, parse_captured};
use super::report::{Attention, AttentionChange, Counts, Operation, ParkedState};
use super::rows::shown_key;
use super::{Cache, failure};
use crate::bridge::wire::Values;
use crate::{Plan, Result};
use physio_schema::codec::wire_from_captured;
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;

impl Cache {
    /// The units that wait for a person, oldest first.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn attention(&self) -> Result<Vec<Attention>> {
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let mut list = connection
                .prepare_cached(
                    "SELECT unit_id, state, code, field, blocked_by, sealed_at FROM _physio_units
                     WHERE state IN ('conflict', 'failed') ORDER BY unit_id",
                )?
                .query_and_then([], parked_unit)?
                .collect::<Result<Vec<_>>>()?;
            for attention in &mut list {
                for change in outbox::changes_of_unit(connection, attention.unit)? {
                    attention.changes.push(attention_change(connection, &self.inner.plan, change)?);
                }
            }
            list.extend(notices(connection, &self.inner.plan)?);
            list.sort_by_key(|attention| attention.unit);
            snapshot.finish()?;
            Ok(list)
        })
    }

    /// What waits in the cache.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn counts(&self) -> Result<Counts> {
        let sql = "SELECT (SELECT count(*) FROM _physio_outbox),
                     (SELECT count(*) FROM _physio_units WHERE state IN ('queued', 'sent'))
                       + EXISTS (SELECT 1 FROM _physio_outbox WHERE unit_id IS NULL),
                     (SELECT count(*) FROM _physio_units WHERE state IN ('conflict', 'failed'))
                       + (SELECT count(DISTINCT unit_id) FROM _physio_conflicts WHERE change_id < 0)";
        self.read(|connection| {
            Ok(connection.prepare_cached(sql)?.query_row([], |row| {
                Ok(Counts {
                    pending_changes: row.get::<_, i64>(0)?.unsigned_abs(),
                    queued_units: row.get::<_, i64>(1)?.unsigned_abs(),
                    attention: row.get::<_, i64>(2)?.unsigned_abs(),
                })
            })?)
        })
    }

    /// Whether any change of this device waits, for the server or for a person.
    pub(crate) fn has_unsent(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM _physio_outbox)";
        self.read(|connection| Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    }

    /// Rows of each synced table, in plan order. It counts them: milliseconds for large tables.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn row_counts(&self) -> Result<Vec<(String, u64)>> {
        self.read(|connection| {
            let count = |name: &String| {
                let sql = format!("SELECT count(*) FROM {}", quote_identifier(name));
                let n_rows: i64 = connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
                Ok((name.clone(), n_rows.unsigned_abs()))
            };
            self.inner.plan.tables.iter().map(|table| count(&table.name)).collect()
        })
    }
}

fn parked_unit(row: &Row<'_>) -> Result<Attention> {
    let state: String = row.get(1)?;
    Ok(Attention {
        unit: row.get(0)?,
        state: if state == "conflict" { ParkedState::Conflict } else { ParkedState::Failed },
        code: row.get::<_, Option<String>>(2)?.unwrap_or_else(|| "refused".to_owned()),
        field: row.get(3)?,
        blocked_by: row.get(4)?,
        sealed_at: row.get(5)?,
        changes: Vec::new(),
    })
}

fn attention_change(connection: &Connection, plan: &Plan, change: QueuedChange) -> Result<AttentionChange> {
    let theirs: Option<Option<String>> = connection
        .prepare_cached("SELECT theirs FROM _physio_conflicts WHERE change_id = ?1")?
        .query_row([change.id], |row| row.get(0))
        .optional()?;
    let in_conflict = theirs.is_some();
    let theirs = match theirs.flatten() {
        Some(text) => Some(shown_values(plan, &change.table, &parse_captured(Some(text))?)),
        None => None,
    };
    Ok(AttentionChange {
        change: change.id,
        key: shown_key(plan.table(&change.table), &change.key),
        operation: change.operation,
        in_conflict,
        base: shown_values(plan, &change.table, &change.base),
        mine: shown_values(plan, &change.table, &change.changed),
        theirs,
        table: change.table,
    })
}

/// Parts of changes that a newer schema has no column for.
fn notices(connection: &Connection, plan: &Plan) -> Result<Vec<Attention>> {
    let mut statement = connection.prepare_cached(
        "SELECT change_id, unit_id, table_name, row_key, op, base, mine, code, field, found_at
         FROM _physio_conflicts WHERE change_id < 0 ORDER BY unit_id, change_id DESC",
    )?;
    let mut rows = statement.query([])?;
    let mut list: Vec<Attention> = Vec::new();
    while let Some(row) = rows.next()? {
        let unit: i64 = row.get(1)?;
        let table: String = row.get(2)?;
        let operation: String = row.get(4)?;
        let change = AttentionChange {
            change: row.get(0)?,
            key: shown_key(plan.table(&table), &row.get::<_, String>(3)?),
            operation: operation
                .parse::<Operation>()
                .map_err(|_| failure::damaged("an unknown operation in its conflicts"))?,
            in_conflict: true,
            base: shown_values(plan, &table, &parse_captured(row.get(5)?)?),
            mine: shown_values(plan, &table, &parse_captured(row.get(6)?)?),
            theirs: None,
            table,
        };
        match list.last_mut().filter(|last| last.unit == unit) {
            Some(last) => last.changes.push(change),
            None => list.push(Attention {
                unit,
                state: ParkedState::Notice,
                code: row.get(7)?,
                field: row.get(8)?,
                blocked_by: None,
                sealed_at: row.get(9)?,
                changes: vec![change],
            }),
        }
    }
    Ok(list)
}

/// Captured values in the wire's spelling, as far as the plan knows their columns.
fn shown_values(plan: &Plan, table: &str, values: &Captured) -> Values {
    let table = plan.table(table);
    let shown = |name: &str, value: &Value| -> Value {
        let column = table.and_then(|table| table.position(name).map(|position| &table.columns[position]));
        match column.map(|column| wire_from_captured(column, value.as_str())) {
            Some(Ok(text)) => text.map_or(Value::Null, |text| Value::String(text.into_owned())),
            Some(Err(_)) | None => value.clone(),
        }
    };
    values.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect()
}
