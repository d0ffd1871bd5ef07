//! Keys, indexes and foreign keys.

use serde::{Deserialize, Serialize};

/// A primary key, a unique key or an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// `PRIMARY` for the primary key.
    pub name: String,
    /// What kind of key it is.
    pub kind: KeyKind,
    /// In key order.
    pub parts: Vec<KeyPart>,
}

/// What a key promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    /// `PRIMARY KEY`.
    Primary,
    /// `UNIQUE KEY`.
    Unique,
    /// A plain index.
    Index,
    /// `FULLTEXT KEY`.
    Fulltext,
    /// `SPATIAL KEY`.
    Spatial,
    /// `VECTOR KEY` (MariaDB 11.7+).
    Vector,
}

/// One part of a key: a column, a prefix of it, or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPart {
    /// The column's name; `None` for a functional part.
    pub column: Option<String>,
    /// The expression of a functional part (MySQL 8).
    pub expression: Option<String>,
    /// `col(n)`: the indexed prefix, in characters (bytes for binary types).
    pub prefix: Option<u32>,
    /// `DESC`.
    pub descending: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// Constraint name.
    pub name: String,
    /// Columns of this table.
    pub columns: Vec<String>,
    /// The table it refers to.
    pub referenced_table: String,
    /// Columns of that table, in the same order.
    pub referenced_columns: Vec<String>,
    /// `ON DELETE …`.
    pub on_delete: ReferentialAction,
    /// `ON UPDATE …`.
    pub on_update: ReferentialAction,
}

/// What happens to the child when the parent's key goes or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ReferentialAction {
    /// `RESTRICT`, also when nothing is written.
    #[default]
    Restrict,
    /// `NO ACTION` (the same as RESTRICT in InnoDB, spelled as it was written).
    NoAction,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `SET DEFAULT` (InnoDB refuses it; kept as written).
    SetDefault,
}
