//! Lossless conversions of one column's values between the four places that spell them differently.
//!
//! | spelling | where | integer | REAL | BLOB |
//! |---|---|---|---|---|
//! | *wire* | JSON of the bridge | `"17"` | `"0.1"` | base64 |
//! | [`Cell`] | SQLite storage | INTEGER | REAL | BLOB |
//! | *captured* | `_physio_outbox`, row keys | `17` | `0.10000000000000001` | hex |
//! | *canonical* | wire text of a value written here | as MySQL would print it after storing it | | |
//!
//! What the server sends is stored verbatim. What is written here is brought to MySQL's spelling before it is
//! sent (`12.5` in a DECIMAL(10,2) becomes `12.50`), so that equal values have equal text. A text that does not
//! have the shape of its type (a zero date, an unknown ENUM value) is passed through unchanged: the server
//! judges it, never this module.
//!
//! ```
//! use physio_schema::codec::{Cell, cell_from_wire, wire_from_captured};
//! # use physio_schema::{model::ColumnType, plan::{ColumnPlan, ConflictRule, Storage, Wire}};
//! # let amount = ColumnPlan { name: "amount".into(), column_type: ColumnType::Decimal { precision: 10, scale: 2,
//! #     unsigned: false, zerofill: false }, storage: Storage::Text, wire: Wire::Text, nullable: false,
//! #     optional: false, generated: false, collation: None, conflict: ConflictRule::Manual };
//! assert_eq!(cell_from_wire(&amount, Some("12.50")).unwrap(), Cell::Text("12.50".into()));
//! assert_eq!(wire_from_captured(&amount, Some("12.5")).unwrap().unwrap(), "12.50");
//! ```

mod canonical;
mod captured;
mod check;
mod number;
mod temporal;
mod wire;

pub use canonical::canonical_wire;
pub use captured::{captured_from_cell, captured_from_wire, cell_from_captured, wire_from_captured};
pub use check::check_wire;
pub use wire::{cell_from_wire, wire_from_cell};

use std::borrow::Cow;
use std::fmt;

/// A value as SQLite stores it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// INTEGER.
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT.
    Text(Cow<'a, str>),
    /// BLOB.
    Blob(Cow<'a, [u8]>),
}

impl Cell<'_> {
    /// The same value, owning its text or bytes.
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(value) => Cell::Integer(value),
            Self::Real(value) => Cell::Real(value),
            Self::Text(value) => Cell::Text(Cow::Owned(value.into_owned())),
            Self::Blob(value) => Cell::Blob(Cow::Owned(value.into_owned())),
        }
    }

    /// SQLite's name of the storage class, for error messages.
    pub fn storage_class(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Integer(_) => "INTEGER",
            Self::Real(_) => "REAL",
            Self::Text(_) => "TEXT",
            Self::Blob(_) => "BLOB",
        }
    }
}

/// A value that its column cannot hold. It never contains the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError {
    /// The column.
    pub column: String,
    /// What was expected.
    pub expected: &'static str,
    /// What came: a spelling or a storage class.
    pub found: &'static str,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "column `{}`: {} where {} was expected; if the table was altered, run `cargo xtask regenerate` \
             and deploy the bridge and the application again",
            self.column, self.found, self.expected
        )
    }
}

impl std::error::Error for CodecError {}

#[cfg(test)]
mod tests;
