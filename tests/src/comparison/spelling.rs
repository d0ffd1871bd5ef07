//! Values of both databases in the wire's spelling.

use crate::harness::{HarnessError, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use physio_schema::codec::{Cell, canonical_wire, wire_from_cell};
use physio_schema::plan::{ColumnPlan, Storage, Wire};
use rusqlite::types::ValueRef;
use std::borrow::Cow;

/// SQL that reads a column of MySQL so that [`mysql_text`] can spell it.
pub fn mysql_expression(column: &ColumnPlan) -> String {
    let name = format!("`{}`", column.name);
    match column.wire {
        // The text protocol rounds FLOAT columns to six digits.
        Wire::Float => format!("{name} + 0e0"),
        Wire::Bits => format!("{name} + 0"),
        Wire::Text | Wire::Base64 => name,
    }
}

/// A value that MySQL sent.
///
/// # Errors
///
/// When a text is no UTF-8.
pub fn mysql_text(column: &ColumnPlan, value: mysql::Value) -> Result<Option<String>> {
    let bytes = match value {
        mysql::Value::NULL => return Ok(None),
        mysql::Value::Bytes(bytes) => bytes,
        other => other.as_sql(true).trim_matches('\'').to_owned().into_bytes(),
    };
    if column.wire == Wire::Base64 {
        return Ok(Some(STANDARD.encode(bytes)));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| HarnessError::new(format!("{} holds bytes that are no UTF-8", column.name)))?;
    // `007` and `7` are one number, and so are two spellings of one double. Texts are compared as they are.
    Ok(Some(if column.storage == Storage::Text { text } else { canonical_wire(column, &text).into_owned() }))
}

/// A value of a cache file.
///
/// # Errors
///
/// When it is of a class that the column cannot have.
pub fn sqlite_text(column: &ColumnPlan, value: ValueRef<'_>) -> Result<Option<String>> {
    let cell = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        // Text is taken as it stands in the file: no canonical spelling may hide a difference.
        ValueRef::Text(text) => return Ok(Some(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Blob(bytes) => Cell::Blob(Cow::Borrowed(bytes)),
    };
    let text = wire_from_cell(column, &cell).map_err(|error| HarnessError::new(error.to_string()))?;
    Ok(text.map(Cow::into_owned))
}
