//! What must hold of a device: at every moment, and when nothing is on its way any more.

use super::server::Server;
use physio_runtime::Result;
use physio_runtime::cache::{Attention, Cache};
use physio_schema::plan::{Plan, Scope, TablePlan};
use physio_schema::sqlite::internal::FIRST_TEMPORARY_KEY;
use physio_schema::sqlite::{quote_identifier as quoted, quote_text};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// A row's key as the outbox spells it, and its values.
type Rows = BTreeMap<String, Vec<String>>;

/// A row is `synced` exactly when nothing of it waits to be sent, nothing is half done, and no comparison with the
/// server ever had to bring a row in line: nothing in a simulation goes past the feed.
pub(super) fn always(cache: &Cache) -> std::result::Result<(), String> {
    let audits = cache.audits().map_err(|error| error.to_string())?;
    if let Some(audit) = audits.iter().find(|audit| audit.n_repaired_ever > 0) {
        return Err(format!("stale: an audit had to mend {} rows of {}", audit.n_repaired_ever, audit.table));
    }
    let found = cache.read(|file| {
        for table in &cache.plan().tables {
            let name = quoted(&table.name);
            let wrong = list(
                file,
                &format!(
                    "SELECT {key} || ' is ' || _sync_status FROM {name} WHERE (_sync_status = 'synced') = EXISTS (
                       SELECT 1 FROM _physio_outbox WHERE table_name = {table} AND row_key = {key})",
                    key = key_text(table),
                    table = quote_text(&table.name)
                ),
            )?;
            if let Some(row) = wrong.first() {
                return Ok(Err(format!("{} {row}, and the outbox says otherwise", table.name)));
            }
        }
        let stray = list(
            file,
            "SELECT change_id FROM _physio_outbox AS o WHERE unit_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM _physio_units AS u WHERE u.unit_id = o.unit_id)
             UNION ALL SELECT unit FROM _physio_control WHERE unit IS NOT NULL
             UNION ALL SELECT unit_id FROM _physio_units WHERE (state = 'sent') AND NOT EXISTS (SELECT 1 FROM _physio_in_flight)",
        )?;
        Ok(if stray.is_empty() { Ok(()) } else { Err(format!("changes without a unit, or units without a batch: {stray:?}")) })
    });
    found.map_err(|error| error.to_string())??;
    keys(cache)
}

/// No temporary key stands where its row has another key by now.
pub(super) fn keys(cache: &Cache) -> std::result::Result<(), String> {
    let found = cache.read(|file| {
        let plan = cache.plan();
        for (table, column) in key_columns(plan) {
            let place = plan.table(table).and_then(|table| Some((table, table.position(column)?)));
            let owners = place.map(|(table, position)| plan.key_owners(table, position)).unwrap_or_default();
            let owners: Vec<String> = owners.iter().map(|owner| quote_text(&owner.name)).collect();
            let (name, quoted_column) = (quoted(table), quoted(column));
            let sql = format!(
                "SELECT {quoted_column} FROM {name} WHERE {quoted_column} IN (SELECT temporary_key
                   FROM _physio_temporary_keys WHERE table_name IN ({}) AND server_key IS NOT NULL)",
                owners.join(", ")
            );
            if let Some(key) = list(file, &sql)?.first() {
                return Ok(Some(format!(
                    "left over: {table}.{column} is {key}, which has become another key"
                )));
            }
        }
        Ok(None)
    });
    found.map_err(|error| error.to_string())?.map_or(Ok(()), Err)
}

/// Every row that no unit in the attention list is about is what the server has and the device's user may see.
///
/// `waiting`: table and key of every change that has not been sent, because it waits behind such a unit.
pub(super) fn level(
    cache: &Cache,
    server: &mut Server,
    device: usize,
    attention: &[Attention],
    waiting: &[(String, String, String)],
) -> std::result::Result<(), String> {
    let plan = cache.plan();
    for table in &plan.tables {
        let shown =
            attention.iter().flat_map(|unit| &unit.changes).map(|change| (&change.table, &change.key));
        let all = shown.chain(waiting.iter().map(|(table, key, _)| (table, key)));
        let waiting: BTreeSet<&str> =
            all.filter(|(name, _)| **name == table.name).map(|(_, key)| key.as_str()).collect();
        let here = cache.read(|file| rows(file, table, "1")).map_err(|error| error.to_string())?;
        let seen = match server.scope(device) {
            Some(branch) => visible(&server.plan().clone(), table, branch),
            None => "1".to_owned(),
        };
        let there = rows(server.store(), table, &seen).map_err(|error| error.to_string())?;
        let keys: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
        for key in keys {
            if here.get(key) != there.get(key) && !waiting.contains(key.as_str()) {
                return Err(format!(
                    "stale: {} {key} is {:?} on the device and {:?} on the server",
                    table.name,
                    here.get(key),
                    there.get(key)
                ));
            }
        }
    }
    Ok(())
}

/// Nothing waits, and no temporary key is left.
pub(super) fn empty(cache: &Cache) -> std::result::Result<(), String> {
    let plan = cache.plan();
    let found = cache.read(|file| {
        let mut left = Vec::new();
        for table in
            ["_physio_outbox", "_physio_units", "_physio_in_flight", "_physio_conflicts", "_physio_replaced"]
        {
            if !list(file, &format!("SELECT 1 FROM {table} LIMIT 1"))?.is_empty() {
                left.push(format!("rows in {table}"));
            }
        }
        for (table, column) in key_columns(plan) {
            let (table, column) = (quoted(table), quoted(column));
            let sql = format!("SELECT {column} FROM {table} WHERE {column} >= {FIRST_TEMPORARY_KEY}");
            left.extend(
                list(file, &sql)?.into_iter().map(|key| format!("temporary key {key} in {table}.{column}")),
            );
        }
        Ok(left)
    });
    let left = found.map_err(|error| error.to_string())?;
    if left.is_empty() { Ok(()) } else { Err(format!("left over: {}", left.join(", "))) }
}

/// In a fixed order.
fn key_columns(plan: &Plan) -> BTreeSet<(&str, &str)> {
    plan.temporary_key_columns().into_iter().collect()
}

/// Whether a store has the row of a single key.
pub(super) fn has_row(store: &Connection, table: &TablePlan, key: &str) -> bool {
    let key_column = table.key_columns().next().map(|column| quoted(&column.name)).unwrap_or_default();
    let sql = format!("SELECT count(*) FROM {} WHERE CAST({key_column} AS TEXT) = ?1", quoted(&table.name));
    store.query_row(&sql, [key], |row| row.get::<_, i64>(0)).is_ok_and(|n| n > 0)
}

/// The condition for a table's rows of one branch.
fn visible(plan: &Plan, table: &TablePlan, branch: u64) -> String {
    match &table.access.scope {
        Scope::Shared => "1".to_owned(),
        Scope::Column(column) => format!("{} = {branch}", quoted(column)),
        Scope::Through { column, table, key } => {
            let parent = plan.table(table).expect("a scope leads to a table of the plan");
            format!(
                "{} IN (SELECT {} FROM {} WHERE {})",
                quoted(column),
                quoted(key),
                quoted(table),
                visible(plan, parent, branch)
            )
        }
    }
}

fn rows(file: &Connection, table: &TablePlan, condition: &str) -> Result<Rows> {
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("quote({})", quoted(&column.name))).collect();
    let sql = format!(
        "SELECT {}, {} FROM {} WHERE {condition}",
        key_text(table),
        columns.join(", "),
        quoted(&table.name)
    );
    let mut statement = file.prepare_cached(&sql)?;
    let mut found = statement.query([])?;
    let mut rows = Rows::new();
    while let Some(row) = found.next()? {
        let values = (1..=columns.len()).map(|at| Ok(row.get(at)?)).collect::<Result<_>>()?;
        rows.insert(row.get(0)?, values);
    }
    Ok(rows)
}

fn key_text(table: &TablePlan) -> String {
    let parts: Vec<String> =
        table.key_columns().map(|column| format!("CAST({} AS TEXT)", quoted(&column.name))).collect();
    format!("json_array({})", parts.join(", "))
}

fn list(file: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = file.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let value: rusqlite::types::Value = row.get(0)?;
        found.push(match value {
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        });
    }
    Ok(found)
}
