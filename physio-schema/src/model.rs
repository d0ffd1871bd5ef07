//! What a MySQL schema is, as `information_schema` would describe it.
//!
//! Values only: how a dump becomes a model is [`crate::dump`]'s business.

mod column;
mod column_type;
mod key;
mod spelling;

pub use column::{Column, ColumnDefault, Generated};
pub use column_type::{ColumnType, IntegerWidth, LobSize, SpatialKind, UnknownType};
pub use key::{ForeignKey, Key, KeyKind, KeyPart, ReferentialAction};
#[cfg(feature = "parse")]
pub(crate) use spelling::quoted;

use serde::{Deserialize, Serialize};

/// Every table of one database, ordered by name (bytes).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The tables, ordered by name.
    pub tables: Vec<Table>,
}

impl Schema {
    /// The table of that exact name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// One base table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The name as the dump spells it.
    pub name: String,
    /// Storage engine, such as `InnoDB`.
    pub engine: String,
    /// Default collation of the table, such as `utf8mb4_general_ci`.
    pub collation: String,
    /// `COMMENT='…'`, empty when there is none.
    pub comment: String,
    /// In the order of the table.
    pub columns: Vec<Column>,
    /// `PRIMARY` first, then by name.
    pub keys: Vec<Key>,
    /// By constraint name.
    pub foreign_keys: Vec<ForeignKey>,
    /// `CHECK` expressions by constraint name, as the dump spells them.
    pub checks: Vec<(String, String)>,
}

impl Table {
    /// The column of that exact name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The primary key, if the table has one.
    pub fn primary_key(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.kind == KeyKind::Primary)
    }
}
