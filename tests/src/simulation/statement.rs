//! Statements for any table, worked out from its plan: the same text runs on a device and on the server.

use super::plan::{Op, What};
use physio_schema::plan::{ConflictRule, Plan, Storage, TablePlan};
use physio_schema::sqlite::quote_identifier as quoted;
use std::fmt::Write;

/// A statement and the text that it leaves behind.
pub(super) struct Statement {
    pub(super) sql: String,
    /// Table, column and a text that no other statement has.
    pub(super) mark: Option<Mark>,
}

/// A text that tells one write from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) text: String,
    /// The column's rule lets the server's value stay.
    pub(super) is_yielding: bool,
}

/// The statement of an operation; `text` marks it.
pub(super) fn statement(plan: &Plan, op: Op, text: &str) -> Statement {
    let Op(what, table, row, other) = op;
    let table = &plan.tables[usize::from(table) % plan.tables.len()];
    match what {
        What::Insert => insert(table, row, other, text, "INSERT"),
        What::Replace => insert(table, row, other, text, "INSERT OR REPLACE"),
        What::Update => {
            let columns = text_columns(table);
            let column = columns[usize::from(other) % columns.len()];
            let sql = format!(
                "UPDATE {} SET {} = '{text}' WHERE {}",
                quoted(&table.name),
                quoted(&table.columns[column].name),
                any_row(table, row)
            );
            Statement { sql, mark: Some(mark(table, column, text)) }
        }
        What::Move => match movable(table) {
            Some((column, parent, key)) => Statement {
                sql: format!(
                    "UPDATE {} SET {} = {} WHERE {}",
                    quoted(&table.name),
                    quoted(&table.columns[column].name),
                    any_key(parent, key, other),
                    any_row(table, row)
                ),
                mark: None,
            },
            None => statement(plan, Op(What::Update, op.1, row, other), text),
        },
        What::Rename => match unique_column(table) {
            Some(column) => Statement {
                sql: format!(
                    "UPDATE {} SET {} = {} WHERE {}",
                    quoted(&table.name),
                    quoted(&table.columns[column].name),
                    few("U", other),
                    any_row(table, row)
                ),
                mark: None,
            },
            None => statement(plan, Op(What::Update, op.1, row, other), text),
        },
        What::Delete => {
            let sql = format!("DELETE FROM {} WHERE {}", quoted(&table.name), any_row(table, row));
            Statement { sql, mark: None }
        }
    }
}

fn insert(table: &TablePlan, row: u16, other: u16, text: &str, verb: &str) -> Statement {
    let texts = text_columns(table);
    let marked = *texts
        .iter()
        .find(|&&column| !table.columns[column].nullable)
        .unwrap_or(&texts[usize::from(other) % texts.len()]);
    let (mut names, mut values) = (String::new(), String::new());
    for (position, column) in table.columns.iter().enumerate() {
        let parent = parent_of(table, position);
        let value = if position == marked {
            format!("'{text}'")
        } else if table.temporary_key == Some(position) {
            continue;
        } else if let Some((parent, key)) = parent.filter(|_| !column.nullable || !other.is_multiple_of(3)) {
            any_key(parent, key, row.wrapping_add(position as u16))
        } else if table.key.contains(&position) {
            match column.storage {
                Storage::Text => few("K", other),
                _ => (1 + other % 5).to_string(),
            }
        } else if unique_column(table) == Some(position) && other.is_multiple_of(4) {
            few("U", row)
        } else if column.nullable || column.optional {
            continue;
        } else {
            format!("'{}.50'", other % 90)
        };
        let comma = if names.is_empty() { "" } else { ", " };
        let _ = write!(names, "{comma}{}", quoted(&column.name));
        let _ = write!(values, "{comma}{value}");
    }
    let sql = format!("{verb} INTO {} ({names}) VALUES ({values})", quoted(&table.name));
    Statement { sql, mark: Some(mark(table, marked, text)) }
}

fn mark(table: &TablePlan, column: usize, text: &str) -> Mark {
    let column = &table.columns[column];
    Mark {
        table: table.name.clone(),
        column: column.name.clone(),
        text: text.to_owned(),
        is_yielding: column.conflict == ConflictRule::Server,
    }
}

/// Columns that hold free text.
pub(super) fn text_columns(table: &TablePlan) -> Vec<usize> {
    let is_free = |position: &usize| {
        let column = &table.columns[*position];
        let is_text =
            matches!(column.storage, Storage::Text) && !column.column_type.to_string().starts_with("decimal");
        is_text
            && !table.key.contains(position)
            && parent_of(table, *position).is_none()
            && unique_column(table) != Some(*position)
    };
    (0..table.columns.len()).filter(is_free).collect()
}

/// The column of a unique key that is not the row key.
fn unique_column(table: &TablePlan) -> Option<usize> {
    table.unique.iter().find(|(_, columns)| *columns != table.key).map(|(_, columns)| columns[0])
}

/// The table and the column that a column refers to.
fn parent_of(table: &TablePlan, position: usize) -> Option<(&str, &str)> {
    let refers = |reference: &&physio_schema::plan::Reference| reference.columns == [position];
    let reference = table.references.iter().find(refers)?;
    Some((reference.table.as_str(), reference.referenced_columns[0].as_str()))
}

/// A column outside the key that refers to another row.
fn movable(table: &TablePlan) -> Option<(usize, &str, &str)> {
    let outside = (0..table.columns.len()).filter(|position| !table.key.contains(position));
    outside.into_iter().find_map(|position| {
        let (parent, key) = parent_of(table, position)?;
        Some((position, parent, key))
    })
}

fn few(letter: &str, pick: u16) -> String {
    format!("'{letter}{}'", pick % 6)
}

fn any_key(table: &str, key: &str, pick: u16) -> String {
    let (table, key) = (quoted(table), quoted(key));
    format!(
        "(SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {pick} % max(1, (SELECT count(*) FROM {table})))"
    )
}

/// A condition that finds one row.
fn any_row(table: &TablePlan, pick: u16) -> String {
    let key: Vec<String> = table.key_columns().map(|column| quoted(&column.name)).collect();
    let (key, name) = (key.join(", "), quoted(&table.name));
    format!(
        "({key}) = (SELECT {key} FROM {name} ORDER BY {key} LIMIT 1 OFFSET {pick} % max(1, (SELECT count(*) FROM {name})))"
    )
}
