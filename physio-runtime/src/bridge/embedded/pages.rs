//! `sync.php`: what changed.

use super::feed;
use super::guard::Caller;
use super::readers;
use super::refusal::{Refusal, Stop};
use super::spelling;
use super::store::{self, WireRow};
use super::stream::{Lines, limit_of};
use crate::bridge::wire::TableDescription;
use physio_schema::plan::{Operation, Plan, TablePlan};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) type Parameters = BTreeMap<String, String>;

/// `GET sync.php`.
pub(super) fn sync_page(
    store: &mut Connection,
    plan: &Plan,
    caller: &Caller<'_>,
    parameters: &Parameters,
    now_ms: i64,
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

    let rights = caller.rights();
    let tables: Vec<&TablePlan> =
        tables.into_iter().filter(|table| rights.may(table, Operation::Read)).collect();
    let before = caller_state(store, caller)?;
    let asked = match since.as_str() {
        "new" => None,
        cursor => Some(feed::check_cursor(cursor, &before)?),
    };
    readers::note(store, device, asked, before.seq, now_ms)?;
    feed::sequence(store)?;
    readers::purge(store, before.seq, plan.sync.device_days, now_ms)?;
    let snapshot = store.transaction()?;
    let state = caller_state(&snapshot, caller)?;
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
        let visible = rights.visible(table);
        for entry in entries.iter().filter(|entry| entry.t == table.id) {
            let key = store::feed_key(table, &entry.pk);
            let row = store::load_row(&snapshot, table, &key, &visible);
            match row.map_err(|error| Stop::in_table(error, table))? {
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
        .prepare_cached("SELECT last_batch FROM _physio_device WHERE device = ?1")?
        .query_row([device], |row| row.get(0))
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

/// The feed's state under the epoch that this caller sees.
fn caller_state(store: &Connection, caller: &Caller<'_>) -> rusqlite::Result<feed::State> {
    let state = feed::load_state(store)?;
    Ok(feed::State { epoch: caller.rights().epoch(&state.epoch), ..state })
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

/// A client of another schema learns which tables are still the same.
pub(super) fn add_fingerprints_for_stranger(head: &mut serde_json::Value, plan: &Plan, caller: &Caller<'_>) {
    if caller.fingerprint().is_some_and(|fingerprint| fingerprint != plan.fingerprint) {
        let prints = plan.tables.iter().map(|table| (table.name.clone(), table.fingerprint.clone().into()));
        head["tables"] = serde_json::Value::Object(prints.collect());
    }
}
