//! What a foreign key does behind the triggers' back.
//!
//! MySQL fires no trigger on rows that a foreign key deletes or changes. So the parent's trigger puts the
//! keys of those rows into the inbox. It only *reads* the children: a trigger that deleted them itself
//! would make statements such as `DELETE FROM parent WHERE id IN (SELECT parent_id FROM child)` fail with
//! error 1442, which an application has every right to run.

use crate::model::{ForeignKey, ReferentialAction, Schema, Table};

/// A chain of foreign keys from a parent's row to rows of a synced table that change with it.
#[derive(Debug, Clone)]
pub(super) struct CascadePath<'a> {
    /// Child table and its foreign key to the table before, outermost first.
    pub(super) steps: Vec<(&'a Table, &'a ForeignKey)>,
}

impl<'a> CascadePath<'a> {
    /// The table whose rows change.
    pub(super) fn target(&self) -> &'a Table {
        self.steps[self.steps.len() - 1].0
    }
}

/// Which event of the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParentEvent {
    Delete,
    KeyUpdate,
}

/// Every path from `parent` whose last table `is_synced`; a path visits a table once, so it ends. What comes round to a
/// table again (two tables that delete each other's rows) is followed once.
pub(super) fn cascade_paths<'a>(
    schema: &'a Schema,
    parent: &'a Table,
    event: ParentEvent,
    is_synced: &dyn Fn(&str) -> bool,
) -> Vec<CascadePath<'a>> {
    let mut found = Vec::new();
    extend_path(schema, parent, event, is_synced, &mut Vec::new(), &mut found);
    found
}

fn extend_path<'a>(
    schema: &'a Schema,
    table: &'a Table,
    event: ParentEvent,
    is_synced: &dyn Fn(&str) -> bool,
    steps: &mut Vec<(&'a Table, &'a ForeignKey)>,
    found: &mut Vec<CascadePath<'a>>,
) {
    for child in &schema.tables {
        for key in child.foreign_keys.iter().filter(|key| key.referenced_table == table.name) {
            let action = match event {
                ParentEvent::Delete => key.on_delete,
                ParentEvent::KeyUpdate => key.on_update,
            };
            let goes_on = match action {
                ReferentialAction::Cascade => true,
                ReferentialAction::SetNull | ReferentialAction::SetDefault => false,
                ReferentialAction::Restrict | ReferentialAction::NoAction => continue,
            };
            // Rows that point at deleted rows of their own table lose that pointer, and it ends there.
            let is_pointer = !goes_on && child.name == table.name;
            let was_visited = !is_pointer && steps.iter().any(|(step, _)| step.name == child.name);
            if was_visited || !carries_on(event, steps.last().map(|(_, key)| *key), key) {
                continue;
            }
            steps.push((child, key));
            if is_synced(&child.name) {
                found.push(CascadePath { steps: steps.clone() });
            }
            // A self-reference is one level here; `triggers` walks it with a recursive query.
            if goes_on && child.name != table.name {
                extend_path(schema, child, event, is_synced, steps, found);
            }
            steps.pop();
        }
    }
}

/// A changed key travels on only through the columns that changed; a delete takes the whole row with it.
fn carries_on(event: ParentEvent, before: Option<&ForeignKey>, key: &ForeignKey) -> bool {
    match (event, before) {
        (ParentEvent::Delete, _) | (_, None) => true,
        (ParentEvent::KeyUpdate, Some(before)) => {
            key.referenced_columns.iter().any(|column| before.columns.contains(column))
        }
    }
}

/// The table's own ON DELETE CASCADE to itself over a single column, if it has one.
pub(super) fn self_cascade(table: &Table) -> Option<&ForeignKey> {
    table.foreign_keys.iter().find(|key| {
        key.referenced_table == table.name
            && key.on_delete == ReferentialAction::Cascade
            && key.columns.len() == 1
    })
}
