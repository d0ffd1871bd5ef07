//! Values between the wire and the store.

use physio_schema::codec::{Cell, canonical_wire, cell_from_wire, check_wire, wire_from_cell};
use physio_schema::model::ColumnType;
use physio_schema::plan::{ColumnPlan, TablePlan};
use rusqlite::types::{Value, ValueRef};
use std::borrow::Cow;

/// The wire's text of a stored value.
pub(super) fn wire_text(column: &ColumnPlan, value: ValueRef<'_>) -> Option<String> {
    let cell = match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => Cell::Blob(Cow::Borrowed(bytes)),
    };
    // The tables are STRICT: a value of another class cannot be in them.
    wire_from_cell(column, &cell).ok().flatten().map(Cow::into_owned)
}

/// The wire's text of a value that is about to be stored.
pub(super) fn value_text(column: &ColumnPlan, value: &Value) -> Option<String> {
    wire_text(column, ValueRef::from(value))
}

/// A wire text as the store holds it, checked; the error is one of the wire's unit codes.
pub(super) fn stored(column: &ColumnPlan, text: &str) -> Result<Value, &'static str> {
    check_wire(&column.column_type, text)?;
    stored_unchecked(column, text)
}

/// A wire text as the store holds it: also a value that only an older, laxer server would have taken.
pub(super) fn stored_unchecked(column: &ColumnPlan, text: &str) -> Result<Value, &'static str> {
    let canonical = canonical_wire(column, text);
    match cell_from_wire(column, Some(&canonical)) {
        Ok(Cell::Null) => Ok(Value::Null),
        Ok(Cell::Integer(number)) => Ok(Value::Integer(number)),
        Ok(Cell::Real(number)) => Ok(Value::Real(number)),
        Ok(Cell::Text(text)) => Ok(Value::Text(text.into_owned())),
        Ok(Cell::Blob(bytes)) => Ok(Value::Blob(bytes.into_owned())),
        Err(_) => Err("bad_value"),
    }
}

/// The spelling that the store would give back; a text that the column cannot hold stays as it is.
pub(super) fn canonical(column: &ColumnPlan, text: Option<String>) -> Option<String> {
    text.map(|text| canonical_wire(column, &text).into_owned())
}

/// A key as the store holds it; the error is the position of the part that does not fit.
///
/// A row may be named by a value that only an older, laxer server took (a zero date, an ENUM value that is no
/// member), so those types are not checked.
pub(super) fn stored_key(table: &TablePlan, key: &[String]) -> Result<Vec<Value>, usize> {
    let parts = table.key_columns().zip(key).enumerate();
    let stored_part = |column: &ColumnPlan, part: &str| match column.column_type {
        ColumnType::Enum { .. } | ColumnType::Set { .. } | ColumnType::Date => stored_unchecked(column, part),
        ColumnType::DateTime { .. } | ColumnType::Timestamp { .. } => stored_unchecked(column, part),
        _ => stored(column, part),
    };
    parts.map(|(position, (column, part))| stored_part(column, part).map_err(|_| position)).collect()
}

/// The wire's texts of a key.
pub(super) fn wire_key(table: &TablePlan, key: &[Value]) -> Vec<String> {
    let parts = table.key_columns().zip(key);
    parts.map(|(column, value)| value_text(column, value).unwrap_or_default()).collect()
}
