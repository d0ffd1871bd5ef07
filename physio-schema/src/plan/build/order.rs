//! Parents before children, and numbers that are each one table's.

use super::Errors;
use crate::plan::TablePlan;
use std::collections::BTreeSet;

/// Orders tables so that a row's parents come before it. Where references go in a circle, the table of the
/// circle that comes first by name goes first; tables that only refer to the circle still come after it.
pub(super) fn parents_first(mut rest: Vec<TablePlan>) -> Vec<TablePlan> {
    rest.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<TablePlan> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let ancestors: Vec<BTreeSet<usize>> = (0..rest.len()).map(|table| ancestors(&rest, table)).collect();
        let is_next = |table: &usize| ancestors[*table].iter().all(|above| ancestors[*above].contains(table));
        let next = (0..rest.len()).find(is_next).expect("some circle (or single table) has none above it");
        ordered.push(rest.remove(next));
    }
    ordered
}

/// All tables of `rest` that a table refers to, directly or through others, itself left out.
fn ancestors(rest: &[TablePlan], table: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![table];
    while let Some(child) = waiting.pop() {
        for reference in &rest[child].references {
            let parent = rest.iter().position(|other| other.name == reference.table);
            if let Some(parent) = parent.filter(|&parent| parent != table)
                && found.insert(parent)
            {
                waiting.push(parent);
            }
        }
    }
    found
}

/// The server's feed knows a table by the CRC-32 of its name.
pub(super) fn check_ids(tables: &[TablePlan], errors: &mut Errors<'_>) {
    for (index, table) in tables.iter().enumerate() {
        if let Some(other) = tables[..index].iter().find(|other| other.id == table.id) {
            let message = format!("`{}` and `{}` have the same CRC-32", other.name, table.name);
            errors.refuse(
                &format!("tables.{}", table.name),
                message,
                "rename one of them in MySQL or sync only one",
            );
        }
    }
}
