//! Values between the wire and the store.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use physio_schema::plan::{ColumnPlan, Storage, TablePlan};
use rusqlite::types::{Value, ValueRef};

/// The wire's text of a stored value.
pub(super) fn wire_text(_column: &ColumnPlan, value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(STANDARD.encode(bytes)),
    }
}

/// The wire's text of a value that is about to be stored.
pub(super) fn value_text(column: &ColumnPlan, value: &Value) -> Option<String> {
    wire_text(column, ValueRef::from(value))
}

/// A wire text as the store holds it; the error is one of the wire's unit codes.
pub(super) fn stored(column: &ColumnPlan, text: &str) -> Result<Value, &'static str> {
    match column.storage {
        Storage::Integer => text.parse().map(Value::Integer).map_err(|_| "bad_value"),
        Storage::Unsigned64 => Ok(text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Integer)),
        Storage::Real => text.parse().map(Value::Real).map_err(|_| "bad_value"),
        Storage::Text => Ok(Value::Text(text.to_owned())),
        Storage::Blob => STANDARD.decode(text).map(Value::Blob).map_err(|_| "bad_value"),
    }
}

/// The spelling that the store would give back; a text that the column cannot hold stays as it is.
pub(super) fn canonical(column: &ColumnPlan, text: Option<String>) -> Option<String> {
    let text = text?;
    match stored(column, &text) {
        Ok(value) => value_text(column, &value),
        Err(_) => Some(text),
    }
}

/// A key as the store holds it; the error is the position of the part that does not fit.
pub(super) fn stored_key(table: &TablePlan, key: &[String]) -> Result<Vec<Value>, usize> {
    let parts = table.key_columns().zip(key).enumerate();
    parts.map(|(position, (column, part))| stored(column, part).map_err(|_| position)).collect()
}

/// The wire's texts of a key.
pub(super) fn wire_key(table: &TablePlan, key: &[Value]) -> Vec<String> {
    let parts = table.key_columns().zip(key);
    parts.map(|(column, value)| value_text(column, value).unwrap_or_default()).collect()
}
