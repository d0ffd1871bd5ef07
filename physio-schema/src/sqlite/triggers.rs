//! The triggers of one table: refuse what MySQL would refuse, follow foreign keys, capture the rest.
//!
//! Checks stand in AFTER triggers: only there are defaults and keys known, and an upsert or `OR IGNORE` that
//! inserts nothing is not judged as an insert. `RAISE(ABORT)` undoes the statement all the same.

use super::capture::{UNIT, any_differs, changed_values, inserted_values, named_values, row_key};
use super::checks::{self, emit_refusals};
use super::defaults::emit_default;
use super::internal::FIRST_TEMPORARY_KEY;
use super::quote::{quote_identifier, quote_text};
use super::{TableInput, relations, same_key};
use crate::plan::{ColumnPlan, Storage, TablePlan};

pub(super) fn emit_triggers(input: &TableInput<'_>) -> Vec<String> {
    if !input.table.writable {
        return ["INSERT", "UPDATE", "DELETE"].map(|event| refuse_all(input.table, event)).into();
    }
    let mut triggers = vec![before_insert(input), after_insert(input), after_update(input)];
    triggers.extend(before_delete(input));
    triggers.push(after_delete(input));
    triggers
}

fn trigger(table: &TablePlan, event: &str, when: Option<&str>, body: &[String]) -> String {
    let short: String = event.split(' ').map(|word| word[..1].to_lowercase()).collect();
    named_trigger(table, &short, event, when, body)
}

fn named_trigger(
    table: &TablePlan,
    suffix: &str,
    event: &str,
    when: Option<&str>,
    body: &[String],
) -> String {
    let when = when.map(|condition| format!(" WHEN {condition}")).unwrap_or_default();
    format!(
        "CREATE TRIGGER IF NOT EXISTS {} {event} ON {} FOR EACH ROW{when}\nBEGIN\n  {}\nEND",
        quote_identifier(&format!("_physio_{}_{suffix}", table.name)),
        quote_identifier(&table.name),
        body.join("\n  ")
    )
}

fn refuse_all(table: &TablePlan, event: &str) -> String {
    let message = format!("physio: {}: read-only here; physio.toml says writable = false", table.name);
    let body = format!("SELECT RAISE(ABORT, {});", quote_text(&message));
    trigger(table, &format!("BEFORE {event}"), None, &[body])
}

/// Keeps the row that an `INSERT OR REPLACE` is about to overwrite: SQLite fires no DELETE trigger for it, and
/// what is sent must be an update. One slot per table; the AFTER trigger of the same row reads it.
fn before_insert(input: &TableInput<'_>) -> String {
    let table = input.table;
    let name = quote_text(&table.name);
    // A key that SQLite is about to give is -1 here and cannot be anybody's.
    let when = input.has_sequence().then(|| {
        let key = quote_identifier(&table.columns[table.key[0]].name);
        format!("NEW.{key} <> -1")
    });
    let old = table.columns.iter().map(|column| (column, quote_identifier(&column.name)));
    let old: Vec<String> = old.map(|(_, name)| name).collect();
    let values = named_values(sent_columns(table), "r");
    let body = [
        format!("DELETE FROM _physio_replaced WHERE table_name = {name};"),
        format!(
            "INSERT INTO _physio_replaced (table_name, row_key, old, status, synced_at, last_change)\n    \
             SELECT {name}, {key}, (SELECT json_group_object(n, v) FROM ({values})), r.\"_sync_status\", \
             r.\"_last_synced_at\", (SELECT coalesce(max(change_id), 0) FROM _physio_outbox)\n    \
             FROM (SELECT {old}, \"_sync_status\", \"_last_synced_at\" FROM {table} WHERE {same}) AS r;",
            key = row_key(table, "r"),
            old = old.join(", "),
            table = quote_identifier(&table.name),
            same = same_key(table, "NEW"),
        ),
    ];
    trigger(table, "BEFORE INSERT", when.as_deref(), &body)
}

fn after_insert(input: &TableInput<'_>) -> String {
    let table = input.table;
    let (name, quoted) = (quote_text(&table.name), quote_identifier(&table.name));
    let key = row_key(table, "NEW");
    let replaced = format!("FROM _physio_replaced AS r WHERE r.table_name = {name} AND r.row_key = {key}");

    let mut refusals = checks::insert_refusals(input);
    if let Some(position) = table.temporary_key {
        // A row that is there already may be written again under its key.
        let column = format!("NEW.{}", quote_identifier(&table.columns[position].name));
        for refusal in refusals.iter_mut().filter(|r| r.condition.starts_with(&format!("{column} IS NULL"))) {
            refusal.condition = format!("({}) AND NOT EXISTS (SELECT 1 {replaced})", refusal.condition);
        }
    }
    refusals.extend(relations::unique_refusals(input, false));
    refusals.extend(relations::parent_refusals(input, false));

    let mut body: Vec<String> = emit_refusals(&refusals).into_iter().collect();
    body.extend(make_integers(table));
    let sent = sent_columns(table).map(|column| (column, has_local_default(input, column)));
    body.push(format!(
        "INSERT INTO _physio_outbox (unit_id, table_name, op, row_key, changed)\n    \
         SELECT {UNIT}, {name}, 'insert', {key}, (SELECT json_group_object(n, v) FROM ({}))\n    \
         WHERE NOT EXISTS (SELECT 1 {replaced});",
        inserted_values(sent)
    ));
    if let Some(position) = table.temporary_key {
        let column = quote_identifier(&table.columns[position].name);
        let temporary = if input.wide_keys {
            String::new()
        } else {
            format!("NEW.{column} >= {FIRST_TEMPORARY_KEY} AND ")
        };
        body.push(format!(
            "INSERT INTO _physio_temporary_keys (table_name, temporary_key) SELECT {name}, NEW.{column}\n    \
             WHERE {temporary}NOT EXISTS (SELECT 1 {replaced}) AND NOT EXISTS (SELECT 1 FROM _physio_temporary_keys \
             WHERE table_name = {name} AND temporary_key = NEW.{column});"
        ));
    }
    body.push(format!(
        "UPDATE {quoted} SET \"_sync_status\" = 'pending' WHERE {} AND \"_sync_status\" <> 'pending'\n    \
         AND NOT EXISTS (SELECT 1 {replaced});",
        same_key(table, "NEW")
    ));
    body.extend(after_replace(table, &replaced));
    trigger(table, "AFTER INSERT", None, &body)
}

/// The row was there before: what differs is an update of it.
fn after_replace(table: &TablePlan, replaced: &str) -> [String; 4] {
    let (name, quoted) = (quote_text(&table.name), quote_identifier(&table.name));
    let key = row_key(table, "NEW");
    let values = named_values(sent_columns(table), "NEW");
    let own = same_key(table, "NEW");
    [
        // With recursive_triggers on, SQLite has fired the DELETE trigger for the old row.
        format!(
            "DELETE FROM _physio_outbox WHERE table_name = {name} AND row_key = {key} AND op = 'delete'\n    \
             AND change_id > (SELECT r.last_change {replaced});"
        ),
        // Compared as JSON: a join with the list of columns would be planned once per column.
        format!(
            "INSERT INTO _physio_outbox (unit_id, table_name, op, row_key, base, changed)\n    \
             SELECT {UNIT}, {name}, 'update', {key}, base, changed FROM (\n      \
             SELECT json_group_object(o.key, o.value) AS base, json_group_object(w.key, w.value) AS changed, \
             count(*) AS changes\n      \
             FROM (SELECT r.old AS old, (SELECT json_group_object(n, v) FROM ({values})) AS new {replaced}) AS q\n      \
             JOIN json_each(q.old) AS o JOIN json_each(q.new) AS w ON w.key = o.key\n      \
             WHERE o.value IS NOT w.value) WHERE changes > 0;"
        ),
        format!(
            "UPDATE {quoted} SET \"_last_synced_at\" = (SELECT r.synced_at {replaced}),\n    \
             \"_sync_status\" = (SELECT CASE WHEN r.status = 'synced' AND EXISTS (SELECT 1 FROM _physio_outbox \
             WHERE table_name = {name} AND row_key = {key} AND change_id > r.last_change) THEN 'pending' \
             ELSE r.status END {replaced})\n    WHERE {own} AND EXISTS (SELECT 1 {replaced});"
        ),
        format!("DELETE FROM _physio_replaced WHERE table_name = {name};"),
    ]
}

fn after_update(input: &TableInput<'_>) -> String {
    let table = input.table;
    let (name, quoted) = (quote_text(&table.name), quote_identifier(&table.name));
    let mut refusals = checks::update_refusals(input);
    refusals.extend(relations::unique_refusals(input, true));
    refusals.extend(relations::parent_refusals(input, true));
    refusals.extend(relations::update_refusals(input));
    let mut body: Vec<String> = emit_refusals(&refusals).into_iter().collect();
    body.extend(make_integers(table));
    body.push(format!(
        "INSERT INTO _physio_outbox (unit_id, table_name, op, row_key, base, changed)\n    \
         SELECT {UNIT}, {name}, 'update', {}, json_group_object(n, o), json_group_object(n, v) FROM ({});",
        row_key(table, "OLD"),
        changed_values(table.columns.iter())
    ));
    body.push(format!(
        "UPDATE {quoted} SET \"_sync_status\" = 'pending' WHERE {} AND \"_sync_status\" = 'synced';",
        same_key(table, "NEW")
    ));
    body.extend(relations::update_actions(input));
    trigger(table, "AFTER UPDATE", Some(&any_differs(table)), &body)
}

/// Two triggers, because a trigger does not fire itself: deleting a row's own descendants must still reach the
/// other tables' rows of each of them.
fn before_delete(input: &TableInput<'_>) -> Vec<String> {
    let own = relations::self_delete_actions(input);
    let mut others: Vec<String> =
        emit_refusals(&relations::restrict_delete_refusals(input)).into_iter().collect();
    others.extend(relations::delete_actions(input));
    let mut triggers = Vec::new();
    if !others.is_empty() {
        triggers.push(trigger(input.table, "BEFORE DELETE", None, &others));
    }
    if !own.is_empty() {
        triggers.push(named_trigger(input.table, "bd_self", "BEFORE DELETE", None, &own));
    }
    triggers
}

/// Without the columns that move by themselves at every change: the device's own update, sent just before, would
/// look like somebody else's.
fn after_delete(input: &TableInput<'_>) -> String {
    let table = input.table;
    let moves =
        |column: &ColumnPlan| input.model.column(&column.name).is_some_and(|model| model.on_update.is_some());
    let base = named_values(sent_columns(table).filter(|column| !moves(column)), "OLD");
    let body = format!(
        "INSERT INTO _physio_outbox (unit_id, table_name, op, row_key, base)\n    \
         SELECT {UNIT}, {}, 'delete', {}, (SELECT json_group_object(n, v) FROM ({base}));",
        quote_text(&table.name),
        row_key(table, "OLD")
    );
    trigger(table, "AFTER DELETE", None, &[body])
}

/// MySQL computes generated columns: they are never sent.
fn sent_columns(table: &TablePlan) -> impl Iterator<Item = &ColumnPlan> {
    table.columns.iter().filter(|column| !column.generated)
}

fn has_local_default(input: &TableInput<'_>, column: &ColumnPlan) -> bool {
    let default = input.model.column(&column.name);
    default.and_then(|model| emit_default(column, model, input.utc_offset_minutes)).is_some()
}

/// Whole numbers that a driver bound as REAL become INTEGER. It is no change: SQLite compares them as equal.
fn make_integers(table: &TablePlan) -> Option<String> {
    let wide: Vec<String> = table
        .columns
        .iter()
        .filter(|column| column.storage == Storage::Unsigned64)
        .map(|column| quote_identifier(&column.name))
        .collect();
    if wide.is_empty() {
        return None;
    }
    let assignments: Vec<String> = wide
        .iter()
        .map(|name| {
            format!("{name} = CASE typeof({name}) WHEN 'real' THEN CAST({name} AS INTEGER) ELSE {name} END")
        })
        .collect();
    let any: Vec<String> = wide.iter().map(|name| format!("typeof(NEW.{name}) = 'real'")).collect();
    Some(format!(
        "UPDATE {} SET {} WHERE {} AND ({});",
        quote_identifier(&table.name),
        assignments.join(", "),
        same_key(table, "NEW"),
        any.join(" OR ")
    ))
}
