//! Second pass: what was written held against the dump. Every error is collected; nothing is expanded.

mod field;
pub(crate) mod from_row;
mod schema;

pub(crate) use from_row::{CheckedRow, RefusedRow, check_from_row};
pub(crate) use schema::{CheckedSchema, check_schema};
