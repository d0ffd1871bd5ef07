//! Statements for any table, worked out from its plan: the same text runs on a device and on the server.

use super::plan::{Op, What};
use physio_schema::plan::{ConflictRule, Plan, Reference, Storage, TablePlan};
use physio_schema::sqlite::quote_identifier as quoted;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::fmt::Write;

/// A statement and the text that it leaves behind.
pub(super) struct Statement {
    /// The same for all statements of one kind, so that it need not be prepared again.
    pub(super) sql: String,
    values: Values,
    /// Table, column and a text that no other statement has.
    pub(super) mark: Option<Mark>,
}

impl Statement {
    /// Its bound values.
    pub(super) fn parameters(&self) -> impl rusqlite::Params {
        rusqlite::params_from_iter(&self.values.0)
    }

    /// Runs it on a store; gives the number of rows.
    pub(super) fn run(&self, store: &Connection) -> rusqlite::Result<usize> {
        store.prepare_cached(&self.sql)?.execute(self.parameters())
    }
}

/// The values of a statement, in the order of their places in it.
#[derive(Default)]
struct Values(Vec<Value>);

impl Values {
    /// The next place.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("?{}", self.0.len())
    }
}

/// A text that tells one write from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) text: String,
    /// The column's rule lets the server's value stay.
    pub(super) is_yielding: bool,
    /// The column's rule lets the device's value win.
    pub(super) is_forced: bool,
}

/// The statement of an operation; `text` marks it.
pub(super) fn statement(plan: &Plan, op: Op, text: &str) -> Statement {
    let Op(what, table, row, other) = op;
    let table = &plan.tables[usize::from(table) % plan.tables.len()];
    let mut values = Values::default();
    match what {
        What::Insert => insert(table, row, other, text, "INSERT"),
        What::Replace => insert(table, row, other, text, "INSERT OR REPLACE"),
        What::Update => {
            let columns = text_columns(table);
            let column = columns[usize::from(other) % columns.len()];
            let sql = format!(
                "UPDATE {} SET {} = {} WHERE {}",
                quoted(&table.name),
                quoted(&table.columns[column].name),
                values.bind(text.to_owned()),
                any_row(table, values.bind(row))
            );
            Statement { sql, values, mark: Some(mark(table, column, text)) }
        }
        What::Move => match movable(table) {
            Some((column, reference)) => Statement {
                sql: format!(
                    "UPDATE {} SET {} = {} WHERE {}",
                    quoted(&table.name),
                    quoted(&table.columns[column].name),
                    any_parent(reference, column, values.bind(other)),
                    any_row(table, values.bind(row))
                ),
                values,
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
                    values.bind(few("U", other)),
                    any_row(table, values.bind(row))
                ),
                values,
                mark: None,
            },
            None => statement(plan, Op(What::Update, op.1, row, other), text),
        },
        What::Delete => {
            let found = any_row(table, values.bind(row));
            Statement {
                sql: format!("DELETE FROM {} WHERE {found}", quoted(&table.name)),
                values,
                mark: None,
            }
        }
    }
}

fn insert(table: &TablePlan, row: u16, other: u16, text: &str, verb: &str) -> Statement {
    let texts = text_columns(table);
    let marked = *texts
        .iter()
        .find(|&&column| !table.columns[column].nullable)
        .unwrap_or(&texts[usize::from(other) % texts.len()]);
    let (mut names, mut places, mut values) = (String::new(), String::new(), Values::default());
    for (position, column) in table.columns.iter().enumerate() {
        let parent = parent_of(table, position);
        let value = if position == marked {
            values.bind(text.to_owned())
        } else if table.temporary_key == Some(position) {
            continue;
        } else if let Some(reference) = parent.filter(|_| !column.nullable || !other.is_multiple_of(3)) {
            // The same row for all columns of a reference.
            let pick = values.bind(row.wrapping_add(reference.columns[0] as u16));
            any_parent(reference, position, pick)
        } else if table.key.contains(&position) {
            match column.storage {
                Storage::Text => values.bind(few("K", other)),
                _ => values.bind(1 + other % 5),
            }
        } else if unique_column(table) == Some(position) && other.is_multiple_of(4) {
            values.bind(few("U", row))
        } else if column.nullable || column.optional {
            continue;
        } else {
            values.bind(format!("{}.50", other % 90))
        };
        let comma = if names.is_empty() { "" } else { ", " };
        let _ = write!(names, "{comma}{}", quoted(&column.name));
        let _ = write!(places, "{comma}{value}");
    }
    let sql = format!("{verb} INTO {} ({names}) VALUES ({places})", quoted(&table.name));
    Statement { sql, values, mark: Some(mark(table, marked, text)) }
}

fn mark(table: &TablePlan, column: usize, text: &str) -> Mark {
    let column = &table.columns[column];
    Mark {
        table: table.name.clone(),
        column: column.name.clone(),
        text: text.to_owned(),
        is_yielding: column.conflict == ConflictRule::Server,
        is_forced: column.conflict == ConflictRule::Client,
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

/// By what a column refers to another row.
fn parent_of(table: &TablePlan, position: usize) -> Option<&Reference> {
    table.references.iter().find(|reference| reference.columns.contains(&position))
}

/// A column outside the key that refers to another row by itself.
fn movable(table: &TablePlan) -> Option<(usize, &Reference)> {
    let outside = (0..table.columns.len()).filter(|position| !table.key.contains(position));
    let refers = |position| Some((position, parent_of(table, position)?));
    outside.filter_map(refers).find(|(_, reference)| reference.columns.len() == 1)
}

fn few(letter: &str, pick: u16) -> String {
    format!("{letter}{}", pick % 6)
}

/// The value of a column that refers to a row, of the picked one.
fn any_parent(reference: &Reference, position: usize, pick: String) -> String {
    let at = reference.columns.iter().position(|column| *column == position).unwrap_or(0);
    let keys: Vec<String> = reference.referenced_columns.iter().map(|name| quoted(name)).collect();
    let (key, order, table) = (&keys[at], keys.join(", "), quoted(&reference.table));
    format!(
        "(SELECT {key} FROM {table} ORDER BY {order} LIMIT 1 OFFSET {pick} % max(1, (SELECT count(*) FROM {table})))"
    )
}

/// A condition that finds one row.
fn any_row(table: &TablePlan, pick: String) -> String {
    let key: Vec<String> = table.key_columns().map(|column| quoted(&column.name)).collect();
    let (key, name) = (key.join(", "), quoted(&table.name));
    format!(
        "({key}) = (SELECT {key} FROM {name} ORDER BY {key} LIMIT 1 OFFSET {pick} % max(1, (SELECT count(*) FROM {name})))"
    )
}
