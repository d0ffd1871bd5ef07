//! The types of fields: MySQL's values in Rust, without loss.

use rusqlite::types::{Value, ValueRef};

/// A value that a column of the cache can hold.
///
/// Implemented for `i8`…`i64`, `u8`…`u64`, `f32`, `f64`, `String`, `Vec<u8>`, `bool` is deliberately not
/// (TINYINT(1) may hold 5), `Option<T>`, [`Decimal`], [`Date`], [`DateTime`], [`Timestamp`], [`Time`] and
/// every generated ENUM and SET type.
pub trait FieldValue: Sized {
    /// Reads it from SQLite's value.
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError>;
    /// The value SQLite stores.
    fn to_sql(&self) -> Value;
}

/// A stored value that does not fit the Rust type of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    column: Option<String>,
    expected: &'static str,
    found: &'static str,
}

impl FieldError {
    /// `expected` is the Rust or MySQL type; `found` SQLite's storage class, never the value itself.
    pub fn new(expected: &'static str, found: &'static str) -> Self {
        Self { column: None, expected, found }
    }
    /// The row has no column at that position.
    pub fn missing(_position: usize) -> Self {
        Self::new("a column", "nothing")
    }
    /// Adds the column's name.
    #[must_use]
    pub fn in_column(mut self, column: String) -> Self {
        self.column.get_or_insert(column);
        self
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let column = self.column.as_deref().unwrap_or("a column");
        write!(f, "{column} holds {} where {} was expected", self.found, self.expected)
    }
}

impl std::error::Error for FieldError {}
