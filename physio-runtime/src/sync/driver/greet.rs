//! Getting to know the bridge: its cursor, its fingerprint, and how its tables differ from the plan's.

use super::Driver;
use super::stream::{NoRows, Waiter, not_a_bridge};
use crate::bridge::Bridge;
use crate::bridge::wire::{BridgeError, StreamEnd, SyncRequest, TableDescription};
use crate::cache::{Cache, DriftClass, PushHold, ServerMemory, TableDrift};
use crate::event::Event;
use crate::sync::drift::{self, Comparison};
use crate::sync::machine::{Outcome, Paused};
use crate::sync::trouble::Trouble;
use physio_schema::plan::{Plan, TablePlan};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

type Done<T> = Result<T, Trouble>;

/// Names in one address; hosts cut long ones off.
const TABLES_PER_REQUEST: usize = 50;

/// The bridge's schema as it was last compared with the plan.
#[derive(Debug, Default)]
pub(super) struct ServerSchema {
    /// Empty before the first greeting.
    pub(super) fingerprint: String,
    /// Changes that the server cannot take.
    pub(super) hold: PushHold,
    drift: Vec<TableDrift>,
}

impl<B: Bridge> Driver<B> {
    pub(super) fn server(&self) -> Arc<ServerSchema> {
        Arc::clone(&self.server.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether an answer comes from another schema than the one that was compared.
    pub(super) fn is_other_schema(&self, fingerprint: &str) -> bool {
        let server = self.server();
        !server.fingerprint.is_empty() && server.fingerprint != fingerprint
    }

    pub(super) async fn greet(&self) -> Done<Outcome> {
        let known = self.server();
        let (end, compared) = self
            .blocking(move |cache, waiter, bridge| {
                let end = ask(waiter, bridge, Vec::new())?;
                match &end.cursor {
                    Some(cursor) if cache.pull_state()?.cursor.is_none() => {
                        cache.store_first_cursor(cursor, end.ack)?
                    }
                    Some(_) => {}
                    None => return Err(not_a_bridge("the answer has no cursor")),
                }
                if end.fingerprint == known.fingerprint {
                    return Ok((end, None));
                }
                let compared = compare(cache, waiter, bridge, &end)?;
                Ok((end, Some(compared)))
            })
            .await?;
        let is_reread = compared.as_ref().is_some_and(|compared| compared.is_reread);
        if let Some(compared) = compared {
            self.bridge.set_known_fingerprint(&end.fingerprint);
            self.learn(end.fingerprint, compared);
        }
        let plan = self.shared.cache.plan();
        let paused = self.server().drift.iter().filter_map(|drift| paused(plan, drift)).collect();
        Ok(Outcome::Greeted { paused, is_reread })
    }

    /// Takes over what was found, and tells what is new of it.
    fn learn(&self, fingerprint: String, compared: Compared) {
        let before = self.server();
        for drift in compared.drift.iter().filter(|drift| !before.drift.contains(drift)) {
            match drift.class {
                DriftClass::Compatible => tracing::info!(table = %drift.table, "{}", drift.message),
                DriftClass::Additive | DriftClass::BreaksCode => {
                    tracing::warn!(table = %drift.table, "{}", drift.message);
                }
            }
            self.shared.emit(Event::Drift(drift.clone()));
        }
        let now = ServerSchema { fingerprint, hold: compared.hold, drift: compared.drift };
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
    }
}

fn paused(plan: &Plan, drift: &TableDrift) -> Option<Paused> {
    let table = plan.tables.iter().position(|table| table.name == drift.table)?;
    Some(Paused { table, is_pull_paused: drift.is_pull_paused, trouble: drift.trouble()? })
}

/// The present cursor, the fingerprints, and the descriptions of some tables.
fn ask<B: Bridge>(waiter: &mut Waiter, bridge: &B, describe: Vec<String>) -> Done<StreamEnd> {
    let request = SyncRequest { since: None, tables: Vec::new(), limit: 1, describe };
    waiter.wait(bridge.sync(&request, &mut NoRows))
}

/// What came of comparing every table.
#[derive(Debug, Default)]
struct Compared {
    drift: Vec<TableDrift>,
    hold: PushHold,
    is_reread: bool,
}

fn compare<B: Bridge>(cache: &Cache, waiter: &mut Waiter, bridge: &B, end: &StreamEnd) -> Done<Compared> {
    let plan = cache.plan();
    let theirs = end.table_fingerprints.as_ref();
    if theirs.is_none() && end.fingerprint != plan.fingerprint {
        // A bridge that does not say which tables differ: there is nothing to compare and nothing to remember.
        return Ok(Compared::default());
    }
    let differs =
        |table: &&TablePlan| theirs.is_some_and(|theirs| theirs.get(&table.name) != Some(&table.fingerprint));
    let differing: Vec<&TablePlan> = plan.tables.iter().filter(differs).collect();
    let known = |table: &&&TablePlan| theirs.is_some_and(|theirs| theirs.contains_key(&table.name));
    let names: Vec<String> = differing.iter().filter(known).map(|table| table.name.clone()).collect();
    let described = describe(waiter, bridge, end, names)?;

    let before = cache.server_memory()?;
    let mut compared = Compared::default();
    let mut comparisons = BTreeMap::new();
    for table in differing {
        let once_matched =
            before.get(&table.name).is_some_and(|known| known.matched.as_ref() == Some(&table.fingerprint));
        let is_there = theirs.is_some_and(|theirs| theirs.contains_key(&table.name));
        let description =
            described.as_ref().and_then(|all| all.iter().find(|found| found.table == table.name));
        let comparison = match (is_there, description) {
            (true, None) => drift::undescribed(table),
            (_, description) => drift::compare(plan, table, description, once_matched),
        };
        compared.hold_of(&comparison);
        compared.drift.push(comparison.drift.clone());
        comparisons.insert(table.name.clone(), comparison);
    }
    let unknown = theirs.into_iter().flat_map(BTreeMap::keys).filter(|name| plan.table(name).is_none());
    compared.drift.extend(unknown.map(|name| drift::unknown_here(name)));
    compared.is_reread = remember(cache, plan, &before, comparisons)?;
    Ok(compared)
}

impl Compared {
    fn hold_of(&mut self, comparison: &Comparison) {
        let table = &comparison.drift.table;
        if comparison.drift.is_push_paused {
            self.hold.hold_table(table);
        }
        for (column, hold) in &comparison.holds {
            self.hold.hold_column(table, column, hold.clone());
        }
    }
}

/// `None`: the bridge is too old to describe its tables.
fn describe<B: Bridge>(
    waiter: &mut Waiter,
    bridge: &B,
    end: &StreamEnd,
    names: Vec<String>,
) -> Done<Option<Vec<TableDescription>>> {
    let mut described = Vec::new();
    for some in names.chunks(TABLES_PER_REQUEST) {
        match ask(waiter, bridge, some.to_vec()) {
            Ok(answer) if answer.fingerprint == end.fingerprint => described.extend(answer.described),
            Ok(_) => {
                return Err(Trouble::from(BridgeError::NotABridge {
                    status: 200,
                    message: "the bridge was replaced while it was asked".into(),
                    retry_after: None,
                }));
            }
            Err(trouble) if trouble.code == "bad_request" => return Ok(None),
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(Some(described))
}

/// Notes how the tables were compared. True when tables must be read again: a column of theirs came or its values
/// are spelt otherwise since their rows were read, which no feed of changes tells.
fn remember(
    cache: &Cache,
    plan: &Plan,
    before: &ServerMemory,
    mut comparisons: BTreeMap<String, Comparison>,
) -> Done<bool> {
    let mut now = ServerMemory::new();
    let mut read_again = Vec::new();
    for table in &plan.tables {
        let mut memory = before.get(&table.name).cloned().unwrap_or_default();
        match comparisons.remove(&table.name) {
            Some(Comparison { drift, differs, .. }) => {
                if must_read_again(&memory.differs, &differs) {
                    read_again.push(table.name.clone());
                }
                (memory.differs, memory.drift) = (differs, Some(drift));
            }
            None => {
                if !memory.differs.is_empty() {
                    read_again.push(table.name.clone());
                }
                (memory.differs, memory.drift) = (BTreeMap::new(), None);
                memory.matched = Some(table.fingerprint.clone());
            }
        }
        now.insert(table.name.clone(), memory);
    }
    if now != *before {
        cache.store_server_memory(&now, &read_again)?;
    }
    Ok(!read_again.is_empty())
}

/// A column that only went leaves nothing to read.
fn must_read_again(
    before: &BTreeMap<String, Option<String>>,
    now: &BTreeMap<String, Option<String>>,
) -> bool {
    before.keys().any(|column| before.get(column) != now.get(column))
        || now.iter().any(|(column, spelt)| spelt.is_some() && before.get(column) != Some(spelt))
}
