//! RENAME TABLE, and what a new name does to other tables.

use super::Replay;
use crate::dump::catalogue::{TableState, is_same_name};
use crate::dump::rules::foreign_key::renamed;
use crate::dump::spec::{Place, TableName};
use crate::model::ForeignKey;

impl Replay<'_> {
    pub(super) fn rename_table(&mut self, place: Place, old: &TableName, new: &TableName) {
        let Some(mut table) = self.database(old).tables.remove(&old.table) else {
            if !self.skipped.views.contains(&old.table) {
                self.missing_table(place, old);
            }
            return;
        };
        if self.database(new).tables.contains_key(&new.table) {
            self.database(old).tables.insert(old.table.clone(), table);
            return self.error(
                place,
                &new.table,
                format!("the file renames a table to `{}`, which exists", new.table),
                "drop that table first, or leave the renaming out",
            );
        }
        for foreign_key in &mut table.foreign_keys {
            if let Some(name) = renamed(&foreign_key.name, &old.table, &new.table) {
                foreign_key.name = name;
            }
        }
        self.database(new).tables.insert(new.table.clone(), table);
        for foreign_key in referring(&mut self.database(new).tables, &old.table) {
            foreign_key.referenced_table.clone_from(&new.table);
        }
    }

    /// Follows a renamed column into the foreign keys that refer to it.
    pub(super) fn rename_referenced_column(
        &mut self,
        table: &mut TableState,
        name: &TableName,
        old: &str,
        new: &str,
    ) {
        let own = table.foreign_keys.iter_mut().filter(|other| other.referenced_table == name.table);
        let others = referring(&mut self.database(name).tables, &name.table);
        for column in own.chain(others).flat_map(|foreign_key| &mut foreign_key.referenced_columns) {
            if is_same_name(column, old) {
                *column = new.to_owned();
            }
        }
    }
}

/// The foreign keys that refer to a table.
fn referring<'t>(
    tables: &'t mut std::collections::BTreeMap<String, TableState>,
    name: &'t str,
) -> impl Iterator<Item = &'t mut ForeignKey> {
    let all = tables.values_mut().flat_map(|table| &mut table.foreign_keys);
    all.filter(move |foreign_key| foreign_key.referenced_table == name)
}
