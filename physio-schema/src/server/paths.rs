//! The SQL that leads from a parent's row to the rows at a path's end.

use super::cascade::{CascadePath, self_cascade};
use super::quoted;
use crate::model::{ForeignKey, Table};

/// Whether the path begins at the column that the parent's self-reference refers to.
pub(super) fn reads_only(path: &CascadePath<'_>, own: &ForeignKey) -> bool {
    path.steps[0].1.referenced_columns == own.referenced_columns
}

/// The rows below a deleted row of a table that cascades to itself, and the path's rows below those.
pub(super) fn emit_tree(
    table: &Table,
    own: &ForeignKey,
    path: &CascadePath<'_>,
    row: &str,
    key: &str,
) -> String {
    let (referenced, column) = (quoted(&own.referenced_columns[0]), quoted(&own.columns[0]));
    let anchor = vec![format!("{}.{} = physio_tree.k", alias(1), quoted(&path.steps[0].1.columns[0]))];
    format!(
        "WITH RECURSIVE physio_tree (k) AS (SELECT {row}.{referenced} UNION SELECT physio_self.{referenced} \
         FROM {} physio_self JOIN physio_tree ON physio_self.{column} = physio_tree.k) \
         SELECT {key} FROM physio_tree JOIN {}",
        quoted(&table.name),
        emit_joins_on(path, &anchor)
    )
}

/// The rows at the path's end, where the table of one step on the way cascades to itself.
pub(super) fn emit_tree_below(path: &CascadePath<'_>, step: usize, row: &str, key: &str) -> String {
    let (table, _) = path.steps[step];
    let own = self_cascade(table).expect("the step was chosen by it");
    let (referenced, column) = (quoted(&own.referenced_columns[0]), quoted(&own.columns[0]));
    let above = CascadePath { steps: path.steps[..=step].to_vec() };
    let at = alias(step + 1);
    format!(
        "WITH RECURSIVE physio_tree (k) AS (SELECT {at}.{referenced} FROM {} UNION SELECT physio_self.{referenced} \
         FROM {name} physio_self JOIN physio_tree ON physio_self.{column} = physio_tree.k) \
         SELECT {key} FROM physio_tree JOIN {name} {at} ON {at}.{referenced} = physio_tree.k{}",
        emit_joins(&above, &emit_anchor(path, row)),
        emit_later_joins(path, step + 1),
        name = quoted(&table.name),
    )
}

/// The first step's rows refer to the parent's row.
pub(super) fn emit_anchor(path: &CascadePath<'_>, row: &str) -> Vec<String> {
    let key = path.steps[0].1;
    key.columns
        .iter()
        .zip(&key.referenced_columns)
        .map(|(column, referenced)| format!("{}.{} = {row}.{}", alias(1), quoted(column), quoted(referenced)))
        .collect()
}

pub(super) fn emit_joins(path: &CascadePath<'_>, anchor: &[String]) -> String {
    let (joins, first) = (emit_later_joins(path, 1), quoted(&path.steps[0].0.name));
    format!("{first} {}{joins} WHERE {}", alias(1), anchor.join(" AND "))
}

fn emit_joins_on(path: &CascadePath<'_>, anchor: &[String]) -> String {
    let (joins, first) = (emit_later_joins(path, 1), quoted(&path.steps[0].0.name));
    format!("{first} {} ON {}{joins}", alias(1), anchor.join(" AND "))
}

/// The joins from a step on.
fn emit_later_joins(path: &CascadePath<'_>, from: usize) -> String {
    let mut joins = String::new();
    for (step, (child, key)) in path.steps.iter().enumerate().skip(from) {
        let on: Vec<String> = key
            .columns
            .iter()
            .zip(&key.referenced_columns)
            .map(|(column, referenced)| {
                format!("{}.{} = {}.{}", alias(step + 1), quoted(column), alias(step), quoted(referenced))
            })
            .collect();
        joins.push_str(&format!(" JOIN {} {} ON {}", quoted(&child.name), alias(step + 1), on.join(" AND ")));
    }
    joins
}

pub(super) fn alias(step: usize) -> String {
    format!("physio_{step}")
}
