//! Which columns identify a row.

use super::{Errors, Source};
use crate::config::{Config, TableConfig};
use crate::model::{ColumnType, Key, KeyKind, Schema, Table};
use crate::plan::ColumnPlan;

/// Positions of the row key: `key` of physio.toml, else the primary key, else the first unique key by name whose
/// columns cannot be NULL.
pub(super) fn choose_key(
    source: &Source<'_>,
    columns: &[ColumnPlan],
    errors: &mut Errors<'_>,
) -> Option<Vec<usize>> {
    let table = source.model;
    let path = format!("tables.{}.key", table.name);
    let names = match &source.config.key {
        Some(names) => {
            if let Some(problem) = problem_of_named_key(table, names) {
                errors.refuse(&path, format!("`key` of `{}`: {problem}", table.name), help_for_key(table));
                return None;
            }
            names.clone()
        }
        None => match own_key(table) {
            Some(names) => names,
            None => {
                let message =
                    format!("`{}` has no key by which a row could be told from the others", table.name);
                errors.refuse(&format!("tables.{}", table.name), message, help_for_key(table));
                return None;
            }
        },
    };
    let mut positions = Vec::new();
    for name in &names {
        let Some(position) = columns.iter().position(|column| &column.name == name) else {
            let message = format!("`{}.{name}` is hidden, but rows are told apart by it", table.name);
            errors.refuse(&format!("tables.{}.hidden", table.name), message, "take it out of `hidden`");
            return None;
        };
        if columns[position].generated && source.config.writable.unwrap_or(true) {
            let message = format!("`{}.{name}` is part of the key, but MySQL computes it", table.name);
            let help = format!("write `writable = false` under [tables.{}]", table.name);
            errors.refuse(&path, message, help);
        }
        positions.push(position);
    }
    Some(positions)
}

/// A table that `"*"` passes over because nothing tells its rows apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyless {
    /// Its name.
    pub table: String,
    /// What to do so that it can be synced.
    pub help: String,
}

/// The tables that no wave names and that `"*"` passes over, in the schema's order; none where no wave says `"*"`.
///
/// A wave that names such a table is an error of [`build`](super::build()) instead.
///
/// ```
/// use physio_schema::{config, dump, plan};
/// let sql = b"CREATE TABLE log (at DATETIME, line TEXT);";
/// let schema = dump::parse(sql, &dump::DumpOptions::default()).unwrap().schema;
/// // Its second wave says `"*"`.
/// let keyless = plan::keyless(&schema, &config::parse(config::REFERENCE).unwrap());
/// assert_eq!(keyless[0].table, "log");
/// assert!(keyless[0].help.contains("ALTER TABLE log ADD COLUMN row_id"));
/// ```
pub fn keyless(schema: &Schema, config: &Config) -> Vec<Keyless> {
    let named = || config.waves.iter().flat_map(|wave| &wave.tables);
    if !named().any(|name| name == "*") {
        return Vec::new();
    }
    let passed_over = |table: &&Table| {
        table.name != config.server.tokens.table
            && !config.access.never.contains(&table.name)
            && !named().any(|name| *name == table.name)
            && !has_usable_key(table, config.tables.get(&table.name))
    };
    let tables = schema.tables.iter().filter(passed_over);
    tables.map(|table| Keyless { table: table.name.clone(), help: help_for_key(table) }).collect()
}

/// Whether `*` takes the table in.
pub(super) fn has_usable_key(table: &Table, config: Option<&TableConfig>) -> bool {
    match config.and_then(|config| config.key.as_ref()) {
        Some(_) => true,
        None => own_key(table).is_some(),
    }
}

/// Unique keys besides the row key whose columns are all visible and whole.
pub(super) fn unique_keys(
    table: &Table,
    columns: &[ColumnPlan],
    row_key: &[usize],
) -> Vec<(String, Vec<usize>)> {
    let position = |name: &str| columns.iter().position(|column| column.name == name);
    let unique = table.keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique));
    unique
        .filter_map(|key| {
            let positions: Option<Vec<usize>> = whole_columns(key)?.into_iter().map(position).collect();
            Some((key.name.clone(), positions?))
        })
        .filter(|(_, positions)| positions != row_key)
        .collect()
}

/// The row key where physio.toml names none.
pub(crate) fn own_key(table: &Table) -> Option<Vec<String>> {
    let usable = |key: &&Key| {
        whole_columns(key)
            .is_some_and(|names| names.iter().all(|name| problem_of_column(table, name).is_none()))
    };
    let primary = table.primary_key().filter(usable);
    let chosen = primary.or_else(|| {
        let unique = table.keys.iter().filter(|key| key.kind == KeyKind::Unique).filter(usable);
        unique.min_by(|a, b| a.name.cmp(&b.name))
    })?;
    Some(whole_columns(chosen)?.into_iter().map(str::to_owned).collect())
}

/// The key's columns, unless a part is a prefix or an expression.
fn whole_columns(key: &Key) -> Option<Vec<&str>> {
    key.parts.iter().map(|part| if part.prefix.is_none() { part.column.as_deref() } else { None }).collect()
}

fn problem_of_named_key(table: &Table, names: &[String]) -> Option<String> {
    if names.is_empty() {
        return Some("it names no column".to_owned());
    }
    for name in names {
        table.column(name)?;
        if let Some(problem) = problem_of_column(table, name) {
            return Some(problem);
        }
    }
    let covered =
        table.keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique)).any(|key| {
            whole_columns(key)
                .is_some_and(|parts| parts.iter().all(|part| names.iter().any(|name| name == part)))
        });
    (!covered).then(|| "no UNIQUE key of the dump makes these columns unique".to_owned())
}

fn problem_of_column(table: &Table, name: &str) -> Option<String> {
    let column = table.column(name)?;
    if column.nullable {
        return Some(format!("`{name}` may be NULL"));
    }
    match column.column_type {
        ColumnType::Float { .. } | ColumnType::Double { .. } => {
            Some(format!("`{name}` is a floating-point number, which cannot be compared exactly"))
        }
        _ => None,
    }
}

fn help_for_key(table: &Table) -> String {
    let candidates = table.keys.iter().filter(|key| key.kind == KeyKind::Unique).filter_map(whole_columns);
    let mut candidates: Vec<Vec<&str>> = candidates.collect();
    candidates.sort();
    let usable = candidates.iter().find(|names| names.iter().all(|n| problem_of_column(table, n).is_none()));
    let name = &table.name;
    if let Some(columns) = usable {
        return format!("write `key = {columns:?}` under [tables.{name}]");
    }
    if let Some(columns) = candidates.first() {
        let list = columns.join("`, `");
        return format!(
            "its unique key (`{list}`) may be NULL: make the columns NOT NULL in MySQL and write \
             `key = {columns:?}` under [tables.{name}], or take the table out of the wave"
        );
    }
    format!(
        "add one in MySQL: `ALTER TABLE {name} ADD COLUMN row_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE`, \
         then write `key = [\"row_id\"]` under [tables.{name}]; or take the table out of the wave"
    )
}
