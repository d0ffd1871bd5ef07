//! One task of the machine: a request, and what it does to the cache.
//!
//! A streamed answer is read on a thread of its own, because the cache's sinks may block; the runtime's
//! threads never do, so this holds on a `current_thread` runtime too.

use super::Driver;
use super::stream::{Waiter, fetch_delta};
use super::tell::{push_events, row_events};
use crate::bridge::Bridge;
use crate::bridge::wire::BridgeError;
use crate::cache::{Cache, DeltaOutcome, PushReport, TableState, calendar};
use crate::event::Cause;
use crate::sync::machine::{Outcome, TableIndex, Task};
use crate::sync::trouble::{Trouble, TroubleKind};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

type Done<T> = Result<T, Trouble>;

impl<B: Bridge> Driver<B> {
    /// Runs a task to its end.
    ///
    /// `following` is the table whose page is likely to come after this one.
    pub(super) async fn run(&self, task: Task, following: Option<TableIndex>) -> Outcome {
        self.try_run(task, following).await.unwrap_or_else(Outcome::Failed)
    }

    async fn try_run(&self, task: Task, following: Option<TableIndex>) -> Done<Outcome> {
        // What another task learns is not in a page that was read before it. A push without changes learns nothing.
        if !matches!(task, Task::Page { .. } | Task::Push { .. }) {
            self.ahead.drop_page();
        }
        match task {
            Task::LoadProgress => self.load_progress().await,
            Task::Push { held } => self.push(held).await,
            Task::RefuseInFlight { code, field } => {
                let report =
                    self.on_cache(move |cache| cache.refuse_in_flight(&code, field.as_deref())).await?;
                self.tell_push(report);
                Ok(Outcome::Done)
            }
            Task::Greet => self.greet().await,
            Task::Page { table } => match self.page(table, following).await {
                Ok(outcome) => Ok(outcome),
                Err(trouble) => Ok(self.page_failed(table, trouble).await),
            },
            Task::Delta { tables } => self.delta(tables).await,
            Task::TryDelta { table } => {
                let names = vec![self.name(table)];
                self.blocking(move |cache, waiter, bridge| fetch_delta(cache, waiter, bridge, names)).await?;
                Ok(Outcome::Done)
            }
            Task::Audit { table, tables } => self.audit(table, tables).await,
            Task::Reread { table } => {
                let name = self.name(table);
                self.on_cache(move |cache| cache.restart_table(&name)).await?;
                Ok(Outcome::Done)
            }
            Task::RestartPull { last_batch } => {
                self.on_cache(move |cache| {
                    if let Some(last_batch) = last_batch {
                        cache.restart_batches(last_batch)?;
                    }
                    cache.restart_pull()
                })
                .await?;
                Ok(Outcome::Done)
            }
        }
    }

    async fn load_progress(&self) -> Done<Outcome> {
        let state = self.on_cache(Cache::pull_state).await?;
        let plan = self.shared.cache.plan();
        let incomplete = state.tables.iter().filter(|table| table.state != TableState::Complete);
        let position = |name: &str| plan.tables.iter().position(|known| known.name == name);
        Ok(Outcome::Loaded {
            has_cursor: state.cursor.is_some(),
            incomplete: incomplete
                .filter_map(|table| Some((position(&table.table)?, table.state == TableState::Pulling)))
                .collect(),
        })
    }

    async fn push(&self, held: Vec<TableIndex>) -> Done<Outcome> {
        let mut hold = self.server().hold.clone();
        held.into_iter().for_each(|table| hold.hold_table(&self.name(table)));
        let Some(outgoing) = self.on_cache(move |cache| cache.next_batch_without(&hold)).await? else {
            return Ok(Outcome::Pushed { sent: false, is_other_schema: false });
        };
        self.ahead.drop_page();
        let (batch, bytes) = (outgoing.batch, outgoing.bytes);
        let answer = self.blocking(move |_, waiter, bridge| waiter.wait(bridge.push(&bytes))).await?;
        if answer.batch != batch {
            return Err(Trouble::from(BridgeError::NotABridge {
                status: 200,
                message: "the answer belongs to another batch".into(),
                retry_after: None,
            }));
        }
        let is_other_schema = self.is_other_schema(&answer.fingerprint);
        let report = self.on_cache(move |cache| cache.apply_answer(&answer)).await?;
        self.tell_push(report);
        Ok(Outcome::Pushed { sent: true, is_other_schema })
    }

    fn tell_push(&self, report: PushReport) {
        for event in push_events(report) {
            self.shared.emit(event);
        }
    }

    pub(super) async fn delta(&self, tables: Vec<TableIndex>) -> Done<Outcome> {
        let names: Vec<String> = tables.iter().map(|&table| self.name(table)).collect();
        let (end, outcome, fresh) = self
            .blocking(move |cache, waiter, bridge| {
                let (counted, end) = fetch_delta(cache, waiter, bridge, names.clone())?;
                let outcome = cache.apply_delta(counted.sink, &end)?;
                let mut fresh = Vec::new();
                if matches!(outcome, DeltaOutcome::Applied(_)) {
                    // A table whose first pull broke off follows the delta too, but it is not in sync.
                    let known = cache.pull_state()?.tables;
                    let complete = known.into_iter().filter(|table| table.state == TableState::Complete);
                    fresh.extend(complete.map(|table| table.table).filter(|name| names.contains(name)));
                    let n_rows = |name: &String| counted.n_rows.get(name).copied().unwrap_or(0);
                    let noted: Vec<(&str, u64)> =
                        fresh.iter().map(|name| (name.as_str(), n_rows(name))).collect();
                    cache.store_sync_successes(&noted)?;
                }
                Ok((end, outcome, fresh))
            })
            .await?;
        match outcome {
            DeltaOutcome::PushFirst => Ok(Outcome::PushFirst),
            DeltaOutcome::Applied(changes) => {
                for table in tables.into_iter().filter(|&table| fresh.contains(&self.name(table))) {
                    self.shared.freshness.set_age(table, std::time::Duration::ZERO);
                }
                for event in row_events(changes, Cause::Pull) {
                    self.shared.emit(event);
                }
                Ok(Outcome::Polled { is_other_schema: self.is_other_schema(&end.fingerprint) })
            }
        }
    }

    pub(super) fn name(&self, table: TableIndex) -> String {
        self.shared.cache.plan().tables[table].name.clone()
    }

    /// Runs a call of the cache where it may block.
    pub(super) async fn on_cache<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Cache) -> crate::Result<T> + Send + 'static,
    ) -> Done<T> {
        let cache = self.shared.cache.clone();
        if cache.is_simulated() {
            return call(&cache).map_err(Trouble::from);
        }
        self.joined(tokio::task::spawn_blocking(move || call(&cache).map_err(Trouble::from))).await
    }

    /// Runs a streamed request where its sink may block. Dropping the future ends the request.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Cache, &mut Waiter, &B) -> Done<T> + Send + 'static,
    ) -> Done<T> {
        let (cache, bridge) = (self.shared.cache.clone(), Arc::clone(&self.bridge));
        let (_dropped_with_this_future, cancelled) = oneshot::channel();
        let handle = Handle::current();
        let mut waiter = Waiter::new(handle, cancelled);
        let call = calendar::carried(move || call(&cache, &mut waiter, &bridge));
        self.joined(tokio::task::spawn_blocking(call)).await
    }

    pub(super) async fn joined<T>(&self, task: tokio::task::JoinHandle<Done<T>>) -> Done<T> {
        task.await.unwrap_or_else(|_| {
            Err(Trouble {
                kind: TroubleKind::Local,
                code: "local".into(),
                field: None,
                text: "a step of the sync ended unexpectedly; it is tried again".into(),
                retry_after: None,
                last_batch: None,
            })
        })
    }
}
