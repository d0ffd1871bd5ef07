//! Rows that enter or leave a scope because another row did.
//!
//! A row whose scope is that of the row it refers to is not written when that row moves, so no trigger of its own tells
//! of it. The other row's triggers do: they put the keys of all rows that follow it into the inbox.

use super::cascade::CascadePath;
use crate::model::{ForeignKey, ReferentialAction, Schema, Table};
use crate::plan::{Plan, Scope, TablePlan};

/// The column of a table, and its key's, by which the scope of other tables' rows is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScopeColumns {
    /// The column that says the row's own scope, or leads to it.
    pub(super) column: String,
    /// The key that other rows refer to.
    pub(super) key: String,
}

/// For a table with heirs (tables whose rows have the scope of its rows): the columns that matter.
pub(super) fn scope_columns(plan: &Plan, table: &TablePlan) -> Option<ScopeColumns> {
    let (_, key) = heirs(plan, &table.name).next()?;
    match &table.access.scope {
        Scope::Shared => None,
        Scope::Column(column) | Scope::Through { column, .. } => {
            Some(ScopeColumns { column: column.clone(), key: key.to_owned() })
        }
    }
}

/// The tables whose rows have the scope of a row of `table`: each with the column that refers to it.
pub(super) fn heirs_of<'p>(plan: &'p Plan, table: &'p str) -> impl Iterator<Item = (&'p TablePlan, &'p str)> {
    plan.tables.iter().filter_map(move |heir| match &heir.access.scope {
        Scope::Through { column, table: parent, .. } if parent == table => Some((heir, column.as_str())),
        Scope::Through { .. } | Scope::Column(_) | Scope::Shared => None,
    })
}

fn heirs<'p>(plan: &'p Plan, table: &'p str) -> impl Iterator<Item = (&'p TablePlan, &'p str)> {
    plan.tables.iter().filter_map(move |heir| match &heir.access.scope {
        Scope::Through { table: parent, key, .. } if parent == table => Some((heir, key.as_str())),
        Scope::Through { .. } | Scope::Column(_) | Scope::Shared => None,
    })
}

/// The references that scopes go along, as if they were foreign keys; each with its table.
pub(super) fn scope_links(plan: &Plan) -> Vec<(String, ForeignKey)> {
    let link = |heir: &TablePlan| match &heir.access.scope {
        Scope::Through { column, table, key } => Some((
            heir.name.clone(),
            ForeignKey {
                name: String::new(),
                columns: vec![column.clone()],
                referenced_table: table.clone(),
                referenced_columns: vec![key.clone()],
                on_delete: ReferentialAction::NoAction,
                on_update: ReferentialAction::NoAction,
            },
        )),
        Scope::Column(_) | Scope::Shared => None,
    };
    plan.tables.iter().filter_map(link).collect()
}

/// Every path from `table` down to rows whose scope follows from its rows.
pub(super) fn scope_paths<'a>(
    schema: &'a Schema,
    links: &'a [(String, ForeignKey)],
    table: &str,
) -> Vec<CascadePath<'a>> {
    let mut found = Vec::new();
    extend(schema, links, table, &mut Vec::new(), &mut found);
    found
}

// A plan has no circle of scopes, so this ends.
fn extend<'a>(
    schema: &'a Schema,
    links: &'a [(String, ForeignKey)],
    table: &str,
    steps: &mut Vec<(&'a Table, &'a ForeignKey)>,
    found: &mut Vec<CascadePath<'a>>,
) {
    for (heir, link) in links.iter().filter(|(_, link)| link.referenced_table == table) {
        let Some(model) = schema.table(heir) else { continue };
        steps.push((model, link));
        found.push(CascadePath { steps: steps.clone() });
        extend(schema, links, heir, steps, found);
        steps.pop();
    }
}

/// Whether MySQL lets no row of the heir be without its parent: then a parent that comes or goes has no heirs, or takes
/// them with it by a rule that the cascades follow.
pub(super) fn is_enforced(plan: &Plan, path: &CascadePath<'_>) -> bool {
    let (heir, link) = path.steps[0];
    plan.table(&heir.name).is_some_and(|heir| {
        heir.references.iter().any(|reference| {
            reference.enforced
                && reference.table == link.referenced_table
                && reference.referenced_columns == link.referenced_columns
                && reference.columns.iter().map(|&position| &heir.columns[position].name).eq(&link.columns)
        })
    })
}
