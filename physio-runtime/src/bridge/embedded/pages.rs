//! `sync.php` and `read.php`: what changed, and pages of a table.

use super::ddl;
use super::feed;
use super::guard::Caller;
use super::refusal::{Refusal, Stop};
use super::spelling;
use super::store::{self, WireRow};
use super::stream::{Lines, limit_of};
use crate::bridge::wire::TableDescription;
use physio_schema::plan::{Plan, TablePlan};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;
use std::collections::BTreeMap;

type Parameters = BTreeMap<String, String>;

/// `GET sync.php`.
pub(super) fn sync_page(
    store: &mut Connection,
    plan: &Plan,
    caller: &Caller<'_>,
    parameters: &Parameters,
    most_entries: u32,
) -> Result<Vec<u8>, Stop> {
    let since = parameters.get("since").ok_or_else(|| Refusal::of("bad_request"))?;
    if since != "new" {
        caller.check_acquainted(&plan.fingerprint)?;
    }
    let device = caller.device()?;
    let limit =
        limit_of(parameters.get("limit"), 2_000, most_entries).ok_or_else(|| Refusal::of("bad_request"))?;
    let tables = listed_tables(plan, parameters.get("tables"))?;
    let described = match parameters.get("describe") {
        Some(list) => listed_tables(plan, Some(list))?,
        None => Vec::new(),
    };

    feed::sequence(store)?;
    let snapshot = store.transaction()?;
    let state = feed::load_state(&snapshot)?;
    let (entries, more) = match since.as_str() {
        "new" => (Vec::new(), false),
        cursor => {
            let seq = feed::check_cursor(cursor, &state)?;
            let ids: Vec<u32> = tables.iter().map(|table| table.id).collect();
            feed::load_page(&snapshot, seq, &ids, limit)?
        }
    };
    // A page in the middle ends at its last entry; the last page has seen everything up to `seq`.
    let seq = entries.last().filter(|_| more).map_or(state.seq, |entry| entry.seq);

    let mut lines = Lines::default();
    let mut head = json!({"v": 1, "fingerprint": plan.fingerprint, "epoch": state.epoch});
    add_fingerprints_for_stranger(&mut head, plan, caller);
    lines.push(&head);
    for table in plan.tables.iter().filter(|table| described.iter().any(|asked| asked.id == table.id)) {
        lines.push(&json!({ "describe": TableDescription::of(table) }));
    }
    for table in tables {
        let mut rows: Vec<WireRow> = Vec::new();
        let mut deleted: Vec<Vec<String>> = Vec::new();
        for entry in entries.iter().filter(|entry| entry.t == table.id) {
            let key = store::feed_key(table, &entry.pk);
            match store::load_row(&snapshot, table, &key).map_err(|error| Stop::in_table(error, table))? {
                Some(row) => rows.push(row),
                None => deleted.push(spelling::wire_key(table, &key)),
            }
        }
        if !deleted.is_empty() {
            lines.push(&json!({"table": table.name, "deleted": deleted}));
        }
        if !rows.is_empty() {
            lines.open_table(table);
            rows.iter().for_each(|row| lines.row(row));
        }
    }
    let ack: Option<i64> = snapshot
        .query_row("SELECT last_batch FROM _physio_device WHERE device = ?1", [device], |row| row.get(0))
        .optional()?;
    lines.push(&json!({
        "end": true,
        "cursor": format!("{}.{seq}", state.epoch),
        "more": more,
        "exact": !more,
        "ack": ack.unwrap_or(0),
    }));
    Ok(lines.into_bytes())
}

fn listed_tables<'p>(plan: &'p Plan, list: Option<&String>) -> Result<Vec<&'p TablePlan>, Refusal> {
    let Some(list) = list else { return Ok(plan.tables.iter().collect()) };
    let mut tables: Vec<&TablePlan> = Vec::new();
    for name in list.split(',').filter(|name| !name.is_empty()) {
        let table = plan.table(name).ok_or_else(|| Refusal::of("unknown_table"))?;
        if !tables.iter().any(|known| known.id == table.id) {
            tables.push(table);
        }
    }
    Ok(tables)
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
    let limit =
        limit_of(parameters.get("limit"), 20_000, 100_000).ok_or_else(|| Refusal::of("bad_request"))?;
    let (rows, more) = match (parameters.get("key"), parameters.get("after")) {
        (Some(_), Some(_)) => return Err(Refusal::of("bad_request").into()),
        (Some(key), None) => {
            let row = store::load_row(store, table, &parsed_key(table, key)?)
                .map_err(|error| Stop::in_table(error, table))?;
            (row.into_iter().collect::<Vec<_>>(), false)
        }
        (None, after) => {
            let after = after.map(|after| parsed_key(table, after)).transpose()?;
            rows_above(store, table, after, limit).map_err(|error| Stop::in_table(error, table))?
        }
    };
    let mut lines = Lines::default();
    let mut head = json!({
        "v": 1,
        "fingerprint": plan.fingerprint,
        "table": table.name,
        "columns": store::column_names(table),
        "base64": store::base64_positions(table),
    });
    add_fingerprints_for_stranger(&mut head, plan, caller);
    lines.push(&head);
    rows.iter().for_each(|row| lines.row(row));
    let after = rows.last().map(|row| store::key_of(table, row));
    lines.push(&json!({"end": true, "rows": rows.len(), "more": more, "after": after}));
    Ok(lines.into_bytes())
}

/// A client of another schema learns which tables are still the same.
fn add_fingerprints_for_stranger(head: &mut serde_json::Value, plan: &Plan, caller: &Caller<'_>) {
    if caller.fingerprint().is_some_and(|fingerprint| fingerprint != plan.fingerprint) {
        let prints = plan.tables.iter().map(|table| (table.name.clone(), table.fingerprint.clone().into()));
        head["tables"] = serde_json::Value::Object(prints.collect());
    }
}

fn rows_above(
    store: &Connection,
    table: &TablePlan,
    after: Option<Vec<Value>>,
    limit: u32,
) -> rusqlite::Result<(Vec<WireRow>, bool)> {
    let key = ddl::quoted_list(table.key_columns().map(|column| column.name.as_str()));
    let marks = (1..=table.key.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    let above = if after.is_some() { format!("WHERE ({key}) > ({marks})") } else { String::new() };
    let sql = format!(
        "SELECT {} FROM {} {above} ORDER BY {key} LIMIT {}",
        ddl::quoted_list(store::column_names(table)),
        ddl::quoted(&table.name),
        u64::from(limit) + 1
    );
    let mut page = store.prepare_cached(&sql)?;
    let found = page.query_map(rusqlite::params_from_iter(after.unwrap_or_default()), |row| {
        store::wire_row(table, row)
    })?;
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
