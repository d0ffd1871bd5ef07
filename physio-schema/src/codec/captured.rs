//! The spelling of the capture triggers: text in `_physio_outbox` and in row keys.

use super::wire::{refuse, unsigned_cell};
use super::{Cell, CodecError, canonical_wire, cell_from_wire, wire_from_cell};
use crate::plan::{ColumnPlan, Storage};
use std::borrow::Cow;

/// Reads captured text into what SQLite stores.
///
/// # Errors
///
/// When the text is not a value of the column's storage, which means that the outbox was edited by hand.
pub fn cell_from_captured<'a>(
    column: &ColumnPlan,
    captured: Option<&'a str>,
) -> Result<Cell<'a>, CodecError> {
    let Some(text) = captured else { return Ok(Cell::Null) };
    match column.storage {
        Storage::Integer => text
            .parse()
            .map(Cell::Integer)
            .map_err(|_| refuse(column, "a signed 64-bit integer", "another text")),
        Storage::Unsigned64 => text
            .parse()
            .map(unsigned_cell)
            .map_err(|_| refuse(column, "an unsigned 64-bit integer", "another text")),
        Storage::Real => {
            parse_real(text).map(Cell::Real).ok_or_else(|| refuse(column, "a number", "another text"))
        }
        Storage::Text => Ok(Cell::Text(Cow::Borrowed(text))),
        Storage::Blob => parse_hex(text)
            .map(|bytes| Cell::Blob(Cow::Owned(bytes)))
            .ok_or_else(|| refuse(column, "hex digits", "another text")),
    }
}

/// Spells what SQLite stores as the capture triggers do.
pub fn captured_from_cell<'a>(cell: &'a Cell<'_>) -> Option<Cow<'a, str>> {
    match cell {
        Cell::Null => None,
        Cell::Integer(value) => Some(Cow::Owned(value.to_string())),
        // Reads back to the same double, as the trigger's 17 digits do.
        Cell::Real(value) => Some(Cow::Owned(format!("{value:?}"))),
        Cell::Text(text) => Some(Cow::Borrowed(text.as_ref())),
        Cell::Blob(bytes) => Some(Cow::Owned(emit_hex(bytes))),
    }
}

/// Captured text to canonical wire text.
///
/// # Errors
///
/// As [`cell_from_captured`].
pub fn wire_from_captured<'a>(
    column: &ColumnPlan,
    captured: Option<&'a str>,
) -> Result<Option<Cow<'a, str>>, CodecError> {
    match (column.storage, captured) {
        (_, None) => Ok(None),
        (Storage::Text, Some(text)) => Ok(Some(canonical_wire(column, text))),
        (Storage::Integer | Storage::Unsigned64 | Storage::Real | Storage::Blob, Some(_)) => {
            let cell = cell_from_captured(column, captured)?;
            Ok(wire_from_cell(column, &cell)?.map(|text| Cow::Owned(text.into_owned())))
        }
    }
}

/// Wire text to captured text: how a key of the server is looked up in the outbox.
///
/// # Errors
///
/// As [`cell_from_wire`].
pub fn captured_from_wire<'a>(
    column: &ColumnPlan,
    wire: Option<&'a str>,
) -> Result<Option<Cow<'a, str>>, CodecError> {
    match (column.storage, wire) {
        (_, None) => Ok(None),
        (Storage::Text, Some(text)) => Ok(Some(Cow::Borrowed(text))),
        (Storage::Integer | Storage::Unsigned64 | Storage::Real | Storage::Blob, Some(_)) => {
            let cell = cell_from_wire(column, wire)?;
            Ok(captured_from_cell(&cell).map(|text| Cow::Owned(text.into_owned())))
        }
    }
}

/// A number, or one times a power of two (`1.5p64`), which is exact: the triggers have taken the power out of a double.
fn parse_real(text: &str) -> Option<f64> {
    let Some((digits, power)) = text.split_once('p') else { return text.parse().ok() };
    let (mut value, mut power) = (digits.parse::<f64>().ok()?, power.parse::<i32>().ok()?);
    while power != 0 {
        let step = power.clamp(-512, 512);
        value *= 2f64.powi(step);
        power -= step;
    }
    Some(value)
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    digits.chunks_exact(2).map(|pair| u8::try_from(nibble(pair[0])? * 16 + nibble(pair[1])?).ok()).collect()
}

fn emit_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
