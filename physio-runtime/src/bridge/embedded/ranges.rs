//! `read.php`: pages of a table, one row, and the sums of its ranges.

use super::ddl;
use super::feed;
use super::guard::Caller;
use super::pages::{Parameters, add_fingerprints_for_stranger};
use super::refusal::{Refusal, Stop};
use super::rights::Visible;
use super::spelling;
use super::store::{self, WireRow};
use super::stream::{Lines, limit_of};
use crate::bridge::RowSums;
use crate::bridge::row_sum::row_sum;
use physio_schema::codec::Cell;
use physio_schema::plan::{Operation, Plan, TablePlan};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;

/// Rows above one key and up to another.
#[derive(Debug, Default)]
struct Range {
    after: Option<Vec<Value>>,
    until: Option<Vec<Value>>,
}

/// `GET read.php`.
pub(super) fn read_page(
    store: &Connection,
    plan: &Plan,
    caller: &Caller<'_>,
    parameters: &Parameters,
) -> Result<Vec<u8>, Stop> {
    let name = parameters.get("table").ok_or_else(|| Refusal::of("bad_request"))?;
    caller.check_acquainted(&plan.fingerprint)?;
    let table = plan.table(name).ok_or_else(|| Refusal::of("unknown_table"))?;
    if !caller.rights().may(table, Operation::Read) {
        return Err(Refusal::of("forbidden").field(table.name.clone()).into());
    }
    let visible = caller.rights().visible(table);
    let limit =
        limit_of(parameters.get("limit"), 20_000, 100_000).ok_or_else(|| Refusal::of("bad_request"))?;
    let key = |name: &str| parameters.get(name).map(|text| parsed_key(table, text)).transpose();
    let range = Range { after: key("after")?, until: key("until")? };
    let sums = match parameters.get("sums") {
        Some(sums) => Some(limit_of(Some(sums), 1, 10_000).ok_or_else(|| Refusal::of("bad_request"))?),
        None => None,
    };
    let row_key = key("key")?;
    if row_key.is_some() && (range.after.is_some() || range.until.is_some() || sums.is_some()) {
        return Err(Refusal::of("bad_request").into());
    }
    let in_table = |error| Stop::in_table(error, table);
    let epoch = feed::epoch_for(store, caller.rights())?;
    if let Some(rows_per_range) = sums {
        let (rows, more) = rows_of(store, table, range, &visible, limit).map_err(in_table)?;
        let mut columns = vec!["n", "sum"];
        columns.extend(table.key_columns().map(|column| column.name.as_str()));
        let lines = head(plan, caller, &epoch, table, &json!(columns), &[]);
        return sums_of(lines, table, &rows, rows_per_range, more).map_err(in_table);
    }
    let (rows, more) = match row_key {
        Some(key) => {
            let row = store::load_row(store, table, &key, &visible).map_err(in_table)?;
            (row.into_iter().collect::<Vec<_>>(), false)
        }
        None => rows_of(store, table, range, &visible, limit).map_err(in_table)?,
    };
    let columns = json!(store::column_names(table));
    let mut lines = head(plan, caller, &epoch, table, &columns, &store::base64_positions(table));
    rows.iter().for_each(|row| lines.row(row));
    let after = rows.last().map(|row| store::key_of(table, row));
    lines.push(&json!({"end": true, "rows": rows.len(), "more": more, "after": after}));
    Ok(lines.into_bytes())
}

fn head(
    plan: &Plan,
    caller: &Caller<'_>,
    epoch: &str,
    table: &TablePlan,
    columns: &serde_json::Value,
    base64: &[usize],
) -> Lines {
    let mut head = json!({
        "v": 1,
        "fingerprint": plan.fingerprint,
        "epoch": epoch,
        "table": table.name,
        "columns": columns,
        "base64": base64,
    });
    add_fingerprints_for_stranger(&mut head, plan, caller);
    let mut lines = Lines::default();
    lines.push(&head);
    lines
}

/// Number, sum and last key of each so many rows.
fn sums_of(
    mut lines: Lines,
    table: &TablePlan,
    rows: &[WireRow],
    rows_per_range: u32,
    more: bool,
) -> rusqlite::Result<Vec<u8>> {
    let mut buffer = Vec::new();
    let (mut n_ranges, mut last) = (0, None);
    for range in rows.chunks(rows_per_range as usize) {
        let mut sums = RowSums::default();
        for row in range {
            let cells = table.columns.iter().zip(row).map(|(column, text)| {
                let cell = physio_schema::codec::cell_from_wire(column, text.as_deref());
                cell.map_or(Cell::Null, Cell::into_owned)
            });
            let broken = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
            sums.add(row_sum(table, cells, &mut buffer).map_err(broken)?);
        }
        let mut line = vec![Some(sums.n_rows.to_string()), Some(sums.to_string())];
        last = range.last().map(|row| store::key_of(table, row));
        line.extend(last.iter().flatten().cloned().map(Some));
        lines.row(&line);
        n_ranges += 1;
    }
    lines.push(&json!({"end": true, "rows": n_ranges, "more": more, "after": last}));
    Ok(lines.into_bytes())
}

fn rows_of(
    store: &Connection,
    table: &TablePlan,
    range: Range,
    visible: &Visible,
    limit: u32,
) -> rusqlite::Result<(Vec<WireRow>, bool)> {
    let key = ddl::quoted_list(table.key_columns().map(|column| column.name.as_str()));
    let marks = vec!["?"; table.key.len()].join(", ");
    let above = range.after.as_ref().map(|_| format!("({key}) > ({marks})"));
    let up_to = range.until.as_ref().map(|_| format!("({key}) <= ({marks})"));
    let conditions: Vec<String> = above.into_iter().chain(up_to).chain(visible.condition()).collect();
    let filter =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT {} FROM {} {filter} ORDER BY {key} LIMIT {}",
        ddl::quoted_list(store::column_names(table)),
        ddl::quoted(&table.name),
        u64::from(limit) + 1
    );
    let bound = range.after.iter().chain(&range.until).flatten().chain(visible.bound());
    let mut page = store.prepare_cached(&sql)?;
    let found = page.query_map(rusqlite::params_from_iter(bound), |row| store::wire_row(table, row))?;
    let mut rows = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok((rows, more))
}

fn parsed_key(table: &TablePlan, text: &str) -> Result<Vec<Value>, Refusal> {
    let parts: Vec<String> = serde_json::from_str(text).map_err(|_| Refusal::of("bad_request"))?;
    if parts.len() != table.key.len() {
        return Err(Refusal::of("bad_request"));
    }
    spelling::stored_key(table, &parts).map_err(|_| Refusal::of("bad_request"))
}
