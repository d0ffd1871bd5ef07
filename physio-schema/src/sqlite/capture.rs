//! How the triggers spell a row for the outbox.

use super::quote::{quote_identifier, quote_text};
use super::real::captured_real;
use crate::plan::{ColumnPlan, Storage, TablePlan};

/// SQLite allows 500 terms in one compound SELECT; wide tables are put together from several.
const TERMS: usize = 200;

/// The unit of the change, as the runtime has set it.
pub(super) const UNIT: &str = "(SELECT unit FROM _physio_control WHERE id = 1)";

/// Captured text of a column of `row` (`OLD` or `NEW`); NULL stays NULL.
pub(super) fn captured(column: &ColumnPlan, row: &str) -> String {
    let value = format!("{row}.{}", quote_identifier(&column.name));
    match column.storage {
        Storage::Integer => format!("CAST({value} AS TEXT)"),
        // Some drivers bind every number as REAL.
        Storage::Unsigned64 => {
            format!(
                "CAST(CASE typeof({value}) WHEN 'real' THEN CAST({value} AS INTEGER) ELSE {value} END AS TEXT)"
            )
        }
        Storage::Real => captured_real(&value),
        Storage::Text => value,
        Storage::Blob => format!("CASE WHEN {value} IS NOT NULL THEN hex({value}) END"),
    }
}

/// The row key as a JSON array.
pub(super) fn row_key(table: &TablePlan, row: &str) -> String {
    let parts: Vec<String> = table.key_columns().map(|column| captured(column, row)).collect();
    format!("json_array({})", parts.join(", "))
}

/// True when two values of a column differ in any bit that is sent: case counts, whatever the collation.
pub(super) fn differs(column: &ColumnPlan) -> String {
    let name = quote_identifier(&column.name);
    let collate = if column.storage == Storage::Text { " COLLATE BINARY" } else { "" };
    format!("OLD.{name}{collate} IS NOT NEW.{name}")
}

/// True when any column differs. Grouped, so that wide tables stay within SQLite's depth of expressions.
pub(super) fn any_differs(table: &TablePlan) -> String {
    let differences: Vec<String> = table.columns.iter().map(differs).collect();
    let groups: Vec<String> =
        differences.chunks(40).map(|group| format!("({})", group.join(" OR "))).collect();
    groups.join(" OR ")
}

/// Rows `(n, v)`, one per column: its name and captured value.
pub(super) fn named_values<'a>(columns: impl Iterator<Item = &'a ColumnPlan>, row: &str) -> String {
    compound(columns.map(|column| {
        let name = quote_text(&column.name);
        format!("SELECT {name} AS n, {} AS v", captured(column, row))
    }))
}

/// Rows `(n, v)` of what an INSERT sends: the values that are set. Where `null_is_meant`, an omitted column would
/// hold a default, so that NULL was written on purpose and is sent too.
pub(super) fn inserted_values<'a>(columns: impl Iterator<Item = (&'a ColumnPlan, bool)>) -> String {
    compound(columns.map(|(column, null_is_meant)| {
        let name = quote_text(&column.name);
        let condition = if null_is_meant {
            String::new()
        } else {
            format!(" WHERE NEW.{} IS NOT NULL", quote_identifier(&column.name))
        };
        format!("SELECT {name} AS n, {} AS v{condition}", captured(column, "NEW"))
    }))
}

/// Rows `(n, o, v)`, one per changed column: its name, old and new captured value.
pub(super) fn changed_values<'a>(columns: impl Iterator<Item = &'a ColumnPlan>) -> String {
    compound(columns.map(|column| {
        let name = quote_text(&column.name);
        let (old, new) = (captured(column, "OLD"), captured(column, "NEW"));
        format!("SELECT {name} AS n, {old} AS o, {new} AS v WHERE {}", differs(column))
    }))
}

fn compound(terms: impl Iterator<Item = String>) -> String {
    let terms: Vec<String> = terms.collect();
    if terms.len() <= TERMS {
        return terms.join(" UNION ALL ");
    }
    let groups = terms.chunks(TERMS).map(|group| format!("SELECT * FROM ({})", group.join(" UNION ALL ")));
    groups.collect::<Vec<_>>().join(" UNION ALL ")
}
