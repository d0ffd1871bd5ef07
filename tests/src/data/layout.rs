//! Which part each column of a table plays in keeping its keys unique.

use super::value;
use physio_schema::model::{Column, ColumnType, KeyKind, Table};
use std::collections::BTreeMap;

/// How a column gets its values.
#[derive(Debug, Clone)]
pub(super) enum Role {
    /// A column of a parent's row. With a radix, the row number decides which (the column is part of a
    /// unique key); without, chance does.
    Parent { table: String, column: String, radix: Option<u64> },
    /// Different in every row, or in every run of `divisor` rows.
    Sequence { divisor: u64 },
    /// A small type in a unique key: one digit of the row number.
    Digit { radix: u64 },
    /// Anything that fits.
    Free { is_json: bool },
}

/// A table with the roles of its columns.
#[derive(Debug)]
pub(super) struct Layout<'s> {
    pub(super) table: &'s Table,
    pub(super) n_rows: u64,
    pub(super) roles: Vec<Role>,
}

impl<'s> Layout<'s> {
    pub(super) fn new(table: &'s Table, n_rows: u64) -> Self {
        let roles = table.columns.iter().map(|column| first_role(table, column)).collect();
        Self { table, n_rows, roles }
    }

    /// The columns that an INSERT names.
    pub(super) fn written(&self) -> impl Iterator<Item = (usize, &'s Column)> {
        self.table.columns.iter().enumerate().filter(|(_, column)| column.generated.is_none())
    }

    /// Gives the columns of each unique key their share of the row number, and limits the rows to what the
    /// keys can tell apart.
    pub(super) fn settle(&mut self, counts: &BTreeMap<String, u64>) {
        let keys =
            self.table.keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique));
        for key in keys {
            let names = key.parts.iter().filter_map(|part| part.column.as_deref());
            let positions: Vec<usize> = names
                .filter_map(|name| self.table.columns.iter().position(|column| column.name == name))
                .collect();
            let has_whole_sequence = positions
                .iter()
                .any(|&position| matches!(self.roles[position], Role::Sequence { divisor: 1 }));
            if has_whole_sequence || positions.is_empty() {
                continue;
            }
            let mut product: u64 = 1;
            let mut sequence: Option<usize> = None;
            for &position in &positions {
                let column = &self.table.columns[position];
                match &mut self.roles[position] {
                    Role::Parent { table, radix, .. } => {
                        let n_parents = counts.get(table).copied().unwrap_or(0).max(1);
                        product = product.saturating_mul(n_parents.max(1));
                        radix.get_or_insert(product / n_parents);
                    }
                    role @ (Role::Free { .. } | Role::Digit { .. }) => match value::capacity(column) {
                        Some(n) if n < 10_000 => {
                            *role = Role::Digit { radix: product };
                            product = product.saturating_mul(n);
                        }
                        _ => sequence = Some(position),
                    },
                    Role::Sequence { .. } => sequence = Some(position),
                }
            }
            match sequence {
                // A key of one part must differ in every row; with parents before it, in every run of them.
                Some(position) => self.roles[position] = Role::Sequence { divisor: product },
                None => self.n_rows = self.n_rows.min(product),
            }
        }
        for (position, column) in self.table.columns.iter().enumerate() {
            if let (Role::Sequence { divisor }, Some(n)) = (&self.roles[position], value::capacity(column)) {
                self.n_rows = self.n_rows.min(n.saturating_mul(*divisor));
            }
        }
    }
}

fn first_role(table: &Table, column: &Column) -> Role {
    let foreign = table.foreign_keys.iter().find_map(|key| {
        let place = key.columns.iter().position(|name| *name == column.name)?;
        Some((key.referenced_table.clone(), key.referenced_columns.get(place)?.clone()))
    });
    if let Some((table, column)) = foreign {
        return Role::Parent { table, column, radix: None };
    }
    if column.auto_increment {
        return Role::Sequence { divisor: 1 };
    }
    let checked = format!("json_valid(`{}`)", column.name);
    let is_json = column.column_type == ColumnType::Json
        || table.checks.iter().any(|(_, check)| check.to_lowercase().contains(&checked.to_lowercase()));
    Role::Free { is_json }
}
