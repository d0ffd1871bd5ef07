//! This side of the comparison: sums of the rows that are here.

use super::{ServerRange, Span, numbers};
use crate::bridge::{RowSums, row_sum};
use crate::cache::Cache;
use crate::cache::failure::unknown_table;
use crate::cache::rows::{self, RowKey};
use crate::{Error, ErrorKind, Result};
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, Row};
use std::collections::HashSet;

impl Cache {
    /// The ranges in which this side differs from the server's sums. They begin above `after` and follow each other;
    /// `is_last`: nothing of the server's comes after them. For tables that [`has_server_order`](Self::has_server_order);
    /// `None` when a key of the server's is larger than any that is here, so that it has not.
    pub(crate) fn differing_ranges(
        &self,
        table: &str,
        after: Option<&str>,
        ranges: &[ServerRange],
        is_last: bool,
    ) -> Result<Option<Vec<Span>>> {
        let table = self.plan().table(table).ok_or_else(|| unknown_table(table))?;
        let mut expected: Vec<(Option<Vec<i64>>, RowSums)> = Vec::with_capacity(ranges.len() + 1);
        for range in ranges {
            let Some(until) = numbers(table, &range.until) else { return Ok(None) };
            expected.push((Some(until), range.sums));
        }
        if is_last {
            expected.push((None, RowSums::default()));
        }
        let from = after.map(|key| numbers(table, key).ok_or_else(|| out_of_order(table))).transpose()?;
        let last = expected.last().and_then(|(until, _)| until.clone());
        let found = self.read(|connection| sums_here(connection, table, from, last, &expected))?;
        let mut spans = Vec::new();
        for (position, ((_, theirs), (ours, has_unsent))) in expected.iter().zip(found).enumerate() {
            if ours != *theirs || has_unsent {
                let before = position.checked_sub(1).and_then(|before| ranges.get(before));
                spans.push(Span {
                    after: before.map(|range| range.until.clone()).or_else(|| after.map(str::to_owned)),
                    until: ranges.get(position).map(|range| range.until.clone()),
                    has_unsent,
                    n_rows: theirs.n_rows,
                });
            }
        }
        Ok(Some(spans))
    }

    /// Of rows that the server sent the sums of, one by one: whether this side has the same.
    pub(crate) fn differing_rows(
        &self,
        table: &str,
        sums: &[ServerRange],
        seen: &mut HashSet<String>,
    ) -> Result<Vec<bool>> {
        let table = self.plan().table(table).ok_or_else(|| unknown_table(table))?;
        let mut buffer = Vec::new();
        self.read(|connection| {
            let sql = format!("{} WHERE {}", select(table), rows::key_condition(table));
            let mut statement = connection.prepare_cached(&sql)?;
            sums.iter()
                .map(|theirs| {
                    let key = RowKey::from_wire(table, &theirs.until)?;
                    for (part, cell) in key.cells.iter().enumerate() {
                        statement.raw_bind_parameter(part + 1, rows::bound(cell))?;
                    }
                    let mut found = statement.raw_query();
                    let ours = match found.next()? {
                        Some(row) if !is_unsent(table, row)? => Some(sum_of(table, row, &mut buffer)?),
                        Some(_) | None => None,
                    };
                    seen.insert(key.text);
                    Ok(ours != Some(theirs.sums.sum))
                })
                .collect()
        })
    }

    /// Keys (captured spelling) of rows without unsent changes that are not among these.
    pub(crate) fn synced_rows_beside(&self, table: &str, seen: &HashSet<String>) -> Result<Vec<String>> {
        let table = self.plan().table(table).ok_or_else(|| unknown_table(table))?;
        let key: Vec<String> = table.key_columns().map(|column| quote_identifier(&column.name)).collect();
        let sql = format!(
            "SELECT {} FROM {} WHERE _sync_status = 'synced'",
            key.join(", "),
            quote_identifier(&table.name)
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut beside = Vec::new();
            while let Some(row) = rows.next()? {
                let key = RowKey::read(table, row)?;
                if !seen.contains(&key.text) {
                    beside.push(key.text);
                }
            }
            Ok(beside)
        })
    }
}

/// Sums of the rows above `from`, by range, and whether one of them has unsent changes.
fn sums_here(
    connection: &Connection,
    table: &TablePlan,
    from: Option<Vec<i64>>,
    until: Option<Vec<i64>>,
    expected: &[(Option<Vec<i64>>, RowSums)],
) -> Result<Vec<(RowSums, bool)>> {
    let mut found = vec![(RowSums::default(), false); expected.len()];
    if expected.is_empty() {
        return Ok(found);
    }
    let sql = format!("{} {}", select(table), range_condition(table, from.is_some(), until.is_some()));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(from.into_iter().chain(until).flatten()))?;
    let mut buffer = Vec::new();
    let mut at = 0;
    while let Some(row) = rows.next()? {
        let key: Vec<i64> =
            table.key.iter().map(|&position| row.get(position)).collect::<rusqlite::Result<_>>()?;
        while expected[at].0.as_ref().is_some_and(|until| key > *until) {
            at += 1;
        }
        if is_unsent(table, row)? {
            found[at].1 = true;
        } else {
            found[at].0.add(sum_of(table, row, &mut buffer)?);
        }
    }
    Ok(found)
}

/// Visible columns in plan order, then the status.
fn select(table: &TablePlan) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quote_identifier(&column.name)).collect();
    format!("SELECT {}, _sync_status FROM {}", columns.join(", "), quote_identifier(&table.name))
}

/// `WHERE` and `ORDER BY` for rows above a key and up to another.
pub(super) fn range_condition(table: &TablePlan, has_after: bool, has_until: bool) -> String {
    let key: Vec<String> = table.key_columns().map(|column| quote_identifier(&column.name)).collect();
    let (key, marks) = (key.join(", "), vec!["?"; table.key.len()].join(", "));
    let above = has_after.then(|| format!("({key}) > ({marks})"));
    let up_to = has_until.then(|| format!("({key}) <= ({marks})"));
    let conditions: Vec<String> = above.into_iter().chain(up_to).collect();
    let filter =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    format!("{filter} ORDER BY {key}")
}

fn is_unsent(table: &TablePlan, row: &Row<'_>) -> Result<bool> {
    Ok(row.get_ref(table.columns.len())?.as_str().is_ok_and(|status| status != "synced"))
}

fn sum_of(table: &TablePlan, row: &Row<'_>, buffer: &mut Vec<u8>) -> Result<u64> {
    let mut cells = Vec::with_capacity(table.columns.len());
    for position in 0..table.columns.len() {
        cells.push(rows::borrowed_cell(row.get_ref(position)?));
    }
    Ok(row_sum(table, cells, buffer)?)
}

pub(super) fn out_of_order(table: &TablePlan) -> Error {
    Error::new(
        ErrorKind::Field,
        format!(
            "a key of `{}` is larger than a signed 64-bit number; it is compared row by row next time",
            table.name
        ),
    )
}
