//! Between the wire and SQLite.

use super::number::real_text;
use super::{Cell, CodecError, canonical_wire};
use crate::plan::{ColumnPlan, Storage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Reads a wire value into what SQLite stores. Integers, reals and text take no allocation.
///
/// # Errors
///
/// When the text is not a value of the column's storage: not a number, out of 64 bits, not base64.
pub fn cell_from_wire<'a>(column: &ColumnPlan, wire: Option<&'a str>) -> Result<Cell<'a>, CodecError> {
    let Some(text) = wire else { return Ok(Cell::Null) };
    match column.storage {
        Storage::Integer => match text.parse() {
            Ok(value) => Ok(Cell::Integer(value)),
            Err(_) => Err(refuse(column, "a signed 64-bit integer", "another text")),
        },
        Storage::Unsigned64 => match text.parse::<u64>() {
            Ok(value) => Ok(unsigned_cell(value)),
            Err(_) => Err(refuse(column, "an unsigned 64-bit integer", "another text")),
        },
        Storage::Real => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Cell::Real(value)),
            _ => Err(refuse(column, "a number", "another text")),
        },
        Storage::Text => Ok(Cell::Text(Cow::Borrowed(text))),
        Storage::Blob => match STANDARD.decode(text) {
            Ok(bytes) => Ok(Cell::Blob(Cow::Owned(bytes))),
            Err(_) => Err(refuse(column, "base64", "another text")),
        },
    }
}

/// Spells what SQLite stores for the wire, canonically.
///
/// # Errors
///
/// When the storage class is not the column's.
pub fn wire_from_cell<'a>(
    column: &ColumnPlan,
    cell: &'a Cell<'_>,
) -> Result<Option<Cow<'a, str>>, CodecError> {
    let text: Cow<'a, str> = match (column.storage, cell) {
        (_, Cell::Null) => return Ok(None),
        (Storage::Integer | Storage::Unsigned64, Cell::Integer(value)) => Cow::Owned(value.to_string()),
        (Storage::Real, Cell::Real(value)) if value.is_finite() => Cow::Owned(real_text(*value)),
        (Storage::Real, Cell::Integer(value)) => Cow::Owned(value.to_string()),
        (Storage::Text | Storage::Unsigned64, Cell::Text(text)) => Cow::Borrowed(text.as_ref()),
        (Storage::Blob, Cell::Blob(bytes)) => Cow::Owned(STANDARD.encode(bytes)),
        (_, other) => return Err(refuse(column, expected(column.storage), other.storage_class())),
    };
    Ok(Some(match text {
        Cow::Borrowed(text) => canonical_wire(column, text),
        Cow::Owned(text) => Cow::Owned(canonical_wire(column, &text).into_owned()),
    }))
}

/// INTEGER as far as it goes, decimal text above.
pub(super) fn unsigned_cell(value: u64) -> Cell<'static> {
    i64::try_from(value).map_or_else(|_| Cell::Text(Cow::Owned(value.to_string())), Cell::Integer)
}

pub(super) fn refuse(column: &ColumnPlan, expected: &'static str, found: &'static str) -> CodecError {
    CodecError { column: column.name.clone(), expected, found }
}

fn expected(storage: Storage) -> &'static str {
    match storage {
        Storage::Integer => "INTEGER",
        Storage::Unsigned64 => "INTEGER or decimal TEXT",
        Storage::Real => "a finite REAL",
        Storage::Text => "TEXT",
        Storage::Blob => "BLOB",
    }
}
