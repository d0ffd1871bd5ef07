//! Walking both sides of one table together.

use super::order::compare_keys;
use super::side::{self, Row};
use super::{Difference, DifferenceKind, TableComparison};
use crate::harness::{HarnessError, Result};
use mysql::Conn;
use physio_schema::plan::TablePlan;
use rusqlite::Connection;
use std::cmp::Ordering;

/// Compares one table; at most `most` keys are kept of each kind.
///
/// # Errors
///
/// When a side cannot be read, or does not come in the order of its keys.
pub fn compare(
    table: &TablePlan,
    mysql: &mut Conn,
    sqlite: &Connection,
    most: usize,
) -> Result<TableComparison> {
    let mut statement = side::prepare_sqlite(sqlite, table)?;
    let mut ours = statement.query([]).map_err(side::sqlite)?;
    let mut theirs = side::query_mysql(mysql, table)?;
    let mut found = TableComparison { table: table.name.clone(), ..TableComparison::default() };
    let (mut here, mut there): (Option<Row>, Option<Row>) =
        (side::next_of_sqlite(&mut ours, table)?, side::next_of_mysql(&mut theirs, table)?);
    loop {
        let order = match (&here, &there) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(here), Some(there)) => compare_keys(table, &here.key, &there.key),
        };
        let (our_row, their_row) = match order {
            Ordering::Less => (here.take(), None),
            Ordering::Greater => (None, there.take()),
            Ordering::Equal => (here.take(), there.take()),
        };
        found.n_cache += u64::from(our_row.is_some());
        found.n_server += u64::from(their_row.is_some());
        take(&mut found, table, sqlite, our_row.as_ref(), their_row.as_ref(), most)?;
        if let Some(before) = our_row {
            here = side::next_of_sqlite(&mut ours, table)?;
            check_order(table, "cache", &before, here.as_ref())?;
        }
        if let Some(before) = their_row {
            there = side::next_of_mysql(&mut theirs, table)?;
            check_order(table, "server", &before, there.as_ref())?;
        }
    }
    Ok(found)
}

fn take(
    found: &mut TableComparison,
    table: &TablePlan,
    sqlite: &Connection,
    here: Option<&Row>,
    there: Option<&Row>,
    most: usize,
) -> Result<()> {
    let is_unsent = match (here, there) {
        (Some(here), _) => here.is_unsent,
        (None, Some(there)) => side::is_queued(sqlite, table, &there.key)?,
        (None, None) => false,
    };
    let Some(key) = here.or(there).map(|row| serde_json::to_string(&row.key).unwrap_or_default()) else {
        return Ok(());
    };
    if is_unsent {
        found.n_unsent += 1;
        if found.first_unsent.len() < most {
            found.first_unsent.push(key);
        }
        return Ok(());
    }
    let kind = match (here, there) {
        (Some(here), Some(there)) if here.values == there.values => return Ok(()),
        (Some(here), Some(there)) => {
            found.n_differing += 1;
            let columns = table.columns.iter().zip(here.values.iter().zip(&there.values));
            let differing = columns.filter(|(_, (a, b))| a != b).map(|(column, _)| column.name.clone());
            DifferenceKind::Columns(differing.collect())
        }
        (None, _) => {
            found.n_missing_here += 1;
            DifferenceKind::MissingHere
        }
        (Some(_), None) => {
            found.n_missing_there += 1;
            DifferenceKind::MissingThere
        }
    };
    if found.first.len() < most {
        found.first.push(Difference { key, kind });
    }
    Ok(())
}

/// Two sides that are ordered differently would look as if every row were missing.
fn check_order(table: &TablePlan, whose: &str, before: &Row, after: Option<&Row>) -> Result<()> {
    match after {
        Some(after) if compare_keys(table, &before.key, &after.key) != Ordering::Less => {
            Err(HarnessError::new(format!(
                "the {whose}'s rows of {} do not come in the order of their keys, or one comes twice",
                table.name
            )))
        }
        _ => Ok(()),
    }
}
