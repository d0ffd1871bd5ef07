//! Captured changes in the wire's spelling, with references where a key is still temporary.

use super::fold::fold_adjacent;
use super::hold::PushHold;
use crate::bridge::wire::{Change, Unit, Values};
use crate::cache::outbox::{Captured, QueuedChange, captured_text};
use crate::cache::report::Operation;
use crate::cache::rows::RowKey;
use crate::{Error, Plan};
use physio_schema::codec::{CodecError, captured_from_cell, wire_from_captured};
use physio_schema::plan::{Reference, TablePlan};
use physio_schema::sqlite::internal::{FIRST_TEMPORARY_KEY, LAST_TEMPORARY_KEY};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

/// Why a unit cannot be sent.
#[derive(Debug)]
pub(super) enum Refused {
    /// A change does not fit the plan: the unit is parked.
    Value { code: &'static str, field: String },
    /// The cache cannot be read.
    Cache(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Cache(error)
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Cache(error.into())
    }
}

/// What is known of a temporary key.
enum Known {
    /// The server has made it this one.
    Mapped(String),
    /// It is still temporary.
    Temporary,
    /// An ordinary value.
    No,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Spelling<'a> {
    pub(super) connection: &'a Connection,
    pub(super) plan: &'a Plan,
    /// Columns that the server does not know are not named to it.
    pub(super) hold: &'a PushHold,
}

impl Spelling<'_> {
    /// A whole unit; direct neighbours of one row are folded.
    pub(super) fn unit(&self, id: i64, changes: &[QueuedChange]) -> Result<Unit, Refused> {
        let changes = fold_adjacent(changes)
            .iter()
            .map(|folded| self.change(&folded.change))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Unit { unit: id.to_string(), changes })
    }

    fn change(&self, change: &QueuedChange) -> Result<Change, Refused> {
        let table = self
            .plan
            .table(&change.table)
            .ok_or_else(|| Refused::Value { code: "unknown_table", field: change.table.clone() })?;
        let name = table.name.clone();
        match change.operation {
            Operation::Insert => {
                let temp = self.temporary_key(change)?;
                let skipped = temp.and(table.temporary_key);
                let values = self.values(table, &change.changed, |position| {
                    Some(position) != skipped && !table.columns[position].generated
                })?;
                Ok(Change::Insert { table: name, temp: temp.map(|temp| temp.to_string()), values })
            }
            Operation::Update => {
                let is_sent = |position: usize| !table.columns[position].generated;
                Ok(Change::Update {
                    table: name,
                    key: self.key(table, &change.key)?,
                    values: self.values(table, &change.changed, is_sent)?,
                    base: self.values(table, &change.base, is_sent)?,
                })
            }
            Operation::Delete => Ok(Change::Delete {
                table: name,
                key: self.key(table, &change.key)?,
                base: self.values(table, &change.base, |_| true)?,
            }),
        }
    }

    fn values(
        &self,
        table: &TablePlan,
        captured: &Captured,
        is_sent: impl Fn(usize) -> bool,
    ) -> Result<Values, Refused> {
        let mut values = Values::new();
        for (name, value) in captured {
            let position = table.position(name).ok_or_else(|| Refused::Value {
                code: "unknown_column",
                field: format!("{}.{name}", table.name),
            })?;
            if is_sent(position) && !self.hold.is_unknown(&table.name, name) {
                values.insert(name.clone(), self.value(table, position, value.as_str())?);
            }
        }
        Ok(values)
    }

    fn key(&self, table: &TablePlan, captured: &str) -> Result<Vec<Value>, Refused> {
        // A key of another shape is one of an older schema.
        let key = RowKey::from_captured(table, captured)
            .map_err(|_| Refused::Value { code: "unknown_column", field: table.name.clone() })?;
        table
            .key
            .iter()
            .zip(&key.cells)
            .map(|(&position, cell)| self.value(table, position, captured_from_cell(cell).as_deref()))
            .collect()
    }

    fn value(&self, table: &TablePlan, position: usize, captured: Option<&str>) -> Result<Value, Refused> {
        if let Some(text) = captured
            && let Some(number) = temporary_number(text)
        {
            for parent in self.plan.key_owners(table, position) {
                match self.known(&parent.name, number)? {
                    Known::Mapped(key) => return Ok(Value::String(key)),
                    Known::Temporary => return Ok(json!({ "$ref": [parent.name, text] })),
                    Known::No => {}
                }
            }
        }
        let text = wire_from_captured(&table.columns[position], captured).map_err(|error: CodecError| {
            Refused::Value { code: "bad_value", field: format!("{}.{}", table.name, error.column) }
        })?;
        Ok(text.map_or(Value::Null, |text| Value::String(text.into_owned())))
    }

    fn known(&self, table: &str, key: i64) -> crate::Result<Known> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT server_key FROM _physio_temporary_keys WHERE table_name = ?1 AND temporary_key = ?2",
            )?
            .query_row(params![table, key], |row| row.get::<_, Option<String>>(0))
            .optional()?;
        Ok(match found {
            Some(Some(key)) => Known::Mapped(key),
            Some(None) => Known::Temporary,
            None => Known::No,
        })
    }

    /// The temporary key of an inserted row, while it is one.
    pub(super) fn temporary_key(&self, insert: &QueuedChange) -> crate::Result<Option<i64>> {
        let Some(table) = self.plan.table(&insert.table) else { return Ok(None) };
        let Some(column) = table.temporary_key else { return Ok(None) };
        let number = captured_text(&insert.changed, &table.columns[column].name).and_then(temporary_number);
        match number {
            Some(number) if matches!(self.known(&table.name, number)?, Known::Temporary) => Ok(Some(number)),
            _ => Ok(None),
        }
    }

    /// Rows that a change makes its row refer to: table and captured key.
    pub(super) fn parents(&self, change: &QueuedChange) -> Vec<(String, String)> {
        let Some(table) = self.plan.table(&change.table) else { return Vec::new() };
        let parent_key = |reference: &Reference| {
            let parent = self.plan.table(&reference.table)?;
            let parts = parent.key_columns().map(|key| {
                let at = reference.referenced_columns.iter().position(|name| *name == key.name)?;
                captured_text(&change.changed, &table.columns[reference.columns[at]].name)
            });
            let parts: Vec<&str> = parts.collect::<Option<_>>()?;
            Some((parent.name.clone(), serde_json::to_string(&parts).ok()?))
        };
        table.references.iter().filter_map(parent_key).collect()
    }

    /// Numbers in the range of temporary keys that a change refers to, with the table that they are keys of.
    /// The row's own temporary key is not among them.
    pub(super) fn references(&self, change: &QueuedChange) -> Vec<(String, i64)> {
        let Some(table) = self.plan.table(&change.table) else { return Vec::new() };
        let mut found = Vec::new();
        let mut add = |position: usize, text: Option<&str>| {
            if let Some(number) = text.and_then(temporary_number)
                && table.temporary_key != Some(position)
            {
                let owners = self.plan.key_owners(table, position);
                found.extend(owners.iter().map(|owner| (owner.name.clone(), number)));
            }
        };
        for (name, value) in change.changed.iter().chain(&change.base) {
            if let Some(position) = table.position(name) {
                add(position, value.as_str());
            }
        }
        if let Ok(key) = RowKey::from_captured(table, &change.key) {
            for (&position, cell) in table.key.iter().zip(&key.cells) {
                add(position, captured_from_cell(cell).as_deref());
            }
        }
        found
    }
}

/// A number in the range of temporary keys; all of them have 16 digits.
pub(in crate::cache) fn temporary_number(text: &str) -> Option<i64> {
    if text.len() != 16 {
        return None;
    }
    text.parse().ok().filter(|number| (FIRST_TEMPORARY_KEY..=LAST_TEMPORARY_KEY).contains(number))
}
