//! The types of fields: MySQL's values in Rust, without loss.
//!
//! What a column holds comes back as it was stored: a DECIMAL with all its places, a zero date, a TIME
//! beyond 24 hours, the fractional digits of a DATETIME. Nothing here shifts a time zone and nothing here
//! contains SQL.

mod column;
mod date;
mod datetime;
mod decimal;
mod digits;
mod member;
mod scalar;
mod time;

pub use column::Column;
pub use date::Date;
pub use datetime::{DateTime, Timestamp};
pub use decimal::Decimal;
pub use member::{Member, Set, read_member};
pub use time::Time;

/// A value that a column of the cache can hold.
///
/// Implemented for `i8`…`i64`, `u8`…`u64`, `f32`, `f64`, `String`, `Vec<u8>`, `Option<T>`, [`Decimal`],
/// [`Date`], [`DateTime`], [`Timestamp`], [`Time`], [`Set`] and every generated ENUM type. `bool` is
/// deliberately not among them: TINYINT(1) may hold 5.
///
/// An application's own type implements it to be used as a field:
///
/// ```
/// use physio_runtime::types::{FieldError, FieldValue, Value, ValueRef};
///
/// struct PatientId(i64);
///
/// impl FieldValue for PatientId {
///     fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
///         i64::from_sql(value).map(PatientId)
///     }
///     fn to_sql(&self) -> Value {
///         self.0.to_sql()
///     }
/// }
/// assert_eq!(PatientId::from_sql(ValueRef::Integer(7)).map(|id| id.0), Ok(7));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a row",
    label = "is not a `FieldValue`",
    note = "implement `physio_runtime::types::FieldValue` for it, or use the type that the dump asks for"
)]
pub trait FieldValue: Sized {
    /// Reads it from SQLite's value.
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError>;
    /// The value SQLite stores.
    fn to_sql(&self) -> Value;
}

/// SQLite's owned and borrowed values, which [`FieldValue`] converts from and to.
pub use rusqlite::types::{Value, ValueRef};

/// A stored value that does not fit the Rust type of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    column: Option<String>,
    expected: &'static str,
    found: &'static str,
}

impl FieldError {
    /// `expected` is the Rust or MySQL type; `found` what was there instead, never the value itself.
    pub fn new(expected: &'static str, found: &'static str) -> Self {
        Self { column: None, expected, found }
    }
    /// The row has no column at that position.
    pub fn missing(_position: usize) -> Self {
        Self::new("a column", "nothing")
    }
    /// `expected` was wanted and the value is of another storage class.
    pub fn class(expected: &'static str, value: ValueRef<'_>) -> Self {
        let found = match value {
            ValueRef::Null => "NULL",
            ValueRef::Integer(_) => "an INTEGER",
            ValueRef::Real(_) => "a REAL",
            ValueRef::Text(_) => "TEXT",
            ValueRef::Blob(_) => "a BLOB",
        };
        Self::new(expected, found)
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

/// A text that is not MySQL's spelling of a value. The text itself is not part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpellingError {
    expected: &'static str,
}

impl SpellingError {
    pub(crate) fn new(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl std::fmt::Display for SpellingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the text is not {}", self.expected)
    }
}

impl std::error::Error for SpellingError {}

/// Implements, for a type whose `Display` and `FromStr` are MySQL's spelling: [`FieldValue`], rusqlite's
/// `ToSql` and `FromSql` (for the application's own statements) and serde as text.
macro_rules! stored_as_text {
    ($type:ty, $expected:literal) => {
        impl $crate::types::FieldValue for $type {
            fn from_sql(value: rusqlite::types::ValueRef<'_>) -> Result<Self, $crate::types::FieldError> {
                match value {
                    rusqlite::types::ValueRef::Text(text) => std::str::from_utf8(text)
                        .ok()
                        .and_then(|text| text.parse().ok())
                        .ok_or_else(|| $crate::types::FieldError::new($expected, "other text")),
                    other => Err($crate::types::FieldError::class($expected, other)),
                }
            }
            fn to_sql(&self) -> rusqlite::types::Value {
                rusqlite::types::Value::Text(self.to_string())
            }
        }
        $crate::types::bound_as_field!($type);
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use stored_as_text;

/// rusqlite's own traits by way of [`FieldValue`], so that the type can be bound and read in raw SQL.
macro_rules! bound_as_field {
    ($type:ty) => {
        impl rusqlite::types::ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(rusqlite::types::ToSqlOutput::Owned($crate::types::FieldValue::to_sql(self)))
            }
        }
        impl rusqlite::types::FromSql for $type {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                <Self as $crate::types::FieldValue>::from_sql(value)
                    .map_err(|error| rusqlite::types::FromSqlError::Other(Box::new(error)))
            }
        }
    };
}
pub(crate) use bound_as_field;
