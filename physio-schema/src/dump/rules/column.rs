//! A column as it is written to the column the table has.

use super::charset;
use super::column_type::{has_characters, resolve_type};
use super::default_value::resolve_default;
use crate::dump::options::Server;
use crate::dump::spec::{BaseType, ColumnSpec};
use crate::model::{Column, ColumnDefault, ColumnType};

/// What the surroundings say to a column.
pub(crate) struct Surroundings<'a> {
    pub(crate) server: Server,
    /// Collation of the table.
    pub(crate) collation: &'a str,
    pub(crate) explicit_timestamps: bool,
    /// No TIMESTAMP column stands before this one.
    pub(crate) is_first_timestamp: bool,
}

/// A resolved column, with the check that comes with it.
pub(crate) struct Resolved {
    pub(crate) column: Column,
    pub(crate) check: Option<String>,
    /// The column's nullability or default depends on `explicit_defaults_for_timestamp`.
    pub(crate) is_ambiguous: bool,
}

impl Column {
    /// What a primary key does to its columns.
    pub(crate) fn forbid_null(&mut self) {
        self.nullable = false;
        if self.default == ColumnDefault::Null {
            self.default = ColumnDefault::Missing;
        }
    }
}

/// The column that `spec` makes, or what is wrong with it.
pub(crate) fn resolve_column(spec: &ColumnSpec, around: &Surroundings<'_>) -> Result<Resolved, String> {
    let base = spec.data_type.base;
    let collation = charset::resolve(&spec.charset, around.collation, around.server);
    let is_json_text = base == BaseType::Json && around.server.is_mariadb();
    let column_type = resolve_type(&spec.data_type, &collation, around.server)?;
    let has_collation = has_characters(base)
        && !matches!(
            column_type,
            ColumnType::Binary { .. } | ColumnType::Varbinary { .. } | ColumnType::Blob { .. }
        );
    let collation =
        if is_json_text { Some("utf8mb4_bin".to_owned()) } else { has_collation.then_some(collation) };
    let is_timestamp = base == BaseType::Timestamp;
    let nullable = spec.nullable.unwrap_or(!is_timestamp || around.explicit_timestamps)
        && !spec.auto_increment
        && !spec.is_primary;
    let mut column = Column {
        name: spec.name.clone(),
        column_type,
        nullable,
        default: ColumnDefault::Missing,
        on_update: spec.on_update,
        auto_increment: spec.auto_increment,
        generated: spec.generated.clone(),
        collation,
        comment: spec.comment.clone(),
        invisible: spec.invisible,
        compressed: spec.compressed,
        unversioned: spec.unversioned,
    };
    column.default = match &spec.default {
        Some(default) => resolve_default(default, &column.column_type, around.server)?,
        None if nullable => ColumnDefault::Null,
        None => ColumnDefault::Missing,
    };
    let is_bare = is_timestamp
        && spec.nullable != Some(true)
        && spec.default.is_none()
        && spec.on_update.is_none()
        && spec.generated.is_none();
    if is_bare && !around.explicit_timestamps {
        if around.is_first_timestamp {
            column.default = ColumnDefault::CurrentTimestamp(timestamp_fraction(&column.column_type));
            column.on_update = Some(timestamp_fraction(&column.column_type));
        } else {
            let zero = crate::dump::spec::DefaultSpec::Text("0".to_owned());
            column.default = resolve_default(&zero, &column.column_type, around.server)?;
        }
    }
    if !nullable {
        column.forbid_null();
    }
    let check = spec
        .check
        .clone()
        .or_else(|| is_json_text.then(|| format!("json_valid(`{}`)", spec.name.replace('`', "``"))));
    let is_ambiguous = is_timestamp && (spec.nullable.is_none() || is_bare);
    Ok(Resolved { column, check, is_ambiguous })
}

fn timestamp_fraction(column_type: &ColumnType) -> u8 {
    match column_type {
        ColumnType::Timestamp { fraction } => *fraction,
        _ => 0,
    }
}
