//! Fingerprints: 32 hex digits that differ when client and server could misunderstand each other.
//!
//! They depend on what is stored and sent: columns, types, character sets, nullability, defaults, keys, foreign
//! keys, the collation of columns that are unique (rows are paged and told apart by them), and which columns are
//! visible. They do not depend on the order of keys, on comments, on counters, engines, index names or any other
//! collation.

use crate::model::{Column, Key, KeyKind, Table};
use sha2::{Digest, Sha256};

/// The fingerprint of one table; `visible` and `key` name the columns that are sent and those that make the row key.
///
/// ```
/// use physio_schema::{fingerprint::table_fingerprint, model::Table};
/// let table = Table { name: "t".into(), engine: "InnoDB".into(), collation: "utf8mb4_general_ci".into(),
///     comment: String::new(), columns: vec![], keys: vec![], foreign_keys: vec![], checks: vec![] };
/// let commented = Table { comment: "orders of the shop".into(), ..table.clone() };
/// assert_eq!(table_fingerprint(&table, &[], &[]), table_fingerprint(&commented, &[], &[]));
/// assert_eq!(table_fingerprint(&table, &[], &[]).len(), 32);
/// ```
pub fn table_fingerprint(table: &Table, visible: &[&str], key: &[&str]) -> String {
    let mut lines = vec![field("table", &[&table.name])];
    lines.extend(table.columns.iter().map(|column| column_line(table, column)));
    lines.push(field("visible", visible));
    lines.push(field("key", key));
    lines.extend(sorted(table.keys.iter().filter_map(key_line)));
    lines.extend(sorted(table.foreign_keys.iter().map(|foreign| {
        let columns = foreign.columns.join(",");
        let referenced = foreign.referenced_columns.join(",");
        let (on_delete, on_update) = (format!("{:?}", foreign.on_delete), format!("{:?}", foreign.on_update));
        field("foreign", &[&columns, &foreign.referenced_table, &referenced, &on_delete, &on_update])
    })));
    digest(&lines)
}

/// The fingerprint of a whole plan: of its tables' names and fingerprints, in any order.
pub fn plan_fingerprint<'a>(tables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    digest(&sorted(tables.into_iter().map(|(name, fingerprint)| field("table", &[name, fingerprint]))))
}

fn column_line(table: &Table, column: &Column) -> String {
    let column_type = column.column_type.to_string();
    let default = format!("{:?}", column.default);
    let on_update = format!("{:?}", column.on_update);
    let generated =
        column.generated.as_ref().map(|generated| generated.expression.as_str()).unwrap_or_default();
    let null = if column.nullable { "null" } else { "not null" };
    let auto = if column.auto_increment { "auto" } else { "" };
    let characters = column.collation.as_deref().unwrap_or_default();
    let characters = if is_unique(table, &column.name) {
        characters
    } else {
        characters.split('_').next().unwrap_or_default()
    };
    field("column", &[&column.name, &column_type, null, &default, &on_update, auto, generated, characters])
}

fn is_unique(table: &Table, column: &str) -> bool {
    let unique = table.keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique));
    unique.flat_map(|key| &key.parts).any(|part| part.column.as_deref() == Some(column))
}

/// Plain indexes change nothing that is sent.
fn key_line(key: &Key) -> Option<String> {
    let kind = match key.kind {
        KeyKind::Primary => "primary",
        KeyKind::Unique => "unique",
        KeyKind::Index | KeyKind::Fulltext | KeyKind::Spatial | KeyKind::Vector => return None,
    };
    let parts = key.parts.iter().map(|part| {
        let what = part.column.as_deref().or(part.expression.as_deref()).unwrap_or_default();
        part.prefix.map_or_else(|| what.to_owned(), |prefix| format!("{what}({prefix})"))
    });
    Some(field(kind, &[&parts.collect::<Vec<_>>().join(",")]))
}

/// Lengths stand before the texts, so that no two different lists give one line.
fn field(kind: &str, values: &[&str]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("{}:{value}", value.len())).collect();
    format!("{kind} {}", values.join(" "))
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

fn digest(lines: &[String]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"physio 1\n");
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
