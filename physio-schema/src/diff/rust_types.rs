//! Which columns are wide integers in Rust because they may hold a key that was made offline.

use super::DiffOptions;
use crate::model::{Schema, Table};
use crate::plan::own_key;
use std::collections::BTreeSet;

/// The columns of one schema that may hold a temporary key.
pub(super) struct WideColumns<'a> {
    found: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> WideColumns<'a> {
    /// The generated keys of synced tables, and what refers to them through any number of tables.
    pub(super) fn of(schema: &'a Schema, options: &'a DiffOptions) -> Self {
        let synced: Vec<&Table> =
            schema.tables.iter().filter(|table| options.is_synced(&table.name)).collect();
        let mut found = BTreeSet::new();
        for table in &synced {
            let key = row_key(table, options).unwrap_or_default();
            let generated = table.columns.iter().find(|c| c.auto_increment && key.contains(&c.name));
            found.extend(generated.map(|column| (table.name.as_str(), column.name.as_str())));
        }
        let is_synced = |name: &str| synced.iter().any(|table| table.name == name);
        let mut references: Vec<[&str; 4]> = Vec::new();
        for table in &synced {
            for foreign in table.foreign_keys.iter().filter(|key| is_synced(&key.referenced_table)) {
                let pairs = foreign.columns.iter().zip(&foreign.referenced_columns);
                references.extend(pairs.map(|(own, parent)| {
                    [table.name.as_str(), own.as_str(), foreign.referenced_table.as_str(), parent.as_str()]
                }));
            }
        }
        references.extend(options.references.iter().map(|reference| {
            [&*reference.table, &*reference.column, &*reference.parent, &*reference.parent_column]
        }));
        loop {
            let before = found.len();
            for [table, column, parent, parent_column] in &references {
                if found.contains(&(*parent, *parent_column)) {
                    found.insert((*table, *column));
                }
            }
            if found.len() == before {
                return Self { found };
            }
        }
    }

    pub(super) fn contains(&self, table: &str, column: &str) -> bool {
        self.found.contains(&(table, column))
    }
}

/// The columns that tell rows apart, as the plan chooses them.
pub(super) fn row_key(table: &Table, options: &DiffOptions) -> Option<Vec<String>> {
    options.keys.get(&table.name).cloned().or_else(|| own_key(table))
}
