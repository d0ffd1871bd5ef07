//! The visible columns of a table, and how each is stored and spelt.

use super::{Errors, Source};
use crate::model::{Column, ColumnType, IntegerWidth};
use crate::plan::{ColumnPlan, ConflictRule, Storage, Wire};

pub(super) fn build_columns(source: &Source<'_>, errors: &mut Errors<'_>) -> Vec<ColumnPlan> {
    let writable = source.config.writable.unwrap_or(true);
    let mut columns = Vec::new();
    for column in &source.model.columns {
        if source.config.hidden.contains(&column.name) {
            if writable && !column.is_optional() {
                let (table, name) = (&source.model.name, &column.name);
                let message =
                    format!("`{table}.{name}` is hidden, but an INSERT must name it: it has no default");
                let help = format!(
                    "write `writable = false` under [tables.{table}] or take `{name}` out of `hidden`"
                );
                errors.refuse(&format!("tables.{table}.hidden"), message, help);
            }
            continue;
        }
        columns.push(ColumnPlan {
            name: column.name.clone(),
            storage: storage_of(&column.column_type),
            wire: wire_of(&column.column_type),
            nullable: column.nullable,
            optional: column.is_optional(),
            generated: column.generated.is_some(),
            collation: column.collation.clone(),
            conflict: conflict_rule(source, column),
            column_type: column.column_type.clone(),
        });
    }
    columns
}

/// MySQL moves an ON UPDATE timestamp at every change, so two edits of different columns always meet there: unless
/// physio.toml says otherwise, the device's value wins instead of stopping the edit.
fn conflict_rule(source: &Source<'_>, column: &Column) -> ConflictRule {
    let own = source.config.columns.get(&column.name).and_then(|column| column.conflict);
    own.or(source.config.conflict).unwrap_or(match column.on_update {
        Some(_) => ConflictRule::Client,
        None => ConflictRule::Manual,
    })
}

/// How SQLite holds a type.
pub(crate) fn storage_of(column_type: &ColumnType) -> Storage {
    match column_type {
        ColumnType::Integer { width: IntegerWidth::Big, unsigned: true, .. }
        | ColumnType::Bit { bits: 64 } => Storage::Unsigned64,
        ColumnType::Integer { .. } | ColumnType::Bit { .. } | ColumnType::Year { .. } => Storage::Integer,
        ColumnType::Float { .. } | ColumnType::Double { .. } => Storage::Real,
        ColumnType::Decimal { .. }
        | ColumnType::Char { .. }
        | ColumnType::Varchar { .. }
        | ColumnType::Text { .. }
        | ColumnType::Enum { .. }
        | ColumnType::Set { .. }
        | ColumnType::Json
        | ColumnType::Date
        | ColumnType::DateTime { .. }
        | ColumnType::Timestamp { .. }
        | ColumnType::Time { .. }
        | ColumnType::Uuid
        | ColumnType::Inet4
        | ColumnType::Inet6 => Storage::Text,
        ColumnType::Binary { .. }
        | ColumnType::Varbinary { .. }
        | ColumnType::Blob { .. }
        | ColumnType::Spatial { .. }
        | ColumnType::Vector { .. } => Storage::Blob,
    }
}

/// ZEROFILL columns go as numbers, so that `00042` and `42` are one text.
fn wire_of(column_type: &ColumnType) -> Wire {
    match column_type {
        ColumnType::Float { .. } | ColumnType::Double { .. } => Wire::Float,
        ColumnType::Bit { .. }
        | ColumnType::Integer { zerofill: true, .. }
        | ColumnType::Decimal { zerofill: true, .. } => Wire::Bits,
        other => match storage_of(other) {
            Storage::Blob => Wire::Base64,
            Storage::Integer | Storage::Unsigned64 | Storage::Real | Storage::Text => Wire::Text,
        },
    }
}
