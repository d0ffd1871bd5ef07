//! Which columns hold another synced row's key.

use super::{Errors, Source};
use crate::model::{ReferentialAction, Schema};
use crate::plan::{Reference, TablePlan};
use crate::suggest::did_you_mean;

/// Foreign keys of the dump between synced tables with visible columns, then the lines of physio.toml.
pub(super) fn resolve(
    schema: &Schema,
    sources: &[Source<'_>],
    tables: &mut [TablePlan],
    errors: &mut Errors<'_>,
) {
    let mut all = Vec::new();
    for (source, table) in sources.iter().zip(tables.iter()) {
        let mut references = enforced(source, table, tables);
        for (column, target) in &source.config.references {
            let path = format!("tables.{}.references.{column}", table.name);
            if let Some(reference) = declared(schema, table, tables, (column, target), &path, errors) {
                let known =
                    references.iter().any(|r| r.columns == reference.columns && r.table == reference.table);
                if !known {
                    references.push(reference);
                }
            }
        }
        all.push(references);
    }
    for (table, references) in tables.iter_mut().zip(all) {
        table.references = references;
    }
}

fn enforced(source: &Source<'_>, table: &TablePlan, tables: &[TablePlan]) -> Vec<Reference> {
    let foreign_keys = source.model.foreign_keys.iter().filter_map(|foreign| {
        let parent = tables.iter().find(|parent| parent.name == foreign.referenced_table)?;
        let columns: Option<Vec<usize>> = foreign.columns.iter().map(|name| table.position(name)).collect();
        let visible = foreign.referenced_columns.iter().all(|name| parent.position(name).is_some());
        visible.then_some(Reference {
            columns: columns?,
            table: parent.name.clone(),
            referenced_columns: foreign.referenced_columns.clone(),
            on_delete: foreign.on_delete,
            on_update: foreign.on_update,
            enforced: true,
        })
    });
    foreign_keys.collect()
}

fn declared(
    schema: &Schema,
    table: &TablePlan,
    tables: &[TablePlan],
    (column, target): (&str, &str),
    path: &str,
    errors: &mut Errors<'_>,
) -> Option<Reference> {
    let (parent_name, parent_column) = target.rsplit_once('.')?;
    let own = table.position(column);
    if own.is_none() && schema.table(&table.name).is_some_and(|model| model.column(column).is_some()) {
        let message = format!("`{}.{column}` is hidden and cannot refer to another row", table.name);
        errors.refuse(path, message, "take the line out, or the column out of `hidden`");
    }
    let Some(parent) = tables.iter().find(|parent| parent.name == parent_name) else {
        let known = tables.iter().map(|table| table.name.as_str());
        let message = format!("`{parent_name}` is not a synced table{}", did_you_mean(parent_name, known));
        errors.refuse(path, message, "add it to a wave or take the line out");
        return None;
    };
    if parent.position(parent_column).is_none() {
        let known = parent.columns.iter().map(|column| column.name.as_str());
        let message =
            format!("no column `{parent_column}` in `{parent_name}`{}", did_you_mean(parent_column, known));
        errors.refuse(path, message, "name a visible column of that table");
        return None;
    }
    Some(Reference {
        columns: vec![own?],
        table: parent_name.to_owned(),
        referenced_columns: vec![parent_column.to_owned()],
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        enforced: false,
    })
}
