//! Writes stay within the caller's scope: the row as it is after, and the rows that it refers to.

use super::change::{ChangeContext, ChangeFailure, field};
use crate::bridge::wire::UnitStatus;
use physio_schema::plan::{ColumnPlan, Scope, TablePlan};
use rusqlite::types::Value;

impl ChangeContext<'_> {
    /// Refuses what was just written when it is not the caller's; the unit is rolled back. So is a row that refers to
    /// another of a foreign scope: for this caller there is no such row.
    pub(super) fn check_written(
        &self,
        table: &TablePlan,
        key: &[Value],
        written: &[(&ColumnPlan, Value)],
    ) -> Result<(), ChangeFailure> {
        if self.rights.sees_all() {
            return Ok(());
        }
        let names: Vec<&str> = table.key_columns().map(|column| column.name.as_str()).collect();
        if !self.rights.is_visible(self.store, table, &names, key)? {
            let column = match &table.access.scope {
                Scope::Column(column) | Scope::Through { column, .. } => column.as_str(),
                Scope::Shared => "",
            };
            return Err(ChangeFailure::failed("forbidden", field(table, column)));
        }
        for reference in &table.references {
            let Some(parent) = self.plan.table(&reference.table) else { continue };
            let parts = reference.columns.iter().zip(&reference.referenced_columns);
            let named: Vec<(&str, &Value)> = parts
                .filter_map(|(&position, name)| {
                    let own = &table.columns[position].name;
                    let (_, value) = written.iter().find(|(column, _)| column.name == *own)?;
                    Some((name.as_str(), value))
                })
                .collect();
            if named.is_empty() || named.iter().any(|(_, value)| **value == Value::Null) {
                continue;
            }
            let (names, values): (Vec<&str>, Vec<Value>) =
                named.into_iter().map(|(name, value)| (name, value.clone())).unzip();
            if !self.rights.is_visible(self.store, parent, &names, &values)? {
                let column = &table.columns[reference.columns[0]].name;
                return Err(ChangeFailure::failed("parent_missing", field(table, column)));
            }
        }
        Ok(())
    }

    /// The key of a row that the caller does not see is taken: no more is said of that row than of any unique key.
    pub(super) fn without_foreign(
        &self,
        table: &TablePlan,
        key: Option<&[Value]>,
        failure: ChangeFailure,
    ) -> Result<ChangeFailure, ChangeFailure> {
        let names: Vec<&str> = table.key_columns().map(|column| column.name.as_str()).collect();
        Ok(match (key, failure) {
            (Some(key), ChangeFailure::Unit { status: UnitStatus::Conflict, code, field, blocked_by })
                if !self.rights.is_visible(self.store, table, &names, key)? =>
            {
                ChangeFailure::Unit { status: UnitStatus::Failed, code, field, blocked_by }
            }
            (_, failure) => failure,
        })
    }
}
