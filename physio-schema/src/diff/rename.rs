//! Declared renames, carried out on the older schema so that the rest is compared under the newer names.

use super::change::{Phase, Step};
use super::spell::{column_definition, quoted_name};
use super::{Change, ChangeKind, Class, Rename};
use crate::model::{Schema, Table};

/// Carries out the renames that fit both schemas and adds a change for each.
pub(super) fn apply_renames(
    older: &mut Schema,
    newer: &Schema,
    renames: &[Rename],
    changes: &mut Vec<Change>,
) {
    let mut sorted: Vec<&Rename> = renames.iter().collect();
    // Tables first: columns are declared under the newer name of their table.
    sorted.sort();
    sorted.dedup();
    for rename in sorted {
        match rename {
            Rename::Table { old, new } => {
                let fits = older.table(old).is_some()
                    && older.table(new).is_none()
                    && newer.table(new).is_some()
                    && newer.table(old).is_none();
                if fits {
                    rename_table(older, old, new);
                    changes.push(table_renamed(old, new));
                }
            }
            Rename::Column { table, old, new } => {
                let (Some(before), Some(after)) = (older.table(table), newer.table(table)) else { continue };
                let fits = before.column(old).is_some()
                    && before.column(new).is_none()
                    && after.column(new).is_some()
                    && after.column(old).is_none();
                if fits {
                    rename_column(older, table, old, new);
                    changes.extend(older.table(table).and_then(|after| column_renamed(after, old, new)));
                }
            }
        }
    }
    older.tables.sort_by(|a, b| a.name.cmp(&b.name));
}

fn table_renamed(old: &str, new: &str) -> Change {
    let sql = format!("RENAME TABLE {} TO {}", quoted_name(old), quoted_name(new));
    Change {
        table: new.to_owned(),
        kind: ChangeKind::TableRenamed,
        name: None,
        before: Some(old.to_owned()),
        after: Some(new.to_owned()),
        class: Class::BreaksCode,
        why: "code names the table".to_owned(),
        steps: vec![Step::new(Phase::RenameTable, sql)],
    }
}

fn column_renamed(table: &Table, old: &str, new: &str) -> Option<Change> {
    let column = table.column(new)?;
    let definition = column_definition(column, None);
    Some(Change {
        table: table.name.clone(),
        kind: ChangeKind::ColumnRenamed,
        name: Some(new.to_owned()),
        before: Some(old.to_owned()),
        after: Some(new.to_owned()),
        class: Class::BreaksCode,
        why: "code names the column".to_owned(),
        // Every server knows CHANGE; RENAME COLUMN is as young as MySQL 8 and MariaDB 10.5.
        steps: vec![Step::new(
            Phase::RenameColumn,
            format!("CHANGE COLUMN {} {definition}", quoted_name(old)),
        )],
    })
}

/// As the server does it: other tables' foreign keys follow, and so do the names it gave to the table's own.
fn rename_table(schema: &mut Schema, old: &str, new: &str) {
    for table in &mut schema.tables {
        for foreign in &mut table.foreign_keys {
            if foreign.referenced_table == old {
                foreign.referenced_table = new.to_owned();
            }
        }
        if table.name == old {
            table.name = new.to_owned();
            for foreign in &mut table.foreign_keys {
                if let Some(number) = foreign.name.strip_prefix(&format!("{old}_ibfk_")) {
                    foreign.name = format!("{new}_ibfk_{number}");
                }
            }
        }
    }
}

fn rename_column(schema: &mut Schema, table_name: &str, old: &str, new: &str) {
    let rename = |name: &mut String| {
        if name == old {
            *name = new.to_owned();
        }
    };
    for table in &mut schema.tables {
        for foreign in &mut table.foreign_keys {
            if foreign.referenced_table == table_name {
                foreign.referenced_columns.iter_mut().for_each(rename);
            }
            if table.name == table_name {
                foreign.columns.iter_mut().for_each(rename);
            }
        }
        if table.name == table_name {
            table.columns.iter_mut().for_each(|column| rename(&mut column.name));
            table
                .keys
                .iter_mut()
                .flat_map(|key| &mut key.parts)
                .flat_map(|part| &mut part.column)
                .for_each(rename);
            // The CHECK behind it names it by the older name: it goes, and comes back with the newer one.
            table.checks.retain(|(name, _)| !name.eq_ignore_ascii_case(old));
        }
    }
}
