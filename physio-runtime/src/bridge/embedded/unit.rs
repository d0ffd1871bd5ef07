//! Units: each applied whole or not at all, and parked together with what it depends on.

use super::change::{Applied, ChangeContext, ChangeFailure};
use super::refusal::Stop;
use super::rights::Rights;
use super::spelling;
use crate::bridge::wire::{Change, KeptColumns, MappedKey, Unit, UnitOutcome, UnitStatus};
use physio_schema::plan::{Plan, TablePlan};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A row that the answer must show.
#[derive(Debug, Clone)]
pub(super) struct Touched {
    pub(super) table: String,
    pub(super) key: Vec<Value>,
    pub(super) wire_key: Vec<String>,
}

/// What a whole batch came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) units: Vec<UnitOutcome>,
    pub(super) keys: Vec<MappedKey>,
    pub(super) touched: Vec<Touched>,
}

/// A batch while it runs.
pub(super) struct Run<'a> {
    store: &'a Connection,
    plan: &'a Plan,
    rights: Rights<'a>,
    /// Keys given to temporary rows, by table and temporary key.
    given: HashMap<(String, String), String>,
    /// Of those, the ones of the device's batch before.
    earlier: HashMap<(String, String), String>,
    /// Of those again, the ones that this batch refers to: the answer that named them may never have arrived.
    again: RefCell<BTreeSet<(String, String)>>,
    /// Temporary rows of units that were not applied, with the unit.
    parked_temps: HashMap<(String, String), String>,
    /// Rows that units not applied wanted to change, with the unit.
    parked_rows: HashMap<(String, Vec<String>), String>,
    /// Of those, the rows that would have been made.
    parked_inserts: HashMap<(String, Vec<String>), String>,
    outcome: Outcome,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        store: &'a Connection,
        plan: &'a Plan,
        rights: Rights<'a>,
        earlier: HashMap<(String, String), String>,
    ) -> Self {
        Self {
            store,
            plan,
            rights,
            given: earlier.clone(),
            earlier,
            again: RefCell::default(),
            parked_temps: HashMap::new(),
            parked_rows: HashMap::new(),
            parked_inserts: HashMap::new(),
            outcome: Outcome::default(),
        }
    }

    /// Applies one unit in a savepoint of its own.
    pub(super) fn apply_unit(&mut self, unit: &Unit) -> Result<(), Stop> {
        self.store.execute_batch("SAVEPOINT unit")?;
        let given_before = self.given.clone();
        let mut keys: BTreeMap<(String, String), String> = BTreeMap::new();
        let mut touched: Vec<Touched> = Vec::new();
        let mut kept: Vec<KeptColumns> = Vec::new();
        let mut failure: Option<(usize, ChangeFailure)> = None;
        for (index, change) in unit.changes.iter().enumerate() {
            match self.apply_change(change) {
                Ok(applied) => {
                    if let Some((temp, key)) = applied.mapped {
                        self.given.insert(temp.clone(), key.clone());
                        keys.insert(temp, key);
                    }
                    touched.extend(applied.touched);
                    kept.extend(applied.kept);
                }
                Err(failed) => {
                    failure = Some((index, failed));
                    break;
                }
            }
        }
        let Some((index, failed)) = failure else {
            self.store.execute_batch("RELEASE unit")?;
            let mapped = |((table, temp), key)| MappedKey { table, temp, key };
            self.outcome.keys.extend(keys.into_iter().map(mapped));
            self.outcome.touched.extend(touched);
            self.outcome.units.push(UnitOutcome { kept, ..outcome_of(unit, UnitStatus::Applied) });
            return Ok(());
        };
        self.store.execute_batch("ROLLBACK TO unit; RELEASE unit")?;
        self.given = given_before;
        let ChangeFailure::Unit { status, code, field, blocked_by } = failed else {
            let error = failed.into_store_error();
            return Err(match self.plan.table(unit.changes[index].table()) {
                Some(table) => Stop::in_table(error, table),
                None => error.into(),
            });
        };
        self.park(unit, status);
        self.outcome.units.push(UnitOutcome {
            change: Some(index),
            code: Some(code.to_owned()),
            field,
            blocked_by,
            ..outcome_of(unit, status)
        });
        Ok(())
    }

    pub(super) fn finish(mut self) -> Outcome {
        for place in self.again.into_inner() {
            if let Some(key) = self.earlier.remove(&place) {
                let (table, temp) = place;
                self.outcome.keys.push(MappedKey { table, temp, key });
            }
        }
        self.outcome
    }

    fn apply_change(&self, change: &Change) -> Result<Applied, ChangeFailure> {
        let context = self.context();
        let table = context.table_of(change)?;
        if let Some(unit) =
            self.parked_row(&context, table, change).or_else(|| self.parked_parent(table, change))
        {
            return Err(ChangeFailure::blocked(unit));
        }
        context.apply(table, change)
    }

    /// The unit that wanted the same row and was not applied.
    fn parked_row(&self, context: &ChangeContext<'_>, table: &TablePlan, change: &Change) -> Option<&String> {
        let key = context.named_key(table, change)?;
        self.parked_rows.get(&(table.name.clone(), key))
    }

    /// The unit that would have made the parent of this row and was not applied: the row waits with it, also
    /// where no foreign key would stop it.
    fn parked_parent(&self, table: &TablePlan, change: &Change) -> Option<&String> {
        let (Change::Insert { values, .. } | Change::Update { values, .. }) = change else { return None };
        table.references.iter().find_map(|reference| {
            let parent = self.plan.table(&reference.table)?;
            let is_by_key = parent.key_columns().map(|column| &column.name).eq(&reference.referenced_columns);
            let part =
                |&position: &usize| values.get(&table.columns[position].name)?.as_str().map(str::to_owned);
            let key: Vec<String> = reference.columns.iter().map(part).collect::<Option<_>>()?;
            is_by_key.then(|| self.parked_inserts.get(&(parent.name.clone(), key)))?
        })
    }

    /// Remembers what a unit that was not applied wanted, so that later units that need it are blocked.
    fn park(&mut self, unit: &Unit, status: UnitStatus) {
        for change in &unit.changes {
            let plan = self.plan;
            let Some(table) = plan.table(change.table()) else { continue };
            let named = self.context().named_key(table, change);
            if let Change::Insert { temp: Some(temp), .. } = change {
                self.parked_temps.insert((table.name.clone(), temp.clone()), unit.unit.clone());
            }
            let Some(wire_key) = named else { continue };
            if status == UnitStatus::Conflict
                && let Ok(key) = spelling::stored_key(table, &wire_key)
            {
                self.outcome.touched.push(Touched {
                    table: table.name.clone(),
                    key,
                    wire_key: wire_key.clone(),
                });
            }
            if let Change::Insert { .. } = change {
                let row = (table.name.clone(), wire_key.clone());
                self.parked_inserts.entry(row).or_insert_with(|| unit.unit.clone());
            }
            self.parked_rows.entry((table.name.clone(), wire_key)).or_insert_with(|| unit.unit.clone());
        }
    }

    fn context(&self) -> ChangeContext<'_> {
        ChangeContext {
            store: self.store,
            plan: self.plan,
            rights: self.rights,
            given: &self.given,
            earlier: &self.earlier,
            again: &self.again,
            parked: &self.parked_temps,
        }
    }
}

fn outcome_of(unit: &Unit, status: UnitStatus) -> UnitOutcome {
    UnitOutcome {
        unit: unit.unit.clone(),
        status,
        change: None,
        code: None,
        field: None,
        blocked_by: None,
        kept: Vec::new(),
    }
}
