//! A plan in Rust's words: which items `schema!` generates, how they are called, which type each field has.
//!
//! Plain strings, no tokens: the macros write them out, and tools compare two descriptions to tell what the
//! compiler will say of a changed dump.

mod docs;
mod member;
mod names;
mod surface;
mod table;

pub use crate::field_type::{FieldType, Integer};
pub use docs::code as code_span;
pub use member::{Variant, describe_variants};
use names::Names;
pub use names::parse_name;
pub use surface::Surface;

use crate::model::Schema;
use crate::plan::Plan;

/// Everything that `schema!` generates, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// One entry per synced table.
    pub tables: Vec<TableItems>,
}

/// The items of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableItems {
    /// The table's name in MySQL.
    pub name: String,
    /// Documentation of the row, a paragraph a line.
    pub doc: Vec<String>,
    /// Name of the row struct.
    pub row: String,
    /// Name of the insert.
    pub insert: String,
    /// Name of the insert's optional part.
    pub optional: String,
    /// Name of the patch.
    pub patch: String,
    /// Name of the module of column names.
    pub module: String,
    /// Whether there are an insert and a patch that have values.
    pub writable: bool,
    /// The visible columns in MySQL's order.
    pub columns: Vec<ColumnItems>,
    /// Positions in `columns`.
    pub key: Vec<usize>,
    /// The types of ENUM and SET columns.
    pub member_types: Vec<MemberType>,
    /// `CREATE TABLE …` of the cache.
    pub ddl: String,
    /// The upsert that a pull uses.
    pub upsert: String,
}

/// What one column becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnItems {
    /// The column's name in MySQL.
    pub name: String,
    /// Its type in MySQL with NOT NULL and AUTO_INCREMENT, for messages.
    pub declaration: String,
    /// Documentation of the field, a paragraph a line.
    pub doc: Vec<String>,
    /// Field of the row and of the patch.
    pub field: String,
    /// Field of the insert, which has a field `optional` of its own.
    pub insert_field: String,
    /// Constant in the table's module.
    pub constant: String,
    /// The field's type without `Option`.
    pub field_type: FieldType,
    /// Whether the cache may hold NULL.
    pub is_option: bool,
    /// Whether a patch may set NULL.
    pub nullable: bool,
    /// Where an insert has it.
    pub insert: InsertPlace,
    /// Whether a patch has it.
    pub in_patch: bool,
}

/// Where an insert has a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertPlace {
    /// A plain field.
    Required,
    /// A field of `optional`.
    Optional,
    /// Nowhere: MySQL makes the value.
    Absent,
}

/// The type of an ENUM or SET column's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberType {
    /// Name of the type.
    pub name: String,
    /// Its documentation.
    pub doc: String,
    /// One per member, in order.
    pub variants: Vec<Variant>,
    /// The variant that keeps a text the dump does not list.
    pub unknown: String,
}

/// Names and types of everything that the plan's tables generate.
///
/// `schema` is the dump that the plan was made of; it adds comments and defaults.
///
/// ```
/// use physio_schema::{config, describe::describe, dump, plan};
/// let config = config::parse("[app]\nname = \"shop\"\ndump = \"shop.sql\"\n[server.tokens]\ntable = \"tokens\"\n\
///     token = \"token\"\n[access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]").unwrap();
/// let sql = b"CREATE TABLE order_lines (id int AUTO_INCREMENT PRIMARY KEY, price decimal(6,2))";
/// let schema = dump::parse(sql, &dump::DumpOptions::default()).unwrap().schema;
/// let described = describe(&plan::build(&schema, &config).unwrap(), &schema);
/// let lines = &described.tables[0];
/// assert_eq!((lines.row.as_str(), lines.columns[1].field.as_str()), ("OrderLines", "price"));
/// assert_eq!(lines.columns[1].field_type.name(), "Decimal");
/// ```
pub fn describe(plan: &Plan, schema: &Schema) -> Description {
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
