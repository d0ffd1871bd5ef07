//! A column: type, nullability, default, and what MySQL does to it by itself.

use super::ColumnType;
use serde::{Deserialize, Serialize};

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name as the dump spells it.
    pub name: String,
    /// The type with its arguments.
    pub column_type: ColumnType,
    /// Whether NULL may be stored.
    pub nullable: bool,
    /// What an omitted value becomes.
    pub default: ColumnDefault,
    /// `ON UPDATE CURRENT_TIMESTAMP(n)`: the fractional digits `n`.
    pub on_update: Option<u8>,
    /// `AUTO_INCREMENT`.
    pub auto_increment: bool,
    /// `GENERATED ALWAYS AS (…)`.
    pub generated: Option<Generated>,
    /// Collation of character columns; `None` for all others.
    pub collation: Option<String>,
    /// `COMMENT '…'`, empty when there is none.
    pub comment: String,
    /// Hidden from `SELECT *`.
    pub invisible: bool,
    /// MariaDB's `COMPRESSED`: how it is stored, not what it holds.
    #[serde(default)]
    pub compressed: bool,
    /// MariaDB's `WITHOUT SYSTEM VERSIONING`.
    #[serde(default)]
    pub unversioned: bool,
}

#[cfg(feature = "parse")]
impl Column {
    /// Whether an INSERT may leave the column out. An ENUM that may not be NULL falls back to its first member.
    pub(crate) fn is_optional(&self) -> bool {
        self.nullable
            || self.auto_increment
            || self.generated.is_some()
            || self.default != ColumnDefault::Missing
            || matches!(self.column_type, ColumnType::Enum { .. })
    }

    /// Whether only MySQL can tell what an omitted value becomes: NULL here until the server has answered.
    pub(crate) fn is_computed(&self) -> bool {
        if self.generated.is_some() || self.auto_increment {
            return true;
        }
        match &self.default {
            ColumnDefault::Expression(_) => true,
            ColumnDefault::CurrentTimestamp(_) => {
                !matches!(self.column_type, ColumnType::DateTime { .. } | ColumnType::Timestamp { .. })
            }
            ColumnDefault::Missing
            | ColumnDefault::Null
            | ColumnDefault::Literal(_)
            | ColumnDefault::Bytes(_) => false,
        }
    }
}

/// What a column holds when an INSERT does not name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnDefault {
    /// No default: the INSERT must name the column (or the type's implicit default applies).
    Missing,
    /// `DEFAULT NULL`.
    Null,
    /// A constant, unquoted and unescaped, in the spelling the server stores (`0.00`, `pending`).
    Literal(String),
    /// `CURRENT_TIMESTAMP(n)`: the fractional digits `n`.
    CurrentTimestamp(u8),
    /// `b'…'`, `x'…'`: the bytes for a BIT, BINARY or BLOB column.
    Bytes(Vec<u8>),
    /// Any other expression, as the dump spells it.
    Expression(String),
}

/// A generated column's expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The expression as the dump spells it, without the outer parentheses.
    pub expression: String,
    /// `STORED`/`PERSISTENT` (true) or `VIRTUAL` (false).
    pub stored: bool,
}
