//! Former names of tables and columns: checked, so that a cache can only be read in one way.

use super::Errors;
use crate::config::Config;
use crate::model::Schema;
use crate::plan::Rename;
use std::collections::BTreeMap;

pub(super) fn resolve(schema: &Schema, config: &Config, errors: &mut Errors<'_>) -> Vec<Rename> {
    let mut renames = Vec::new();
    let mut tables: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, settings) in &config.tables {
        // A table that is not there is refused elsewhere.
        let Some(table) = schema.table(name) else { continue };
        let path = format!("tables.{name}.renamed_from");
        for from in &settings.renamed_from.0 {
            if from.is_empty() {
                errors.refuse(
                    &path,
                    format!("`{name}` was not called \"\""),
                    "write the former name or take the line out",
                );
            } else if schema.table(from).is_some() {
                let message = format!("`{name}` is renamed from `{from}`, but the dump has a table `{from}`");
                errors.refuse(&path, message, "a name that is in use is not a former one: take it out");
            } else if let Some(other) = tables.insert(from, name) {
                let message = format!("both `{other}` and `{name}` are renamed from `{from}`");
                errors.refuse(&path, message, "keep it where the rows of the old table belong");
            } else {
                renames.push(Rename { table: name.clone(), column: None, from: from.clone() });
            }
        }
        let mut columns: BTreeMap<&str, &str> = BTreeMap::new();
        for (column, settings) in &settings.columns {
            let path = format!("tables.{name}.columns.{column}.renamed_from");
            for from in &settings.renamed_from.0 {
                let field = format!("{name}.{column}");
                if from.is_empty() {
                    let help = "write the former name or take the line out";
                    errors.refuse(&path, format!("`{field}` was not called \"\""), help);
                } else if table.column(from).is_some() {
                    let message =
                        format!("`{field}` is renamed from `{from}`, but `{name}` has a column `{from}`");
                    errors.refuse(&path, message, "a name that is in use is not a former one: take it out");
                } else if let Some(other) = columns.insert(from, column) {
                    let message = format!("both `{name}.{other}` and `{field}` are renamed from `{from}`");
                    errors.refuse(&path, message, "keep it where the values of the old column belong");
                } else {
                    let (table, column) = (name.clone(), Some(column.clone()));
                    renames.push(Rename { table, column, from: from.clone() });
                }
            }
        }
    }
    renames
}
