//! One row of every table for each of two branches, worked out from the plan.

use physio_schema::model::ColumnType;
use physio_schema::plan::{ColumnPlan, Plan, Scope, Storage, TablePlan};
use serde_json::{Map, Value, json};

/// A column's value as the wire spells it.
pub(super) type Row = Vec<(String, String)>;

/// The row number `n` of a table: it refers to the rows of the branch `branch`, and its scope is that branch.
pub(super) fn row(plan: &Plan, table: &TablePlan, n: u32, branch: u32) -> Row {
    let columns = table.columns.iter().enumerate();
    columns
        .filter_map(|(at, column)| Some((column.name.clone(), value(plan, table, at, column, n, branch)?)))
        .collect()
}

/// The key of a table's row number `n`.
pub(super) fn key(table: &TablePlan, n: u32) -> String {
    let column = table.key_columns().next().expect("a table has a key");
    match column.storage {
        Storage::Text => format!("K{n}"),
        _ => n.to_string(),
    }
}

fn value(
    plan: &Plan,
    table: &TablePlan,
    at: usize,
    column: &ColumnPlan,
    n: u32,
    branch: u32,
) -> Option<String> {
    if table.key.contains(&at) {
        return Some(key(table, n));
    }
    let parent = table.references.iter().find(|reference| reference.columns == [at]);
    let leads_to_scope = match &table.access.scope {
        Scope::Column(scope) | Scope::Through { column: scope, .. } => *scope == column.name,
        Scope::Shared => false,
    };
    if column.generated || (column.optional && !leads_to_scope) {
        return None;
    }
    if let Some(parent) = parent.and_then(|reference| plan.table(&reference.table)) {
        return Some(key(parent, branch));
    }
    if leads_to_scope {
        return Some(branch.to_string());
    }
    Some(plain_value(&column.column_type, n))
}

fn plain_value(column_type: &ColumnType, n: u32) -> String {
    match column_type {
        ColumnType::Integer { .. } => "1".to_owned(),
        ColumnType::Decimal { .. } => "1.00".to_owned(),
        ColumnType::Date => "2026-01-05".to_owned(),
        ColumnType::DateTime { .. } | ColumnType::Timestamp { .. } => "2026-01-05 10:00:00".to_owned(),
        ColumnType::Time { .. } => "10:00:00".to_owned(),
        ColumnType::Enum { members } => members[0].clone(),
        ColumnType::Json => "{}".to_owned(),
        _ => format!("x{n}"),
    }
}

/// `INSERT` as another application writes it.
pub(super) fn insert_sql(table: &TablePlan, row: &Row) -> String {
    let (names, values): (Vec<&str>, Vec<String>) =
        row.iter().map(|(name, value)| (name.as_str(), format!("'{value}'"))).unzip();
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), values.join(", "))
}

/// The row as the values of a pushed insert, and its temporary key where the server makes it.
pub(super) fn pushed(table: &TablePlan, row: &Row) -> Value {
    let auto = table.temporary_key.map(|at| table.columns[at].name.as_str());
    let values: Map<String, Value> = row
        .iter()
        .filter(|(name, _)| Some(name.as_str()) != auto)
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let mut change = json!({"op": "insert", "table": table.name, "values": values});
    if auto.is_some() {
        change["temp"] = json!("4503599627370496");
    }
    change
}

/// A column that an edit may change without touching key, references or scope, with the value of a row number.
pub(super) fn plain_column(plan: &Plan, table: &TablePlan, n: u32) -> Option<(String, String)> {
    row(plan, table, n, n).into_iter().find(|(name, value)| {
        let at = table.position(name).expect("a column of the table");
        let is_free = !table.key.contains(&at) && !table.references.iter().any(|r| r.columns.contains(&at));
        let is_scope = matches!(&table.access.scope, Scope::Column(column) if column == name);
        is_free && !is_scope && *value == format!("x{n}")
    })
}
