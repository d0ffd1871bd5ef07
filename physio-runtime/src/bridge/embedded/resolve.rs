//! What a change says, as values that the store takes: checked, and with references to temporary rows replaced.

use super::change::{ChangeContext, ChangeFailure, field};
use super::spelling;
use crate::bridge::wire::Values;
use physio_schema::plan::{ColumnPlan, TablePlan};
use rusqlite::types::Value;
use serde_json::Value as Json;

impl ChangeContext<'_> {
    /// The named values as SQLite stores them, in the table's order; generated columns take none.
    pub(super) fn stored_values<'t>(
        &self,
        table: &'t TablePlan,
        values: &Values,
    ) -> Result<Vec<(&'t ColumnPlan, Value)>, ChangeFailure> {
        if let Some(name) = values.keys().find(|name| table.position(name).is_none()) {
            return Err(ChangeFailure::failed("unknown_column", field(table, name)));
        }
        let mut stored = Vec::with_capacity(values.len());
        for column in &table.columns {
            let Some(value) = values.get(&column.name) else { continue };
            if column.generated {
                return Err(ChangeFailure::failed("unknown_column", field(table, &column.name)));
            }
            let bad = |code| ChangeFailure::failed(code, field(table, &column.name));
            let value = match self.resolved(table, &column.name, value)? {
                Some(text) => spelling::stored(column, &text).map_err(bad)?,
                None if column.nullable => Value::Null,
                None => return Err(bad("not_null")),
            };
            stored.push((column, value));
        }
        Ok(stored)
    }

    /// The value that a change gives to a column, if it names it and it is a good one.
    pub(super) fn stored_value(&self, table: &TablePlan, position: usize, values: &Values) -> Option<Value> {
        let column = &table.columns[position];
        match self.resolved(table, &column.name, values.get(&column.name)?).ok()? {
            Some(text) => spelling::stored(column, &text).ok(),
            None => Some(Value::Null),
        }
    }

    pub(super) fn resolved_named(
        &self,
        table: &TablePlan,
        values: &Values,
        column: &ColumnPlan,
    ) -> Result<Option<Option<String>>, ChangeFailure> {
        values.get(&column.name).map(|value| self.resolved(table, &column.name, value)).transpose()
    }

    pub(super) fn resolved_key(&self, table: &TablePlan, key: &[Json]) -> Result<Vec<String>, ChangeFailure> {
        if key.len() != table.key.len() {
            return Err(ChangeFailure::failed("bad_value", Some(table.name.clone())));
        }
        let parts = table.key_columns().zip(key).map(|(column, part)| {
            let part = self.resolved(table, &column.name, part)?;
            part.ok_or_else(|| ChangeFailure::failed("bad_value", field(table, &column.name)))
        });
        parts.collect()
    }

    pub(super) fn stored_key(&self, table: &TablePlan, key: &[String]) -> Result<Vec<Value>, ChangeFailure> {
        let bad = |position: usize| {
            ChangeFailure::failed("bad_value", field(table, &table.columns[table.key[position]].name))
        };
        spelling::stored_key(table, key).map_err(bad)
    }

    /// The key that a temporary row got, in this batch or the one before. One of before is told again: the answer that
    /// named it may never have arrived.
    pub(super) fn given_key(&self, place: &(String, String)) -> Option<String> {
        let key = self.given.get(place)?;
        if self.earlier.get(place) == Some(key) {
            self.again.borrow_mut().insert(place.clone());
        }
        Some(key.clone())
    }

    /// A wire value with its reference to a temporary row replaced by that row's key.
    pub(super) fn resolved(
        &self,
        table: &TablePlan,
        column: &str,
        value: &Json,
    ) -> Result<Option<String>, ChangeFailure> {
        let bad = |code| ChangeFailure::failed(code, field(table, column));
        match value {
            Json::Null => Ok(None),
            Json::String(text) => Ok(Some(text.clone())),
            Json::Object(object) if object.len() == 1 => {
                let place: Option<(String, String)> =
                    object.get("$ref").and_then(|place| serde_json::from_value(place.clone()).ok());
                let place = place.ok_or_else(|| bad("bad_value"))?;
                if let Some(unit) = self.parked.get(&place) {
                    return Err(ChangeFailure::blocked(unit));
                }
                self.given_key(&place).map(Some).ok_or_else(|| bad("unknown_reference"))
            }
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => Err(bad("bad_value")),
        }
    }
}
