//! Unique keys and foreign keys, checked and followed for local writes only.

use super::checks::Refusal;
use super::quote::{quote_identifier, quote_list, quote_text};
use super::{TableInput, capture, ignores_case, same_key};
use crate::model::{Key, KeyKind, ReferentialAction};
use crate::plan::{ColumnPlan, Reference, Storage, TablePlan};

/// Another row with the same unique key, found as MySQL finds it: without regard to case where the collation says so.
pub(super) fn unique_refusals(input: &TableInput<'_>, on_update: bool) -> Vec<Refusal> {
    let table = input.table;
    let mut refusals = Vec::new();
    for key in &input.model.keys {
        let Some(parts) = unique_parts(table, key) else { continue };
        // SQLite's own primary key compares bytes: only a key that ignores case needs a second look.
        let is_row_key = parts.len() == table.key.len() && parts.iter().all(|(at, _)| table.key.contains(at));
        if is_row_key && (on_update || !parts.iter().any(|(at, _)| ignores_case(&table.columns[*at]))) {
            continue;
        }
        let equal: Vec<String> =
            parts.iter().map(|&(at, prefix)| same_part(&table.columns[at], prefix)).collect();
        let exists = format!(
            "EXISTS (SELECT 1 FROM {} WHERE {} AND NOT ({}))",
            quote_identifier(&table.name),
            equal.join(" AND "),
            same_key(table, "NEW")
        );
        let changed: Vec<String> =
            parts.iter().map(|&(at, _)| capture::differs(&table.columns[at])).collect();
        let names: Vec<&str> = parts.iter().map(|&(at, _)| table.columns[at].name.as_str()).collect();
        refusals.push(Refusal {
            condition: if on_update { format!("({}) AND {exists}", changed.join(" OR ")) } else { exists },
            message: format!("{}.{}: another row has the same value", table.name, names.join(", ")),
        });
    }
    refusals
}

/// Positions and prefixes of a unique key whose columns are all visible.
fn unique_parts(table: &TablePlan, key: &Key) -> Option<Vec<(usize, Option<u32>)>> {
    match key.kind {
        KeyKind::Primary | KeyKind::Unique => {}
        KeyKind::Index | KeyKind::Fulltext | KeyKind::Spatial | KeyKind::Vector => return None,
    }
    key.parts.iter().map(|part| Some((table.position(part.column.as_deref()?)?, part.prefix))).collect()
}

fn same_part(column: &ColumnPlan, prefix: Option<u32>) -> String {
    let name = quote_identifier(&column.name);
    let collate = text_collation(column);
    match prefix {
        Some(length) => format!("substr({name}, 1, {length}) = substr(NEW.{name}, 1, {length}){collate}"),
        None => format!("{name} = NEW.{name}{collate}"),
    }
}

fn text_collation(column: &ColumnPlan) -> &'static str {
    match (column.storage, ignores_case(column)) {
        (Storage::Text, true) => " COLLATE NOCASE",
        (Storage::Text, false) => " COLLATE BINARY",
        (Storage::Integer | Storage::Unsigned64 | Storage::Real | Storage::Blob, _) => "",
    }
}

/// A parent that does not exist, once all parents have been pulled.
pub(super) fn parent_refusals(input: &TableInput<'_>, on_update: bool) -> Vec<Refusal> {
    let table = input.table;
    let mut refusals = Vec::new();
    for reference in table.references.iter().filter(|reference| reference.enforced) {
        let Some(parent) = input.parent(reference) else { continue };
        let columns: Vec<&ColumnPlan> = reference.columns.iter().map(|&at| &table.columns[at]).collect();
        let given =
            columns.iter().map(|column| format!("NEW.{} IS NOT NULL", quote_identifier(&column.name)));
        let mut conditions: Vec<String> = given.collect();
        if on_update {
            let changed: Vec<String> = columns.iter().map(|column| capture::differs(column)).collect();
            conditions.insert(0, format!("({})", changed.join(" OR ")));
        }
        let matches = columns.iter().zip(&reference.referenced_columns).map(|(column, referenced)| {
            let (own, name) = (quote_identifier(&column.name), quote_identifier(referenced));
            format!("{name} = NEW.{own}{}", text_collation(column))
        });
        conditions.push(format!(
            "NOT EXISTS (SELECT 1 FROM {} WHERE {})",
            quote_identifier(&parent.name),
            matches.collect::<Vec<_>>().join(" AND ")
        ));
        conditions.push(format!(
            "EXISTS (SELECT 1 FROM _physio_tables WHERE table_name = {} AND state = 'complete')",
            quote_text(&parent.name)
        ));
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        refusals.push(Refusal {
            condition: conditions.join(" AND "),
            message: format!("{}.{}: no such row in {}", table.name, names.join(", "), parent.name),
        });
    }
    refusals
}

/// Rows that still refer to a row that goes.
pub(super) fn restrict_delete_refusals(input: &TableInput<'_>) -> Vec<Refusal> {
    let table = input.table;
    let restricting = input.children().filter(|(_, reference)| match reference.on_delete {
        ReferentialAction::Restrict | ReferentialAction::NoAction | ReferentialAction::SetDefault => true,
        ReferentialAction::Cascade | ReferentialAction::SetNull => false,
    });
    restricting
        .map(|(child, reference)| {
            let itself = if child.name == table.name {
                format!(" AND NOT ({})", same_key(table, "OLD"))
            } else {
                String::new()
            };
            Refusal {
                condition: format!(
                    "EXISTS (SELECT 1 FROM {} WHERE {}{itself})",
                    quote_identifier(&child.name),
                    refers_to(child, reference, "OLD")
                ),
                message: format!("{}: rows of {} refer to it; delete them first", table.name, child.name),
            }
        })
        .collect()
}

/// What MySQL does to other tables' rows when a row of this table goes. Rows of read-only tables are left: the
/// server changes them, and the next pull brings it.
pub(super) fn delete_actions(input: &TableInput<'_>) -> Vec<String> {
    let others = input.children().filter(|(child, _)| child.writable && child.name != input.table.name);
    others
        .filter_map(|(child, reference)| action(child, reference, reference.on_delete, "OLD", None))
        .collect()
}

/// The same for rows of this table that refer to it, all generations at once: a trigger does not fire itself
/// unless `recursive_triggers` is on.
pub(super) fn self_delete_actions(input: &TableInput<'_>) -> Vec<String> {
    let table = input.table;
    let own = input.children().filter(|(child, _)| child.writable && child.name == table.name);
    own.filter_map(|(_, reference)| match reference.on_delete {
        ReferentialAction::Cascade => Some(delete_descendants(table, reference)),
        other => action(table, reference, other, "OLD", None),
    })
    .collect()
}

fn delete_descendants(table: &TablePlan, reference: &Reference) -> String {
    let name = quote_identifier(&table.name);
    let key: Vec<String> = table.key_columns().map(|column| quote_identifier(&column.name)).collect();
    let referenced: Vec<String> = reference.referenced_columns.iter().map(|c| quote_identifier(c)).collect();
    let wanted: Vec<String> = key.iter().chain(&referenced).map(|column| format!("t.{column}")).collect();
    let names: Vec<String> = (0..wanted.len()).map(|at| format!("c{at}")).collect();
    let children = reference.columns.iter().enumerate().map(|(at, &own)| {
        let column = &table.columns[own];
        format!("t.{} = d.c{}{}", quote_identifier(&column.name), key.len() + at, text_collation(column))
    });
    let key_names = &names[..key.len()];
    format!(
        "DELETE FROM {name} WHERE ({keys}) IN (WITH RECURSIVE d({columns}) AS (\
         SELECT {wanted} FROM {name} AS t WHERE {first} UNION SELECT {wanted} FROM {name} AS t JOIN d ON {next}) \
         SELECT {key_names} FROM d) AND NOT ({itself});",
        keys = key.join(", "),
        columns = names.join(", "),
        wanted = wanted.join(", "),
        first = refers_to(table, reference, "OLD"),
        next = children.collect::<Vec<_>>().join(" AND "),
        key_names = key_names.join(", "),
        itself = same_key(table, "OLD"),
    )
}

/// A changed column of this table that others refer to; its key never changes, so only other unique keys matter.
pub(super) fn update_refusals(input: &TableInput<'_>) -> Vec<Refusal> {
    let table = input.table;
    let restricting = changeable(input).filter(|(child, reference)| match reference.on_update {
        ReferentialAction::Restrict | ReferentialAction::NoAction | ReferentialAction::SetDefault => true,
        // InnoDB refuses both for a table that refers to itself.
        ReferentialAction::Cascade | ReferentialAction::SetNull => child.name == table.name,
    });
    restricting
        .map(|(child, reference)| Refusal {
            condition: format!(
                "({}) AND EXISTS (SELECT 1 FROM {} WHERE {})",
                referenced_changed(table, reference),
                quote_identifier(&child.name),
                refers_to(child, reference, "OLD")
            ),
            message: format!(
                "{}.{}: rows of {} refer to it",
                table.name,
                reference.referenced_columns.join(", "),
                child.name
            ),
        })
        .collect()
}

/// What MySQL does to other tables' rows when a referenced column changes.
pub(super) fn update_actions(input: &TableInput<'_>) -> Vec<String> {
    let others = changeable(input).filter(|(child, _)| child.writable && child.name != input.table.name);
    others
        .filter_map(|(child, reference)| {
            let changed = referenced_changed(input.table, reference);
            action(child, reference, reference.on_update, "OLD", Some(&changed))
        })
        .collect()
}

fn changeable<'a>(input: &TableInput<'a>) -> impl Iterator<Item = (&'a TablePlan, &'a Reference)> {
    let table = input.table;
    input.children().filter(move |(_, reference)| {
        let mut referenced = reference.referenced_columns.iter().filter_map(|name| table.position(name));
        referenced.any(|position| !table.key.contains(&position))
    })
}

fn referenced_changed(table: &TablePlan, reference: &Reference) -> String {
    let columns = reference.referenced_columns.iter().filter_map(|name| table.position(name));
    columns.map(|at| capture::differs(&table.columns[at])).collect::<Vec<_>>().join(" OR ")
}

/// Cascades of a delete when `changed` is none, of an update otherwise.
fn action(
    child: &TablePlan,
    reference: &Reference,
    what: ReferentialAction,
    row: &str,
    changed: Option<&str>,
) -> Option<String> {
    let name = quote_identifier(&child.name);
    let mut condition = refers_to(child, reference, row);
    if let Some(changed) = changed {
        condition = format!("{condition} AND ({changed})");
    }
    let assign = |value: &dyn Fn(usize) -> String| {
        let assignments = reference.columns.iter().enumerate();
        let assignments = assignments.map(|(at, &column)| {
            format!("{} = {}", quote_list([child.columns[column].name.as_str()]), value(at))
        });
        format!("UPDATE {name} SET {} WHERE {condition};", assignments.collect::<Vec<_>>().join(", "))
    };
    match what {
        ReferentialAction::Restrict | ReferentialAction::NoAction | ReferentialAction::SetDefault => None,
        ReferentialAction::SetNull => Some(assign(&|_| "NULL".to_owned())),
        ReferentialAction::Cascade if changed.is_none() => {
            Some(format!("DELETE FROM {name} WHERE {condition};"))
        }
        ReferentialAction::Cascade => {
            Some(assign(&|at| format!("NEW.{}", quote_identifier(&reference.referenced_columns[at]))))
        }
    }
}

/// `child.fk = OLD.key` over all columns of the foreign key.
fn refers_to(child: &TablePlan, reference: &Reference, row: &str) -> String {
    let parts = reference.columns.iter().zip(&reference.referenced_columns).map(|(&own, referenced)| {
        let column = &child.columns[own];
        format!(
            "{} = {row}.{}{}",
            quote_identifier(&column.name),
            quote_identifier(referenced),
            text_collation(column)
        )
    });
    parts.collect::<Vec<_>>().join(" AND ")
}
