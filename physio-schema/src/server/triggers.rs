//! The triggers that write changed keys into the inbox.

use super::cascade::{CascadePath, ParentEvent, cascade_paths, self_cascade};
use super::install::TableTriggers;
use super::key_text::{emit_key_text, emit_key_text_of};
use super::paths::{alias, emit_anchor, emit_joins, emit_tree, emit_tree_below, reads_only};
use super::quoted;
use super::scope::{is_enforced, scope_columns, scope_links, scope_paths};
use crate::model::ReferentialAction::Cascade;
use crate::model::{Column, ColumnDefault, ColumnType, ForeignKey, Schema, Table};
use crate::plan::{Plan, TablePlan};

/// The triggers of every table, in the order of the schema's tables, without delimiters.
pub(super) fn emit_triggers(plan: &Plan, schema: &Schema) -> Vec<TableTriggers> {
    let links = scope_links(plan);
    let emitter = Emitter { plan, schema, links: &links };
    let of_table = |table: &Table| {
        let (creates, cascades_to) = emitter.emit_table(table);
        let drops = trigger_drops(&table.name).collect();
        TableTriggers { table: table.name.clone(), drops, creates, cascades_to }
    };
    schema.tables.iter().map(of_table).collect()
}

/// Statements that take away every trigger which a table may have from us.
pub(super) fn trigger_drops(table: &str) -> impl Iterator<Item = String> {
    trigger_names(table).map(|name| format!("DROP TRIGGER IF EXISTS {}", quoted(&name)))
}

/// The names that a table's triggers may have, also those that this plan does not need.
fn trigger_names(table: &str) -> impl Iterator<Item = String> {
    ["ai", "au", "ad", "bu", "bd"].into_iter().map(move |suffix| trigger_name(table, suffix))
}

/// MySQL takes 64 characters; a longer name is replaced by the table's number.
fn trigger_name(table: &str, suffix: &str) -> String {
    let name = format!("_physio_{table}_{suffix}");
    if name.chars().count() <= 64 {
        name
    } else {
        format!("_physio_{:08x}_{suffix}", crc32fast::hash(table.as_bytes()))
    }
}

struct Emitter<'a> {
    plan: &'a Plan,
    schema: &'a Schema,
    /// The references that scopes go along.
    links: &'a [(String, ForeignKey)],
}

impl<'a> Emitter<'a> {
    /// `CREATE TRIGGER …`, and the synced tables that change with this one.
    fn emit_table(&self, table: &'a Table) -> (Vec<String>, Vec<String>) {
        let synced = self.plan.table(&table.name);
        let is_synced = |name: &str| self.plan.table(name).is_some();
        let deletes = cascade_paths(self.schema, table, ParentEvent::Delete, &is_synced);
        let updates = cascade_paths(self.schema, table, ParentEvent::KeyUpdate, &is_synced);

        let mut inserted = Vec::new();
        let mut updated = Vec::new();
        let mut deleted = Vec::new();
        if let Some(plan) = synced {
            let key = key_columns(table, plan);
            let (new, old) = (emit_key_text("NEW", &key), emit_key_text("OLD", &key));
            inserted.push(emit_inbox(plan.id, &new));
            updated.push(emit_inbox(plan.id, &new));
            updated.push(format!(
                "  IF NOT (CAST({old} AS BINARY) <=> CAST({new} AS BINARY)) THEN\n  {}\n  END IF;",
                emit_inbox(plan.id, &old)
            ));
            deleted.push(emit_inbox(plan.id, &old));
        }
        // Before the delete the children are still there; after an update they already hold the new key, or none.
        let before_delete = self.emit_paths(table, &deletes, "OLD", true);
        let (lost, kept): (Vec<_>, Vec<_>) =
            updates.iter().cloned().partition(|path| path.steps[path.steps.len() - 1].1.on_update != Cascade);
        let before_update = if needs_implicit_default(table) {
            Vec::new()
        } else {
            self.emit_guarded_paths(table, &lost, "OLD")
        };
        for path in &kept {
            updated.extend(self.emit_old_keys(path));
        }
        updated.extend(self.emit_guarded_paths(table, &kept, "NEW"));

        let heirs = scope_paths(self.schema, self.links, &table.name);
        if let Some(columns) = synced.and_then(|plan| scope_columns(self.plan, plan)) {
            let (free, all): (Vec<_>, Vec<_>) =
                (heirs.iter().filter(|path| !is_enforced(self.plan, path)).cloned().collect(), heirs.clone());
            inserted.extend(self.emit_paths(table, &free, "NEW", false));
            deleted.extend(self.emit_paths(table, &free, "OLD", false));
            let moved = [&columns.column, &columns.key].map(|column| unchanged(column)).join(" AND ");
            updated.extend(if_not(&moved, &self.emit_paths(table, &all, "NEW", false)));
            updated.extend(if_not(&unchanged(&columns.key), &self.emit_paths(table, &free, "OLD", false)));
        }

        let mut cascades_to: Vec<String> =
            deletes.iter().chain(&updates).chain(&heirs).map(|path| path.target().name.clone()).collect();
        cascades_to.sort();
        cascades_to.dedup();
        let creates = [
            ("ai", "AFTER INSERT", inserted),
            ("au", "AFTER UPDATE", updated),
            ("ad", "AFTER DELETE", deleted),
            ("bu", "BEFORE UPDATE", before_update),
            ("bd", "BEFORE DELETE", before_delete),
        ]
        .into_iter()
        .filter(|(_, _, body)| !body.is_empty())
        .map(|(suffix, event, body)| {
            let name = trigger_name(&table.name, suffix);
            format!(
                "CREATE TRIGGER {} {event} ON {} FOR EACH ROW\nBEGIN\n{}\nEND",
                quoted(&name),
                quoted(&table.name),
                body.join("\n")
            )
        })
        .collect();
        (creates, cascades_to)
    }

    /// The keys that the rows at a path's end had before a key update, where its columns are part of them.
    fn emit_old_keys(&self, path: &CascadePath<'_>) -> Option<String> {
        let mut old: Vec<(&str, String)> = Vec::new();
        for (step, (_, key)) in path.steps.iter().enumerate() {
            let before = std::mem::take(&mut old);
            for (column, referenced) in key.columns.iter().zip(&key.referenced_columns) {
                let value = match before.iter().find(|(name, _)| name == referenced) {
                    Some((_, value)) => Some(value.clone()),
                    None if step == 0 => Some(format!("OLD.{}", quoted(referenced))),
                    None => None,
                };
                old.extend(value.map(|value| (column.as_str(), value)));
            }
        }
        let target = path.target();
        let plan = self.plan.table(&target.name).expect("a path ends at a synced table");
        let key = key_columns(target, plan);
        if !key.iter().any(|column| old.iter().any(|(name, _)| *name == column.name)) {
            return None;
        }
        let text = emit_key_text_of(&key, |column| {
            let changed = old.iter().find(|(name, _)| *name == column);
            changed.map_or_else(
                || format!("{}.{}", alias(path.steps.len()), quoted(column)),
                |(_, value)| value.clone(),
            )
        });
        let from = emit_joins(path, &emit_anchor(path, "NEW"));
        let body = emit_loop(plan.id, &format!("SELECT {text} FROM {from} LOCK IN SHARE MODE"));
        Some(guarded(path, &body))
    }

    /// The paths of a key update, each inside a test whether its referenced columns changed at all.
    fn emit_guarded_paths(&self, table: &Table, paths: &[CascadePath<'_>], row: &str) -> Vec<String> {
        paths
            .iter()
            .map(|path| {
                let body = self.emit_path(table, path, row, false);
                guarded(path, &body)
            })
            .collect()
    }

    fn emit_paths(&self, table: &Table, paths: &[CascadePath<'_>], row: &str, delete: bool) -> Vec<String> {
        paths.iter().map(|path| self.emit_path(table, path, row, delete)).collect()
    }

    /// A loop over the keys at the path's end. A cursor, since INSERT … SELECT would hold the inbox's
    /// AUTO_INCREMENT lock to the end of the statement and stop every other writer meanwhile.
    fn emit_path(&self, table: &Table, path: &CascadePath<'_>, row: &str, delete: bool) -> String {
        let target = path.target();
        let plan = self.plan.table(&target.name).expect("a path ends at a synced table");
        let key = emit_key_text(&alias(path.steps.len()), &key_columns(target, plan));
        let own_tree = self_cascade(table).filter(|own| delete && reads_only(path, own));
        // The first table on the way whose rows delete rows of the same table, however deep.
        let tree_step = path
            .steps
            .iter()
            .position(|(step, _)| delete && step.name != table.name && self_cascade(step).is_some());
        let source = match (own_tree, tree_step) {
            (Some(own), _) => emit_tree(table, own, path, row, &key),
            (None, Some(step)) => emit_tree_below(path, step, row, &key),
            // Locked, so that what others committed since this transaction's snapshot is seen as well.
            (None, None) => {
                format!("SELECT {key} FROM {} LOCK IN SHARE MODE", emit_joins(path, &emit_anchor(path, row)))
            }
        };
        emit_loop(plan.id, &source)
    }
}

/// The keys of a query into the inbox.
fn emit_loop(id: u32, source: &str) -> String {
    format!(
        "  BEGIN\n    DECLARE physio_done INT DEFAULT 0;\n    DECLARE physio_key VARBINARY(3000);\n    \
         DECLARE physio_rows CURSOR FOR {source};\n    \
         DECLARE CONTINUE HANDLER FOR NOT FOUND SET physio_done = 1;\n    OPEN physio_rows;\n    \
         physio_loop: LOOP\n      FETCH physio_rows INTO physio_key;\n      \
         IF physio_done THEN LEAVE physio_loop; END IF;\n    {}\n    END LOOP;\n    CLOSE physio_rows;\n  END;",
        emit_inbox(id, "physio_key")
    )
}

/// Only when the columns that the path begins at have changed.
fn guarded(path: &CascadePath<'_>, body: &str) -> String {
    let referenced = path.steps[0].1.referenced_columns.iter();
    let same: Vec<String> = referenced.map(|column| unchanged(column)).collect();
    format!("  IF NOT ({}) THEN\n{body}\n  END IF;", same.join(" AND "))
}

/// Whether the server must be left to find a value for a column by itself. MariaDB does not do so any more in a table
/// with a BEFORE UPDATE trigger: an application's INSERT without the column would begin to fail.
fn needs_implicit_default(table: &Table) -> bool {
    table.columns.iter().any(|column| {
        matches!(column.column_type, ColumnType::Enum { .. })
            && !column.nullable
            && column.default == ColumnDefault::Missing
    })
}

fn unchanged(column: &str) -> String {
    let column = quoted(column);
    format!("CAST(OLD.{column} AS BINARY) <=> CAST(NEW.{column} AS BINARY)")
}

/// The statements inside one test; nothing where there are none.
fn if_not(condition: &str, statements: &[String]) -> Option<String> {
    let body = statements.join("\n");
    (!statements.is_empty()).then(|| format!("  IF NOT ({condition}) THEN\n{body}\n  END IF;"))
}

fn emit_inbox(id: u32, key: &str) -> String {
    format!("  INSERT INTO `_physio_inbox` (`t`, `pk`) VALUES ({id}, {key});")
}

fn key_columns<'t>(table: &'t Table, plan: &TablePlan) -> Vec<&'t Column> {
    plan.key_columns()
        .map(|column| table.column(&column.name).expect("a plan's columns are the table's"))
        .collect()
}
