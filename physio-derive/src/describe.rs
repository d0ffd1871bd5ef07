//! A plan in Rust's words: which items are generated, how they are called, which type each field has.
//!
//! Plain strings, no tokens, so that a description can be kept between two macro calls.

mod docs;
mod field_type;
mod member;
mod names;
mod table;

pub(crate) use docs::code as code_span;
pub(crate) use field_type::{FieldType, Integer};
pub(crate) use member::{Variant, describe_variants};
pub(crate) use names::{Names, parse_name};

use physio_schema::model::Schema;
use physio_schema::plan::Plan;

/// Everything that `schema!` generates, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) tables: Vec<TableItems>,
}

/// The items of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableItems {
    /// The table's name in MySQL.
    pub(crate) name: String,
    pub(crate) doc: Vec<String>,
    pub(crate) row: String,
    pub(crate) insert: String,
    pub(crate) optional: String,
    pub(crate) patch: String,
    pub(crate) module: String,
    pub(crate) writable: bool,
    pub(crate) columns: Vec<ColumnItems>,
    /// Positions in `columns`.
    pub(crate) key: Vec<usize>,
    pub(crate) member_types: Vec<MemberType>,
    pub(crate) ddl: String,
    pub(crate) upsert: String,
}

/// What one column becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnItems {
    /// The column's name in MySQL.
    pub(crate) name: String,
    /// Its type in MySQL with NOT NULL and AUTO_INCREMENT, for messages.
    pub(crate) declaration: String,
    pub(crate) doc: Vec<String>,
    /// Field of the row and of the patch.
    pub(crate) field: String,
    /// Field of the insert, which has a field `optional` of its own.
    pub(crate) insert_field: String,
    /// Constant in the table's module.
    pub(crate) constant: String,
    pub(crate) field_type: FieldType,
    /// Whether the cache may hold NULL.
    pub(crate) is_option: bool,
    /// Whether a patch may set NULL.
    pub(crate) nullable: bool,
    pub(crate) insert: InsertPlace,
    pub(crate) in_patch: bool,
}

/// Where an insert has a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InsertPlace {
    /// A plain field.
    Required,
    /// A field of `optional`.
    Optional,
    /// Nowhere: MySQL makes the value.
    Absent,
}

/// The type of an ENUM or SET column's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberType {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) variants: Vec<Variant>,
    /// The variant that keeps a text the dump does not list.
    pub(crate) unknown: String,
}

/// Names and types of everything that the plan's tables generate.
///
/// `schema` is the dump that the plan was made of; it adds comments and defaults.
pub(crate) fn describe(plan: &Plan, schema: &Schema) -> Description {
    let mut names = Names::default();
    // Rows and modules first: a table `orders_insert` keeps its name, the insert of `orders` gives way.
    let rows: Vec<(String, String)> = plan
        .tables
        .iter()
        .map(|table| (names.take_type(&[&table.name]), names.take_module(&table.name)))
        .collect();
    let tables = plan
        .tables
        .iter()
        .zip(rows)
        .map(|(table, (row, module))| table::describe_table(plan, schema, table, row, module, &mut names))
        .collect();
    Description { tables }
}
