//! Parents before children, and numbers that are each one table's.

use super::Errors;
use crate::plan::TablePlan;

/// Orders tables so that a row's parents come before it. Where references go in a circle, the table that comes
/// first by name goes first.
pub(super) fn parents_first(mut rest: Vec<TablePlan>) -> Vec<TablePlan> {
    rest.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<TablePlan> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let waits = |table: &TablePlan| {
            let parents = table.references.iter().map(|reference| &reference.table);
            parents
                .filter(|parent| **parent != table.name)
                .any(|parent| rest.iter().any(|other| &other.name == parent))
        };
        let next = rest.iter().position(|table| !waits(table)).unwrap_or(0);
        ordered.push(rest.remove(next));
    }
    ordered
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
