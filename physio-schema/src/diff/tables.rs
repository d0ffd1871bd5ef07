//! Tables: on one side only, or on both.

use super::change::{Clause, Phase, Step};
use super::rust_types::{WideColumns, row_key};
use super::spell::{create_table, foreign_key, quoted_name, table_charset};
use super::{Change, ChangeKind, Class, DiffOptions, columns, keys};
use crate::model::{Column, Schema, Table, quoted};
use std::collections::BTreeSet;

/// A table on both sides, and what else decides about its changes.
pub(super) struct TablePair<'a> {
    pub(super) old: &'a Table,
    pub(super) new: &'a Table,
    pub(super) wide: [&'a WideColumns<'a>; 2],
    /// The columns of the row key, on each side.
    pub(super) row_keys: [Option<Vec<String>>; 2],
    pub(super) options: &'a DiffOptions,
    /// Both schemas, for the foreign keys of other tables.
    pub(super) schemas: [&'a Schema; 2],
}

impl TablePair<'_> {
    /// A change of this table.
    pub(super) fn change(
        &self,
        kind: ChangeKind,
        name: &str,
        (before, after): (Option<String>, Option<String>),
        (class, why): (Class, String),
        steps: Vec<Step>,
    ) -> Change {
        let (table, name) = (self.new.name.clone(), Some(name.to_owned()));
        Change { table, kind, name, before, after, class, why, steps }
    }
}

/// Adds every change but renames.
pub(super) fn compare(older: &Schema, newer: &Schema, options: &DiffOptions, changes: &mut Vec<Change>) {
    let wide = [WideColumns::of(older, options), WideColumns::of(newer, options)];
    let names: BTreeSet<&str> =
        older.tables.iter().chain(&newer.tables).map(|table| table.name.as_str()).collect();
    for name in names {
        match (older.table(name), newer.table(name)) {
            (Some(old), Some(new)) => {
                let row_keys = [row_key(old, options), row_key(new, options)];
                let pair = TablePair {
                    old,
                    new,
                    wide: [&wide[0], &wide[1]],
                    row_keys,
                    options,
                    schemas: [older, newer],
                };
                keys::compare_foreign_keys(&pair, changes);
                keys::compare_keys(&pair, changes);
                columns::compare(&pair, changes);
                compare_options(&pair, changes);
                keys::compare_checks(&pair, changes);
            }
            (Some(old), None) => changes.push(dropped(old)),
            (None, Some(new)) => changes.push(added(new)),
            (None, None) => {}
        }
    }
    blame_foreign_keys(older, newer, &wide, changes);
}

/// A column's Rust type also follows from what it refers to, through any number of tables: where such a
/// column changes and its own declaration does not, the foreign keys that changed are to blame.
fn blame_foreign_keys(older: &Schema, newer: &Schema, wide: &[WideColumns<'_>; 2], changes: &mut [Change]) {
    let turns = |table: &Table, column: &Column| {
        let is_narrow = columns::field_type(column, false) != columns::field_type(column, true);
        let is_same = older.table(&table.name).and_then(|old| old.column(&column.name)) == Some(column);
        let [was, is] = wide.each_ref().map(|wide| wide.contains(&table.name, &column.name));
        is_narrow && is_same && was != is
    };
    let is_turned = newer.tables.iter().any(|table| table.columns.iter().any(|column| turns(table, column)));
    if !is_turned {
        return;
    }
    for change in changes {
        if matches!(
            change.kind,
            ChangeKind::ForeignKeyAdded | ChangeKind::ForeignKeyDropped | ChangeKind::ForeignKeyChanged
        ) && change.class < Class::BreaksCode
        {
            change.class = Class::BreaksCode;
            change.why =
                "what refers to a generated key is 64 bits wide in Rust, and nothing else is".to_owned();
        }
    }
}

fn dropped(table: &Table) -> Change {
    Change {
        table: table.name.clone(),
        kind: ChangeKind::TableDropped,
        name: None,
        before: Some(counted(table)),
        after: None,
        class: Class::BreaksCode,
        why: "code may name the table".to_owned(),
        steps: vec![Step::new(Phase::DropTable, format!("DROP TABLE {}", quoted_name(&table.name)))],
    }
}

fn added(table: &Table) -> Change {
    let mut steps = vec![Step::new(Phase::CreateTable, create_table(table))];
    steps.extend(
        table
            .foreign_keys
            .iter()
            .map(|key| Step::new(Phase::AddForeignKey, format!("ADD {}", foreign_key(key)))),
    );
    Change {
        table: table.name.clone(),
        kind: ChangeKind::TableAdded,
        name: None,
        before: None,
        after: Some(counted(table)),
        class: Class::Additive,
        why: "no code names it yet".to_owned(),
        steps,
    }
}

fn counted(table: &Table) -> String {
    match table.columns.len() {
        1 => "1 column".to_owned(),
        n => format!("{n} columns"),
    }
}

fn compare_options(pair: &TablePair<'_>, changes: &mut Vec<Change>) {
    let (old, new) = (pair.old, pair.new);
    let options = [
        (
            "engine",
            &old.engine,
            &new.engine,
            format!("ENGINE={}", new.engine),
            "the engine is the server's business; the bridge's promises need a transactional one",
        ),
        (
            "collation",
            &old.collation,
            &new.collation,
            table_charset(&new.collation),
            "it is for columns to come; those that are there name their own",
        ),
        (
            "comment",
            &old.comment,
            &new.comment,
            format!("COMMENT={}", quoted(&new.comment)),
            "a comment is for people",
        ),
    ];
    for (name, before, after, sql, why) in options {
        if before != after {
            let shown = |text: &String| Some(if name == "comment" { quoted(text) } else { text.clone() });
            changes.push(pair.change(
                ChangeKind::TableChanged,
                name,
                (shown(before), shown(after)),
                (Class::Compatible, why.to_owned()),
                vec![Step::clause(Clause::Option, sql)],
            ));
        }
    }
}
