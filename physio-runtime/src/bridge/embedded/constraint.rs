//! What SQLite says when a constraint refuses a row, in the words of the wire.

use super::change::{ChangeContext, ChangeFailure};
use super::ddl::{quoted, quoted_list};
use crate::bridge::wire::Values;
use physio_schema::plan::{Reference, TablePlan};
use rusqlite::types::Value;
use rusqlite::{ErrorCode, ffi};

/// The failure that an error of a write stands for; `key` is the row's before the write, if it had one.
pub(super) fn failure(
    context: &ChangeContext<'_>,
    table: &TablePlan,
    values: &Values,
    key: Option<&[Value]>,
    error: rusqlite::Error,
) -> ChangeFailure {
    let rusqlite::Error::SqliteFailure(code, Some(message)) = &error else { return error.into() };
    if code.code != ErrorCode::ConstraintViolation {
        return error.into();
    }
    match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            duplicate(table, message)
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => ChangeFailure::failed("not_null", blamed_column(table, message)),
        // ON DELETE RESTRICT raises its error the way a trigger does.
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER => {
            match missing_parent(context, table, values) {
                Some(field) => ChangeFailure::failed("parent_missing", Some(field)),
                None => {
                    let child = key.and_then(|key| referring_child(context, table, key));
                    ChangeFailure::failed(
                        "still_referenced",
                        Some(child.unwrap_or_else(|| table.name.clone())),
                    )
                }
            }
        }
        ffi::SQLITE_CONSTRAINT_CHECK => ChangeFailure::failed("check_failed", Some(table.name.clone())),
        ffi::SQLITE_CONSTRAINT_DATATYPE => ChangeFailure::failed("bad_value", Some(table.name.clone())),
        _ => ChangeFailure::failed("refused", Some(table.name.clone())),
    }
}

/// The same row key means that both sides made the same row; any other unique key is a plain mistake.
fn duplicate(table: &TablePlan, message: &str) -> ChangeFailure {
    let key: Vec<String> =
        table.key_columns().map(|column| format!("{}.{}", table.name, column.name)).collect();
    let is_row_key = message.split_once(": ").is_some_and(|(_, list)| list == key.join(", "));
    let field = blamed_column(table, message);
    if is_row_key {
        ChangeFailure::conflict("duplicate_key", field)
    } else {
        ChangeFailure::failed("duplicate_key", field)
    }
}

/// The first table that has rows referring to this one, as `table.column`.
fn referring_child(context: &ChangeContext<'_>, table: &TablePlan, key: &[Value]) -> Option<String> {
    let condition = super::store::key_condition(table, 1);
    for child in &context.plan.tables {
        let enforced =
            child.references.iter().filter(|reference| reference.enforced && reference.table == table.name);
        for reference in enforced {
            let columns: Vec<&str> =
                reference.columns.iter().map(|&p| child.columns[p].name.as_str()).collect();
            let parents = quoted_list(reference.referenced_columns.iter().map(String::as_str));
            let sql = format!(
                "SELECT 1 FROM {} WHERE ({}) IN (SELECT {parents} FROM {} WHERE {condition})",
                quoted(&child.name),
                quoted_list(columns.iter().copied()),
                quoted(&table.name),
            );
            let found =
                context.store.prepare(&sql).and_then(|mut s| s.exists(rusqlite::params_from_iter(key)));
            if found.unwrap_or(false) {
                return Some(format!("{}.{}", child.name, columns.first()?));
            }
        }
    }
    None
}

/// `… constraint failed: table.column, …` names the columns; the first one is blamed.
fn blamed_column(table: &TablePlan, message: &str) -> Option<String> {
    let list = message.split_once(": ")?.1;
    let prefix = format!("{}.", table.name);
    let column = list.split(", ").next()?.strip_prefix(&prefix)?;
    table.position(column).map(|_| format!("{}.{column}", table.name))
}

/// The first foreign key whose parent row does not exist, as `table.column`.
fn missing_parent(context: &ChangeContext<'_>, table: &TablePlan, values: &Values) -> Option<String> {
    let enforced = table.references.iter().filter(|reference| reference.enforced);
    let missing = enforced.filter(|reference| {
        let first = reference.columns.first().map(|&position| table.columns[position].name.as_str());
        first.is_some_and(|name| values.contains_key(name)) && !has_parent(context, table, reference, values)
    });
    let reference = missing.into_iter().next()?;
    let column = &table.columns[*reference.columns.first()?];
    Some(format!("{}.{}", table.name, column.name))
}

fn has_parent(
    context: &ChangeContext<'_>,
    table: &TablePlan,
    reference: &Reference,
    values: &Values,
) -> bool {
    let mut bound = Vec::new();
    for &position in &reference.columns {
        match context.stored_value(table, position, values) {
            Some(value) if value != rusqlite::types::Value::Null => bound.push(value),
            // An empty part, or one that this change does not touch: nothing to look up.
            _ => return true,
        }
    }
    let names = quoted_list(reference.referenced_columns.iter().map(String::as_str));
    let marks = (1..=bound.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT 1 FROM {} WHERE ({names}) = ({marks})", quoted(&reference.table));
    let found = context.store.prepare(&sql).and_then(|mut s| s.exists(rusqlite::params_from_iter(bound)));
    found.unwrap_or(true)
}
