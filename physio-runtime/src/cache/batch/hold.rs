//! What stays in the outbox as long as the server's tables are not what the plan says.

use crate::cache::outbox::QueuedChange;
use crate::cache::report::Operation;
use physio_schema::codec::{check_wire, wire_from_captured};
use physio_schema::model::ColumnType;
use physio_schema::plan::{Plan, TablePlan};
use std::collections::BTreeMap;

/// Changes that must not be sent now. They stay queued; so does what depends on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushHold {
    tables: BTreeMap<String, TableHold>,
}

/// What of one table is held.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TableHold {
    All,
    Columns(BTreeMap<String, ColumnHold>),
}

/// Why a change of one column may not be sendable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnHold {
    /// The server does not know the column yet.
    Unknown,
    /// The server's column takes less than the plan's.
    Narrower {
        /// Its type there.
        column_type: ColumnType,
        /// Whether it takes NULL there.
        nullable: bool,
        /// Whether an INSERT may leave it out there.
        optional: bool,
    },
}

impl PushHold {
    /// Holds every change of a table.
    pub fn hold_table(&mut self, table: &str) {
        self.tables.insert(table.to_owned(), TableHold::All);
    }

    /// Holds the changes of a table that its column on the server cannot take.
    pub fn hold_column(&mut self, table: &str, column: &str, hold: ColumnHold) {
        let entry = self.tables.entry(table.to_owned());
        match entry.or_insert_with(|| TableHold::Columns(BTreeMap::new())) {
            TableHold::All => {}
            TableHold::Columns(columns) => {
                columns.insert(column.to_owned(), hold);
            }
        }
    }

    /// Whether one of these changes must wait; a unit is sent whole or not at all.
    pub(super) fn holds(&self, plan: &Plan, changes: &[QueuedChange]) -> bool {
        changes.iter().any(|change| match (self.tables.get(&change.table), plan.table(&change.table)) {
            (Some(TableHold::All), _) => true,
            (Some(TableHold::Columns(columns)), Some(table)) => {
                columns.iter().any(|(name, hold)| holds_change(table, name, hold, change))
            }
            (Some(TableHold::Columns(_)), None) | (None, _) => false,
        })
    }

    /// Whether the server does not know the column: what a change merely knew of it is left out.
    pub(super) fn is_unknown(&self, table: &str, column: &str) -> bool {
        match self.tables.get(table) {
            Some(TableHold::Columns(columns)) => matches!(columns.get(column), Some(ColumnHold::Unknown)),
            Some(TableHold::All) | None => false,
        }
    }
}

fn holds_change(table: &TablePlan, name: &str, hold: &ColumnHold, change: &QueuedChange) -> bool {
    let is_insert = match change.operation {
        Operation::Delete => return false,
        Operation::Insert => true,
        Operation::Update => false,
    };
    let value = change.changed.get(name);
    let text = value.and_then(serde_json::Value::as_str);
    match hold {
        // An insert that leaves it NULL says nothing that the server would miss.
        ColumnHold::Unknown => text.is_some() || (value.is_some() && !is_insert),
        ColumnHold::Narrower { column_type, nullable, optional } => match (value, text) {
            (None, _) => is_insert && !optional,
            (Some(_), None) => !nullable,
            (Some(_), Some(text)) => {
                let column = table.position(name).map(|position| &table.columns[position]);
                let wire = column.map(|column| wire_from_captured(column, Some(text)));
                // A text that is no value of the plan's own column is parked with its reason as ever.
                matches!(wire, Some(Ok(Some(wire))) if check_wire(column_type, &wire).is_err())
            }
        },
    }
}
