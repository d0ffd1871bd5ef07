//! How each table's changes are found: by triggers, or by looking at the table.

use super::install::TableMode;
use crate::model::{ColumnDefault, ColumnType, KeyKind, Schema, Table};
use crate::plan::Plan;

/// What every synced table falls back to, in the plan's order.
pub(super) fn table_modes(plan: &Plan, schema: &Schema) -> Vec<TableMode> {
    let mode = |table: &crate::plan::TablePlan| TableMode {
        t: table.id,
        table: table.name.clone(),
        touched: schema.table(&table.name).and_then(touched_column).map(str::to_owned),
    };
    plan.tables.iter().map(mode).collect()
}

/// The column in which MySQL itself notes every write of a row, where an index finds the latest.
///
/// TIMESTAMP alone: a DATETIME is in the zone of whoever wrote, which can go back by an hour.
pub(super) fn touched_column(table: &Table) -> Option<&str> {
    let notes_writes = |name: &str| {
        table.column(name).is_some_and(|column| {
            matches!(column.column_type, ColumnType::Timestamp { .. })
                && matches!(column.default, ColumnDefault::CurrentTimestamp(_))
                && column.on_update.is_some()
        })
    };
    let indexes = table
        .keys
        .iter()
        .filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Index));
    indexes.filter_map(|key| key.parts.first()?.column.as_deref()).find(|name| notes_writes(name))
}

/// Every table as one without triggers, to be looked at from its beginning.
pub(super) fn emit_fallback(modes: &[TableMode]) -> Vec<String> {
    if modes.is_empty() {
        return vec!["DELETE FROM `_physio_table`".to_owned()];
    }
    let rows: Vec<String> = modes
        .iter()
        .map(|mode| {
            let name = mode.table.replace('\\', "\\\\").replace('\'', "''");
            format!("({}, '{name}', '{}', 0)", mode.t, mode.fallback())
        })
        .collect();
    vec![
        format!(
            "INSERT INTO `_physio_table` (`t`, `name`, `mode`, `scan_s`) VALUES\n  {}\nON DUPLICATE KEY UPDATE \
             `name` = VALUES(`name`), `mode` = VALUES(`mode`), `scan_s` = 0, `full_s` = 0, `after_key` = NULL, \
             `n_walked` = 0, `after_pk` = NULL",
            rows.join(",\n  ")
        ),
        format!("DELETE FROM `_physio_table` WHERE `t` NOT IN ({})", numbers(modes.iter())),
        format!("DELETE FROM `_physio_shadow` WHERE `t` NOT IN ({})", numbers(modes.iter())),
    ]
}

/// These tables have their triggers.
pub(super) fn emit_trigger_mode(tables: &[&TableMode]) -> Vec<String> {
    if tables.is_empty() {
        return Vec::new();
    }
    let list = numbers(tables.iter().copied());
    vec![
        format!("UPDATE `_physio_table` SET `mode` = 'trigger', `scan_s` = NULL WHERE `t` IN ({list})"),
        format!("DELETE FROM `_physio_shadow` WHERE `t` IN ({list})"),
    ]
}

fn numbers<'m>(modes: impl Iterator<Item = &'m TableMode>) -> String {
    modes.map(|mode| mode.t.to_string()).collect::<Vec<_>>().join(", ")
}
