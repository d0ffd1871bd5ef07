//! The SQL of the local cache: one [`TableSql`] per synced table, and the inner tables.
//!
//! A pull must never be refused, so the tables themselves promise little: no NOT NULL, no UNIQUE, no FOREIGN KEY.
//! What MySQL would refuse is refused when a *local* write happens, by triggers; the runtime switches triggers off
//! while it applies what the server sent. The same triggers capture every local change into the outbox.
//!
//! All statements run on SQLite 3.38 (STRICT tables, built-in JSON) or later, so that other programs that share
//! the file need no newer library.

pub mod internal;

mod capture;
mod checks;
mod create;
mod defaults;
mod quote;
mod real;
mod relations;
mod statements;
mod triggers;
mod value_checks;

pub use quote::{quote_identifier, quote_text};

use crate::model::Table;
use crate::plan::{ColumnPlan, Plan, Reference, TablePlan, TableSql};

/// What the SQL of one table is made from.
#[derive(Debug, Clone, Copy)]
pub struct TableInput<'a> {
    /// The table's plan; its `sql` is not read.
    pub table: &'a TablePlan,
    /// The table as the dump has it, for defaults, prefixes and checks.
    pub model: &'a Table,
    /// All synced tables: the parents and children of this one are found here.
    pub tables: &'a [TablePlan],
    /// Whether keys of the server may reach 2^52, so that temporary keys are drawn at random.
    pub wide_keys: bool,
    /// Minutes east of UTC in which the application writes DATETIME values.
    pub utc_offset_minutes: i32,
}

impl<'a> TableInput<'a> {
    /// Every foreign key of a synced table that points at this table.
    fn children(&self) -> impl Iterator<Item = (&'a TablePlan, &'a Reference)> {
        let name = &self.table.name;
        self.tables.iter().flat_map(move |child| {
            let pointing = child.references.iter().filter(move |r| r.enforced && &r.table == name);
            pointing.map(move |reference| (child, reference))
        })
    }

    fn parent(&self, reference: &Reference) -> Option<&'a TablePlan> {
        self.tables.iter().find(|table| table.name == reference.table)
    }

    /// AUTO_INCREMENT in a table whose key is that column alone and stays below 2^52.
    fn has_sequence(&self) -> bool {
        !self.wide_keys && self.table.key.len() == 1 && self.table.temporary_key == Some(self.table.key[0])
    }
}

/// The SQL of one table.
pub fn emit_table(input: &TableInput<'_>) -> TableSql {
    let table = input.table;
    let [unique_indexes, plain_indexes] = create::emit_indexes(input);
    TableSql {
        create: create::emit_create(input),
        after_create: create::emit_sequence_start(input),
        n_unique_indexes: unique_indexes.len(),
        indexes: [unique_indexes, plain_indexes].concat(),
        triggers: triggers::emit_triggers(input),
        upsert: statements::emit_upsert(table),
        confirm: statements::emit_confirm(table),
        replace: statements::emit_replace(table),
        delete_synced: statements::emit_delete(table, true),
        delete: statements::emit_delete(table, false),
        select_by_key: statements::emit_select_by_key(table),
        set_status: statements::emit_set_status(table),
    }
}

/// Every statement that makes an empty cache, in order: inner tables, tables, sequences, indexes, triggers.
///
/// All of them may be run again on a cache of the same plan.
pub fn emit_cache(plan: &Plan) -> Vec<String> {
    let mut statements: Vec<String> = internal::INTERNAL_TABLES.iter().map(|sql| (*sql).to_owned()).collect();
    for table in &plan.tables {
        statements.push(table.sql.create.clone());
        statements.extend(table.sql.after_create.iter().cloned());
        statements.extend(table.sql.indexes.iter().cloned());
    }
    statements.extend(plan.tables.iter().flat_map(|table| table.sql.triggers.iter().cloned()));
    statements
}

/// Whether MySQL compares the column without regard to case.
fn ignores_case(column: &ColumnPlan) -> bool {
    column.collation.as_deref().is_some_and(|collation| collation.ends_with("_ci"))
}

/// `"a" = NEW."a" AND "b" = NEW."b"` over the row key, byte for byte.
fn same_key(table: &TablePlan, row: &str) -> String {
    let parts = table.key_columns().map(|column| {
        let name = quote_identifier(&column.name);
        format!("{name} = {row}.{name}")
    });
    parts.collect::<Vec<_>>().join(" AND ")
}
