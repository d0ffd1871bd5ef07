//! `CREATE TABLE`, the start of its sequence, and its indexes.

use super::defaults::emit_default;
use super::internal::FIRST_TEMPORARY_KEY;
use super::quote::{quote_identifier, quote_list, quote_text};
use super::{TableInput, ignores_case};
use crate::model::{ColumnType, Key, KeyKind};
use crate::plan::{Storage, TablePlan};
use std::fmt::Write as _;

/// A key drawn from [2^52, 2^53): above every ordinary key and exact in a JavaScript number.
const RANDOM_KEY: &str = "4503599627370496 + (random() & 4503599627370495)";

/// Rows wider than this many columns are kept out of the key's own tree.
const MAX_COLUMNS_IN_KEY_TREE: usize = 12;

pub(super) fn emit_create(input: &TableInput<'_>) -> String {
    let table = input.table;
    let mut sql = format!("CREATE TABLE IF NOT EXISTS {} (\n", quote_identifier(&table.name));
    for (position, column) in table.columns.iter().enumerate() {
        let name = quote_identifier(&column.name);
        if input.has_sequence() && table.temporary_key == Some(position) {
            let _ = writeln!(sql, "  {name} INTEGER PRIMARY KEY AUTOINCREMENT,");
            continue;
        }
        let _ = write!(sql, "  {name} {}", declared_type(input, position));
        if table.temporary_key == Some(position) {
            let _ = write!(sql, " DEFAULT ({RANDOM_KEY})");
        } else if let Some(model) = input.model.column(&column.name)
            && let Some(default) = emit_default(column, model, input.utc_offset_minutes)
        {
            let _ = write!(sql, " DEFAULT ({default})");
        }
        // Keys are compared byte for byte, as the server's change feed does.
        if column.storage == Storage::Text && ignores_case(column) && !table.key.contains(&position) {
            sql.push_str(" COLLATE NOCASE");
        }
        sql.push_str(",\n");
    }
    sql.push_str(
        "  \"_sync_status\" TEXT NOT NULL DEFAULT 'pending' CHECK (\"_sync_status\" = 'synced' OR \"_sync_status\" = 'pending' OR \"_sync_status\" = 'conflict'),\n  \
         \"_last_synced_at\" TEXT",
    );
    if !input.has_sequence() {
        let key = quote_list(table.key_columns().map(|column| column.name.as_str()));
        let _ = write!(sql, ",\n  PRIMARY KEY ({key})");
    }
    sql.push_str("\n) STRICT");
    if !input.has_sequence() && fits_key_tree(table) {
        sql.push_str(", WITHOUT ROWID");
    }
    sql
}

fn declared_type(input: &TableInput<'_>, position: usize) -> &'static str {
    let table = input.table;
    match table.columns[position].storage {
        // A lone `INTEGER` key would be the rowid, which takes no DEFAULT.
        Storage::Integer if table.key == [position] => "INT",
        Storage::Integer => "INTEGER",
        Storage::Unsigned64 => "ANY",
        Storage::Real => "REAL",
        Storage::Text => "TEXT",
        Storage::Blob => "BLOB",
    }
}

/// Small rows are stored once, in the key's tree; long ones would make that tree slow to search.
fn fits_key_tree(table: &TablePlan) -> bool {
    table.columns.len() <= MAX_COLUMNS_IN_KEY_TREE
        && table.columns.iter().all(|column| match &column.column_type {
            ColumnType::Text { .. }
            | ColumnType::Blob { .. }
            | ColumnType::Json
            | ColumnType::Spatial { .. }
            | ColumnType::Vector { .. } => false,
            ColumnType::Varchar { length } | ColumnType::Varbinary { length } => *length <= 512,
            _ => true,
        })
}

/// Makes the first row that is written here take [`FIRST_TEMPORARY_KEY`]. Pulled keys are smaller and never
/// lower it.
pub(super) fn emit_sequence_start(input: &TableInput<'_>) -> Vec<String> {
    if !input.has_sequence() {
        return Vec::new();
    }
    let name = quote_text(&input.table.name);
    let last = FIRST_TEMPORARY_KEY - 1;
    vec![
        format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {name}, {last} \
             WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {name})"
        ),
        format!("UPDATE sqlite_sequence SET seq = {last} WHERE name = {name} AND seq < {last}"),
    ]
}

/// MySQL's keys as plain indexes, each set of columns once: those of unique keys, then the others.
pub(super) fn emit_indexes(input: &TableInput<'_>) -> [Vec<String>; 2] {
    let mut seen: Vec<Vec<String>> =
        vec![input.table.key_columns().map(|c| quote_identifier(&c.name)).collect()];
    let mut emit = |is_wanted: fn(KeyKind) -> bool| {
        let keys = input.model.keys.iter().filter(|key| is_wanted(key.kind));
        keys.filter_map(|key| emit_index(input, key, &mut seen)).collect()
    };
    [emit(|kind| matches!(kind, KeyKind::Primary | KeyKind::Unique)), emit(|kind| kind == KeyKind::Index)]
}

/// The index of one key, unless its columns have one.
fn emit_index(input: &TableInput<'_>, key: &Key, seen: &mut Vec<Vec<String>>) -> Option<String> {
    let table = input.table;
    // Hidden columns and expressions end what can be indexed here.
    let positions =
        key.parts.iter().map_while(|part| part.column.as_deref().and_then(|name| table.position(name)));
    let columns: Vec<String> = positions
        .map(|position| {
            let column = &table.columns[position];
            // Key columns compare bytes; uniqueness in MySQL does not.
            let nocase = table.key.contains(&position) && ignores_case(column);
            format!("{}{}", quote_identifier(&column.name), if nocase { " COLLATE NOCASE" } else { "" })
        })
        .collect();
    if columns.is_empty() || seen.contains(&columns) {
        return None;
    }
    let sql = format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
        quote_identifier(&format!("{}.{}", table.name, key.name)),
        quote_identifier(&table.name),
        columns.join(", ")
    );
    seen.push(columns);
    Some(sql)
}
