//! What happened between two schemas: an ordered list of changes, each with what it means for an application.
//!
//! The point of view is that of an application which was compiled with the older schema, whose users hold caches,
//! and whose bridge is deployed. [`Class`] says how much of that a change reaches:
//!
//! | class | code written for the older schema | values in a cache |
//! |---|---|---|
//! | compatible | compiles and means the same | stay as they are |
//! | additive | compiles; there is something new that it does not name | stay as they are |
//! | needs re-pull | compiles | may be others, or spelt otherwise, on the server: read again |
//! | breaks code | does not compile where it names the thing | follow the code |
//!
//! Code is what `schema!` generates: a struct's fields with their types, what an insert must name, the members
//! of an ENUM, the type of a key. As for every library, adding a field or a member counts as additive: a `match`
//! on all members or a struct written out in full gets one line more. `docs/schema-change.md` lists every kind of
//! change with its class; the tests hold the classes against generated code and fingerprints: *breaks code*
//! exactly where the generated items differ in more than additions, and nothing that a fingerprint does not see
//! is worse than additive.
//!
//! Renames are never guessed. What looks like one is a table or column dropped and another added, and
//! [`offer_renames`] says what to write if it was one; [`DiffOptions::renames`] takes the declared ones.

mod change;
mod class;
mod columns;
mod keys;
mod offer;
mod options;
mod rename;
mod rust_types;
mod spell;
mod tables;

pub use change::{Change, ChangeKind, Class, emit_sql};
pub use offer::{RenameOffer, offer_renames};
pub use options::{DeclaredReference, DiffOptions, Rename};
pub use spell::emit_schema;

use crate::dump::{self, DumpErrors, DumpOptions};
use crate::model::Schema;

/// The changes that make the newer schema of the older one, in an order in which they can be applied.
///
/// Equal inputs give equal lists, whatever the order of keys and tables.
///
/// ```
/// use physio_schema::{diff::{diff, Class}, dump::{parse, DumpOptions}};
/// let read = |sql: &str| parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema;
/// let older = read("CREATE TABLE bills (id int PRIMARY KEY, amount decimal(8,2) NOT NULL)");
/// let newer = read("CREATE TABLE bills (id int PRIMARY KEY, amount decimal(10,3) NOT NULL, note text)");
/// let changes = diff(&older, &newer);
/// assert_eq!(changes[0].to_string(), "column amount: decimal(8,2) NOT NULL → decimal(10,3) NOT NULL");
/// assert_eq!(changes[0].class, Class::NeedsRePull);
/// assert_eq!(changes[1].class, Class::Additive);
/// assert!(diff(&newer, &newer).is_empty());
/// ```
pub fn diff(older: &Schema, newer: &Schema) -> Vec<Change> {
    diff_with(older, newer, &DiffOptions::default())
}

/// As [`diff`], with declared renames and what physio.toml says.
///
/// ```
/// use physio_schema::{diff::{diff_with, ChangeKind, DiffOptions, Rename}, dump::{parse, DumpOptions}};
/// let read = |sql: &str| parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema;
/// let older = read("CREATE TABLE patients (id int PRIMARY KEY, notes text)");
/// let newer = read("CREATE TABLE patients (id int PRIMARY KEY, remarks text)");
/// let rename = Rename::Column { table: "patients".into(), old: "notes".into(), new: "remarks".into() };
/// let options = DiffOptions { renames: vec![rename], ..DiffOptions::default() };
/// let changes = diff_with(&older, &newer, &options);
/// assert_eq!((changes.len(), changes[0].kind), (1, ChangeKind::ColumnRenamed));
/// ```
pub fn diff_with(older: &Schema, newer: &Schema, options: &DiffOptions) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut renamed = older.clone();
    rename::apply_renames(&mut renamed, newer, &options.renames, &mut changes);
    tables::compare(&renamed, newer, options, &mut changes);
    // Stable: within one stage and table, changes stay in the order of the table.
    changes.sort_by(|a, b| a.place().cmp(&b.place()));
    changes
}

/// The schema that the changes make of `older`: their SQL, run by [`dump::parse`].
///
/// ```
/// use physio_schema::{diff::{apply, diff}, dump::{parse, DumpOptions}};
/// let read = |sql: &str| parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema;
/// let older = read("CREATE TABLE t (id int PRIMARY KEY)");
/// let newer = read("CREATE TABLE t (id bigint PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)");
/// assert_eq!(apply(&older, &diff(&older, &newer)).unwrap(), newer);
/// ```
///
/// # Errors
///
/// When the changes do not fit the schema.
pub fn apply(older: &Schema, changes: &[Change]) -> Result<Schema, DumpErrors> {
    let mut sql = emit_schema(older);
    for statement in emit_sql(changes) {
        sql.push_str(&statement);
        sql.push_str(";\n");
    }
    if sql.is_empty() {
        return Ok(Schema::default());
    }
    Ok(dump::parse(sql.as_bytes(), &DumpOptions::default())?.schema)
}
