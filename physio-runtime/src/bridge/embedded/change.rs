//! One change: checked against the plan, compared with the row as it stands, written.

use super::constraint;
use super::ddl::{self, quoted};
use super::rights::Rights;
use super::spelling;
use super::store::{self, WireRow};
use super::unit::Touched;
use crate::bridge::wire::{Change, KeptColumns, UnitStatus, Values};
use physio_schema::plan::{ColumnPlan, ConflictRule, Operation, Plan, TablePlan};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// What a change needs to know of the batch that it is part of.
pub(super) struct ChangeContext<'a> {
    pub(super) store: &'a Connection,
    pub(super) plan: &'a Plan,
    pub(super) rights: Rights<'a>,
    pub(super) given: &'a HashMap<(String, String), String>,
    pub(super) earlier: &'a HashMap<(String, String), String>,
    /// Keys of the batch before that were needed.
    pub(super) again: &'a RefCell<BTreeSet<(String, String)>>,
    pub(super) parked: &'a HashMap<(String, String), String>,
}

/// What a change did.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// The temporary row and the key it got.
    pub(super) mapped: Option<((String, String), String)>,
    pub(super) touched: Vec<Touched>,
    /// Where the server's value stayed.
    pub(super) kept: Option<KeptColumns>,
}

/// Why a change was not made.
#[derive(Debug)]
pub(super) enum ChangeFailure {
    /// The unit is not applied; the batch goes on.
    Unit { status: UnitStatus, code: &'static str, field: Option<String>, blocked_by: Option<String> },
    /// The store itself failed.
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for ChangeFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl ChangeFailure {
    pub(super) fn failed(code: &'static str, field: Option<String>) -> Self {
        Self::Unit { status: UnitStatus::Failed, code, field, blocked_by: None }
    }

    pub(super) fn conflict(code: &'static str, field: Option<String>) -> Self {
        Self::Unit { status: UnitStatus::Conflict, code, field, blocked_by: None }
    }

    pub(super) fn blocked(unit: &str) -> Self {
        let blocked_by = Some(unit.to_owned());
        Self::Unit { status: UnitStatus::Failed, code: "blocked", field: None, blocked_by }
    }

    pub(super) fn into_store_error(self) -> rusqlite::Error {
        match self {
            Self::Store(error) => error,
            Self::Unit { .. } => rusqlite::Error::InvalidQuery,
        }
    }
}

impl Change {
    pub(super) fn table(&self) -> &str {
        let (Self::Insert { table, .. } | Self::Update { table, .. } | Self::Delete { table, .. }) = self;
        table
    }
}

/// `table.column`; the table alone when it has no such column, so that nothing of the request is echoed.
pub(super) fn field(table: &TablePlan, column: &str) -> Option<String> {
    Some(if table.position(column).is_some() {
        format!("{}.{column}", table.name)
    } else {
        table.name.clone()
    })
}

impl<'a> ChangeContext<'a> {
    /// The table of a change, if it may be written, and by this caller.
    pub(super) fn table_of(&self, change: &Change) -> Result<&'a TablePlan, ChangeFailure> {
        let known =
            self.plan.table(change.table()).ok_or_else(|| ChangeFailure::failed("unknown_table", None))?;
        if !known.writable {
            return Err(ChangeFailure::failed("table_read_only", Some(known.name.clone())));
        }
        let operation = match change {
            Change::Insert { .. } => Operation::Insert,
            Change::Update { .. } => Operation::Update,
            Change::Delete { .. } => Operation::Delete,
        };
        if !self.rights.may(known, operation) {
            return Err(ChangeFailure::failed("forbidden", Some(known.name.clone())));
        }
        Ok(known)
    }

    /// The row key that a change names, if it names a real one.
    pub(super) fn named_key(&self, table: &TablePlan, change: &Change) -> Option<Vec<String>> {
        match change {
            Change::Update { key, .. } | Change::Delete { key, .. } => self.resolved_key(table, key).ok(),
            Change::Insert { values, .. } => table
                .key_columns()
                .map(|column| self.resolved(table, &column.name, values.get(&column.name)?).ok()?)
                .collect(),
        }
    }

    pub(super) fn apply(&self, table: &TablePlan, change: &Change) -> Result<Applied, ChangeFailure> {
        match change {
            Change::Insert { temp, values, .. } => self.insert(table, temp.as_ref(), values),
            Change::Update { key, values, base, .. } => self.update(table, key, values, base),
            Change::Delete { key, base, .. } => self.delete(table, key, base),
        }
    }

    fn insert(
        &self,
        table: &TablePlan,
        temp: Option<&String>,
        values: &Values,
    ) -> Result<Applied, ChangeFailure> {
        let mut stored = self.stored_values(table, values)?;
        let generated_key = table.temporary_key.filter(|_| temp.is_some());
        if let Some(temp) = temp {
            let key_name = table.temporary_key.map(|position| table.columns[position].name.as_str());
            let is_given = self.given_key(&(table.name.clone(), temp.clone())).is_some();
            if is_given || key_name.is_none_or(|name| values.contains_key(name)) {
                return Err(ChangeFailure::failed("bad_value", field(table, key_name.unwrap_or_default())));
            }
        }
        for (position, column) in table.columns.iter().enumerate() {
            let is_own_key = table.key.contains(&position) && table.temporary_key != Some(position);
            if !values.contains_key(&column.name) && (is_own_key || !column.optional) {
                return Err(ChangeFailure::failed("not_null", field(table, &column.name)));
            }
        }
        if let Some(position) = generated_key
            && !ddl::is_rowid_key(table)
        {
            let name = quoted(&table.columns[position].name);
            let next = format!("SELECT coalesce(max({name}), 0) + 1 FROM {}", quoted(&table.name));
            let key: i64 = self.store.query_row(&next, [], |row| row.get(0))?;
            stored.push((&table.columns[position], Value::Integer(key)));
        }
        let names = ddl::quoted_list(stored.iter().map(|(column, _)| column.name.as_str()));
        let marks = (1..=stored.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let sql = if stored.is_empty() {
            format!("INSERT INTO {} DEFAULT VALUES", quoted(&table.name))
        } else {
            format!("INSERT INTO {} ({names}) VALUES ({marks})", quoted(&table.name))
        };
        let named_key: Option<Vec<Value>> = table
            .key_columns()
            .map(|column| stored.iter().find(|(known, _)| known.name == column.name).map(|(_, v)| v.clone()))
            .collect();
        let bound = stored.iter().map(|(_, value)| value.clone()).collect();
        if let Err(failure) = self.write(table, &sql, bound, values, None) {
            return Err(self.without_foreign(table, named_key.as_deref(), failure)?);
        }
        let rowid = self.store.last_insert_rowid();
        let key: Vec<Value> = table
            .key_columns()
            .map(|column| {
                let named = stored.iter().find(|(known, _)| known.name == column.name);
                named.map_or(Value::Integer(rowid), |(_, value)| value.clone())
            })
            .collect();
        self.check_written(table, &key, &stored)?;
        let touched = touched(table, key);
        let mapped = temp.zip(generated_key).map(|(temp, column)| {
            let place = table.key.iter().position(|&position| position == column).unwrap_or(0);
            ((table.name.clone(), temp.clone()), touched.wire_key[place].clone())
        });
        Ok(Applied { mapped, touched: vec![touched], kept: None })
    }

    fn update(
        &self,
        table: &TablePlan,
        key: &[Json],
        values: &Values,
        base: &Values,
    ) -> Result<Applied, ChangeFailure> {
        let wire_key = self.resolved_key(table, key)?;
        let key = self.stored_key(table, &wire_key)?;
        let new = self.stored_values(table, values)?;
        for name in base.keys() {
            self.column(table, name)?;
        }
        let Some(present) = store::load_row(self.store, table, &key, &self.rights.visible(table))? else {
            return Err(ChangeFailure::conflict("gone", Some(table.name.clone())));
        };
        let mut sets: Vec<(&ColumnPlan, Value)> = Vec::new();
        let mut kept: Vec<String> = Vec::new();
        for (column, value) in new {
            let old = self.resolved_named(table, base, column)?;
            let is_now = value_now(table, &present, column);
            if is_now == spelling::value_text(column, &value) {
                continue;
            }
            if old.is_some_and(|old| spelling::canonical(column, old) == is_now) {
                sets.push((column, value));
                continue;
            }
            match column.conflict {
                ConflictRule::Client => sets.push((column, value)),
                ConflictRule::Server => kept.push(column.name.clone()),
                ConflictRule::Manual => {
                    return Err(ChangeFailure::conflict("changed", field(table, &column.name)));
                }
            }
        }
        let mut touched_rows = vec![touched(table, key.clone())];
        if !sets.is_empty() {
            let list: Vec<String> = sets
                .iter()
                .enumerate()
                .map(|(i, (c, _))| format!("{} = ?{}", quoted(&c.name), i + 1))
                .collect();
            let condition = store::key_condition(table, sets.len() + 1);
            let sql = format!("UPDATE {} SET {} WHERE {condition}", quoted(&table.name), list.join(", "));
            let mut bound: Vec<Value> = sets.iter().map(|(_, value)| value.clone()).collect();
            bound.extend(key.iter().cloned());
            self.write(table, &sql, bound, values, Some(&key))?;
            let moved: Vec<Value> = table
                .key_columns()
                .zip(&key)
                .map(|(column, old)| {
                    let set = sets.iter().find(|(known, _)| known.name == column.name);
                    set.map_or_else(|| old.clone(), |(_, value)| value.clone())
                })
                .collect();
            self.check_written(table, &moved, &sets)?;
            if moved != key {
                touched_rows.push(touched(table, moved));
            }
        }
        let kept = touched_rows.last().filter(|_| !kept.is_empty()).map(|row| KeptColumns {
            table: row.table.clone(),
            key: row.wire_key.clone(),
            columns: kept,
        });
        Ok(Applied { mapped: None, touched: touched_rows, kept })
    }

    fn delete(&self, table: &TablePlan, key: &[Json], base: &Values) -> Result<Applied, ChangeFailure> {
        let wire_key = self.resolved_key(table, key)?;
        let key = self.stored_key(table, &wire_key)?;
        let applied = Applied { mapped: None, touched: vec![touched(table, key.clone())], kept: None };
        let Some(present) = store::load_row(self.store, table, &key, &self.rights.visible(table))? else {
            return Ok(applied);
        };
        let mut dropped = false;
        for name in base.keys() {
            let column = self.column(table, name)?;
            let old = self.resolved_named(table, base, column)?.unwrap_or_default();
            if spelling::canonical(column, old) == value_now(table, &present, column) {
                continue;
            }
            match column.conflict {
                ConflictRule::Client => {}
                ConflictRule::Server => dropped = true,
                ConflictRule::Manual => {
                    return Err(ChangeFailure::conflict("changed", field(table, &column.name)));
                }
            }
        }
        if !dropped {
            let sql = format!("DELETE FROM {} WHERE {}", quoted(&table.name), store::key_condition(table, 1));
            self.write(table, &sql, key.clone(), &Values::new(), Some(&key))?;
        }
        Ok(applied)
    }

    fn write(
        &self,
        table: &TablePlan,
        sql: &str,
        bound: Vec<Value>,
        values: &Values,
        key: Option<&[Value]>,
    ) -> Result<(), ChangeFailure> {
        let result = self.store.prepare_cached(sql)?.execute(rusqlite::params_from_iter(bound));
        match result {
            Ok(_) => Ok(()),
            Err(error) => Err(constraint::failure(self, table, values, key, error)),
        }
    }

    fn column(&self, table: &'a TablePlan, name: &str) -> Result<&'a ColumnPlan, ChangeFailure> {
        let column = table.columns.iter().find(|column| column.name == name);
        column.ok_or_else(|| ChangeFailure::failed("unknown_column", field(table, name)))
    }
}

fn touched(table: &TablePlan, key: Vec<Value>) -> Touched {
    Touched { table: table.name.clone(), wire_key: spelling::wire_key(table, &key), key }
}

fn value_now(table: &TablePlan, row: &WireRow, column: &ColumnPlan) -> Option<String> {
    table.position(&column.name).and_then(|position| row[position].clone())
}
