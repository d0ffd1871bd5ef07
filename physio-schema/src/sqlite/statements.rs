//! The statements that the runtime prepares once per table.

use super::quote::{quote_identifier, quote_list};
use crate::plan::TablePlan;

pub(super) fn emit_upsert(table: &TablePlan) -> String {
    let at = table.columns.len() + 1;
    let name = quote_identifier(&table.name);
    format!("{} WHERE {name}.\"_sync_status\" = 'synced'", write(table, &format!("?{at}, 'synced'")))
}

/// Bytes decide, not the column's collation: a changed letter's case is a change.
pub(super) fn emit_confirm(table: &TablePlan) -> String {
    let at = table.columns.len() + 1;
    let name = |position: usize| quote_identifier(&table.columns[position].name);
    let key = table.key.iter().map(|&part| format!("{} = ?{}", name(part), part + 1));
    let others = (0..table.columns.len()).filter(|position| !table.key.contains(position));
    let equal = others.map(|position| format!("{} IS ?{} COLLATE BINARY", name(position), position + 1));
    format!(
        "UPDATE {} SET \"_last_synced_at\" = ?{at} WHERE {} AND \"_sync_status\" = 'synced'",
        quote_identifier(&table.name),
        key.chain(equal).collect::<Vec<_>>().join(" AND ")
    )
}

pub(super) fn emit_replace(table: &TablePlan) -> String {
    let at = table.columns.len() + 1;
    write(table, &format!("?{at}, ?{}", at + 1))
}

/// Key columns are the conflict target and are never rewritten.
fn write(table: &TablePlan, meta: &str) -> String {
    let mut assigned: Vec<String> = (0..table.columns.len())
        .filter(|position| !table.key.contains(position))
        .map(|position| quote_identifier(&table.columns[position].name))
        .collect();
    assigned.extend(["\"_last_synced_at\"".to_owned(), "\"_sync_status\"".to_owned()]);
    let assignments: Vec<String> = assigned.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let values: Vec<String> = (1..=table.columns.len()).map(|at| format!("?{at}")).collect();
    format!(
        "INSERT INTO {} ({}, \"_last_synced_at\", \"_sync_status\") VALUES ({}, {meta}) ON CONFLICT ({}) DO UPDATE SET {}",
        quote_identifier(&table.name),
        quote_list(table.columns.iter().map(|column| column.name.as_str())),
        values.join(", "),
        quote_list(table.key_columns().map(|column| column.name.as_str())),
        assignments.join(", "),
    )
}

pub(super) fn emit_delete(table: &TablePlan, only_synced: bool) -> String {
    let condition = if only_synced { " AND \"_sync_status\" = 'synced'" } else { "" };
    format!("DELETE FROM {} WHERE {}{condition}", quote_identifier(&table.name), key_parameters(table, 1))
}

pub(super) fn emit_select_by_key(table: &TablePlan) -> String {
    format!(
        "SELECT {}, \"_sync_status\" FROM {} WHERE {}",
        quote_list(table.columns.iter().map(|column| column.name.as_str())),
        quote_identifier(&table.name),
        key_parameters(table, 1)
    )
}

pub(super) fn emit_set_status(table: &TablePlan) -> String {
    format!(
        "UPDATE {} SET \"_sync_status\" = ?1 WHERE {}",
        quote_identifier(&table.name),
        key_parameters(table, 2)
    )
}

fn key_parameters(table: &TablePlan, first: usize) -> String {
    let parts = table.key_columns().enumerate();
    let parts =
        parts.map(|(index, column)| format!("{} = ?{}", quote_identifier(&column.name), first + index));
    parts.collect::<Vec<_>>().join(" AND ")
}
