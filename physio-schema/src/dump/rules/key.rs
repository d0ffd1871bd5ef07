//! Keys: implied names, prefixes, and what a primary key does to its columns.

use super::charset::bytes_per_character;
use crate::dump::catalogue::{KeyState, TableState, is_same_name};
use crate::dump::spec::KeySpec;
use crate::model::{Column, ColumnType, Key, KeyKind, KeyPart, LobSize};

/// Adds a key to a table, or says why it cannot be.
pub(crate) fn add_key(table: &mut TableState, spec: &KeySpec, is_generated: bool) -> Result<(), String> {
    let mut parts = Vec::with_capacity(spec.parts.len());
    for part in &spec.parts {
        match period_parts(table, part) {
            Some(period) => parts.extend(period),
            None => parts.push(resolve_part(table, part, spec.kind)?),
        }
    }
    let name = match &spec.name {
        Some(name) => name.clone(),
        None => free_name(table, &parts),
    };
    if let Some(existing) = table.key_index(&name) {
        if spec.if_not_exists {
            return Ok(());
        }
        // An index that the server made for a foreign key gives way to one that is asked for.
        if !table.keys[existing].is_generated {
            return Err(match spec.kind {
                KeyKind::Primary => "the table has a primary key already".to_owned(),
                _ => format!("the table has a key `{name}` already"),
            });
        }
        table.keys.remove(existing);
    }
    let kind = spec.kind;
    if kind == KeyKind::Primary {
        for part in &parts {
            forbid_null(table, part);
        }
    }
    let is_hash = is_hash(table, kind, &parts);
    table.keys.push(KeyState { key: Key { name, kind, parts }, is_generated, is_hash });
    Ok(())
}

/// Drops indexes that were made for foreign keys and that another key now makes needless.
pub(crate) fn drop_needless_keys(table: &mut TableState) {
    let mut at = 0;
    while at < table.keys.len() {
        let state = &table.keys[at];
        let is_needless = state.is_generated
            && table.keys.iter().enumerate().any(|(other_at, other)| {
                other_at != at
                    && !other.is_hash
                    && covers(&other.key, &state.key)
                    && (!other.is_generated || other.key.parts.len() > state.key.parts.len() || other_at > at)
            });
        if is_needless {
            table.keys.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Whether `key` begins with all parts of `needed`.
pub(crate) fn covers(key: &Key, needed: &Key) -> bool {
    let is_ordered = matches!(key.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Index);
    is_ordered
        && key.parts.len() >= needed.parts.len()
        && key.parts.iter().zip(&needed.parts).all(|(part, wanted)| {
            let same = |left: &str, right: &str| is_same_name(left, right);
            part.prefix == wanted.prefix
                && matches!((&part.column, &wanted.column), (Some(left), Some(right)) if same(left, right))
        })
}

fn resolve_part(table: &TableState, part: &KeyPart, kind: KeyKind) -> Result<KeyPart, String> {
    let Some(name) = &part.column else { return Ok(part.clone()) };
    let Some(at) = table.column_index(name) else { return Err(format!("the table has no column `{name}`")) };
    let column = &table.columns[at];
    let length = length_of(&column.column_type);
    let prefix = match kind {
        KeyKind::Fulltext | KeyKind::Spatial | KeyKind::Vector => None,
        _ if is_tiny(&column.column_type) => part.prefix.map(|prefix| prefix.min(255)),
        KeyKind::Primary | KeyKind::Unique => part.prefix.filter(|prefix| *prefix < length),
        KeyKind::Index => {
            let limit = longest_part(table, column);
            let wanted = part.prefix.unwrap_or(length).min(limit);
            Some(wanted).filter(|prefix| *prefix < length)
        }
    };
    Ok(KeyPart { column: Some(column.name.clone()), expression: None, prefix, descending: part.descending })
}

/// `period WITHOUT OVERLAPS` stands for the period's two columns, the end first.
fn period_parts(table: &TableState, part: &KeyPart) -> Option<[KeyPart; 2]> {
    let name = part.column.as_ref()?;
    let (_, from, to) = table.periods.iter().find(|(period, _, _)| is_same_name(period, name))?;
    let column = |name: &String| KeyPart {
        column: Some(name.clone()),
        expression: None,
        prefix: None,
        descending: false,
    };
    Some([column(to), column(from)])
}

/// How much of a column a plain index can hold; the server cuts longer parts down to that.
fn longest_part(table: &TableState, column: &Column) -> u32 {
    let bytes = match table.engine.as_str() {
        "InnoDB" => 3072,
        "MyISAM" => 1000,
        "Aria" => 2300,
        _ => return u32::MAX,
    };
    let per_character = column.collation.as_deref().map_or(1, bytes_per_character);
    bytes / per_character
}

/// TINYTEXT and TINYBLOB, of which a key always holds a prefix.
fn is_tiny(column_type: &ColumnType) -> bool {
    matches!(column_type, ColumnType::Text { size: LobSize::Tiny } | ColumnType::Blob { size: LobSize::Tiny })
}

/// Whether a unique key is too long for a tree: MariaDB keeps a hash of its values, which finds no row for a
/// foreign key.
fn is_hash(table: &TableState, kind: KeyKind, parts: &[KeyPart]) -> bool {
    const LONGEST: u64 = 3072;
    let bytes = |part: &KeyPart| {
        let Some(at) = part.column.as_ref().and_then(|name| table.column_index(name)) else { return 0 };
        let column = &table.columns[at];
        let length = part.prefix.unwrap_or_else(|| length_of(&column.column_type));
        u64::from(length) * u64::from(column.collation.as_deref().map_or(1, bytes_per_character))
    };
    kind == KeyKind::Unique && parts.iter().map(bytes).any(|bytes| bytes > LONGEST)
}

/// The length up to which a prefix is one: characters, or bytes of binary types.
fn length_of(column_type: &ColumnType) -> u32 {
    match column_type {
        ColumnType::Char { length }
        | ColumnType::Varchar { length }
        | ColumnType::Binary { length }
        | ColumnType::Varbinary { length } => *length,
        ColumnType::Text { .. } | ColumnType::Blob { .. } | ColumnType::Spatial { .. } => u32::MAX,
        _ => 0,
    }
}

/// `col`, `col_2`, `col_3`: the first name that no key has.
fn free_name(table: &TableState, parts: &[KeyPart]) -> String {
    let base = parts.first().and_then(|part| part.column.clone());
    let base = base.unwrap_or_else(|| "functional_index".to_owned());
    let is_free = |name: &str| !is_same_name(name, "PRIMARY") && table.key_index(name).is_none();
    if is_free(&base) {
        return base;
    }
    let mut number = 2_u32;
    loop {
        let name = format!("{base}_{number}");
        if is_free(&name) {
            return name;
        }
        number += 1;
    }
}

fn forbid_null(table: &mut TableState, part: &KeyPart) {
    let at = part.column.as_ref().and_then(|name| table.column_index(name));
    if let Some(column) = at.and_then(|at| table.columns.get_mut(at)) {
        column.forbid_null();
    }
}
