//! Rows that were made and deleted here before anybody else saw them need not be sent at all.

use super::hold::PushHold;
use super::spelling::{Spelling, temporary_number};
use crate::cache::outbox::{self, changes_of_row};
use crate::cache::report::Operation;
use crate::cache::rows::RowKey;
use crate::{Plan, Result};
use physio_schema::codec::Cell;
use physio_schema::plan::TablePlan;
use rusqlite::{Connection, params};

/// Removes the changes of such rows from queued units, and units that are empty then.
///
/// Only rows with a key, or a part of one, that is temporary, and that nothing else refers to; children before parents,
/// by repetition.
pub(in crate::cache) fn drop_unborn_rows(connection: &Connection, plan: &Plan) -> Result<()> {
    let nothing = PushHold::default();
    let spelling = Spelling { connection, plan, hold: &nothing };
    loop {
        let mut n_dropped = 0;
        for (table, key) in candidates(connection)? {
            if is_unborn(&spelling, &table, &key)? {
                for change in changes_of_row(connection, &table, &key)? {
                    outbox::delete_change(connection, change.id)?;
                    if let Some(unit) = change.unit {
                        outbox::delete_empty_unit(connection, unit)?;
                    }
                }
                n_dropped += 1;
            }
        }
        if n_dropped == 0 {
            return Ok(());
        }
    }
}

fn candidates(connection: &Connection) -> Result<Vec<(String, String)>> {
    connection
        .prepare_cached(
            "SELECT DISTINCT gone.table_name, gone.row_key FROM _physio_units AS unit
             JOIN _physio_outbox AS gone ON gone.unit_id = unit.unit_id AND gone.op = 'delete'
             WHERE unit.state = 'queued' AND EXISTS (
               SELECT 1 FROM _physio_outbox AS made WHERE made.table_name = gone.table_name
               AND made.row_key = gone.row_key AND made.op = 'insert' AND made.change_id < gone.change_id)",
        )?
        .query_and_then([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn is_unborn(spelling: &Spelling<'_>, table: &str, key: &str) -> Result<bool> {
    let connection = spelling.connection;
    let Some(plan) = spelling.plan.table(table) else { return Ok(false) };
    let Some((owner, number)) = temporary_part(spelling, plan, key)? else { return Ok(false) };
    let changes = changes_of_row(connection, table, key)?;
    let begins_and_ends_here = changes.first().is_some_and(|change| change.operation == Operation::Insert)
        && changes.last().is_some_and(|change| change.operation == Operation::Delete);
    if !begins_and_ends_here {
        return Ok(false);
    }
    let is_sent: bool = connection
        .prepare_cached(
            "SELECT EXISTS (
               SELECT 1 FROM _physio_outbox AS c JOIN _physio_units AS u ON u.unit_id = c.unit_id
               WHERE c.table_name = ?1 AND c.row_key = ?2 AND u.state <> 'queued')",
        )?
        .query_row(params![table, key], |row| row.get(0))?;
    let refused = super::refused_units(connection)?;
    let was_sent = changes.iter().filter_map(|change| change.unit).any(|unit| refused.contains(&unit));
    if is_sent || was_sent {
        return Ok(false);
    }
    let own = (owner.name.clone(), number);
    let mentions = outbox::changes_mentioning(connection, &number.to_string())?;
    Ok(!mentions.iter().any(|change| match spelling.plan.table(&change.table) {
        // By the key that is this row's alone.
        _ if owner.name == table => spelling.references(change).contains(&own),
        // By a key that this row shares with others: whatever may mean this one.
        Some(other) => other.references.iter().any(|reference| reference.table == table),
        None => false,
    }))
}

/// A part of a row's key that no server knows yet, and the table whose key it is: the row's own or that of a row that
/// it belongs to.
fn temporary_part<'p>(
    spelling: &Spelling<'p>,
    table: &'p TablePlan,
    key: &str,
) -> Result<Option<(&'p TablePlan, i64)>> {
    let Ok(row_key) = RowKey::from_captured(table, key) else { return Ok(None) };
    for (&position, cell) in table.key.iter().zip(&row_key.cells) {
        let Cell::Integer(number) = *cell else { continue };
        if temporary_number(&number.to_string()).is_none() {
            continue;
        }
        for owner in spelling.plan.key_owners(table, position) {
            let is_unmapped: bool = spelling
                .connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM _physio_temporary_keys
                     WHERE table_name = ?1 AND temporary_key = ?2 AND server_key IS NULL)",
                )?
                .query_row(params![owner.name, number], |row| row.get(0))?;
            if is_unmapped {
                return Ok(Some((owner, number)));
            }
        }
    }
    Ok(None)
}
